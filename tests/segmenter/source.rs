//! A source that flashes and beeps each second, with a microphone that behaves as told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use liveontorrent::capture::{CHANNELS, MediaReceiver, Picture, SAMPLE_RATE, Sound, clock_time};
use liveontorrent::segmenter::Resolution;

/// How sound comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Microphone {
    /// 10 ms at a time, as soon as they are over.
    Prompt,
    /// Prompt, and nothing to hear.
    Silent,
    /// So much later than that.
    Late(Duration),
    /// Not at all.
    Absent,
    /// So much at a time.
    Bursty(Duration),
}

/// How long a flash and a beep last.
const FLASH: Duration = Duration::from_millis(100);
const BLOCK: Duration = Duration::from_millis(10);
const TONE: f32 = 1000.0;

/// What is captured.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    pub resolution: Resolution,
    /// Pictures a second; none if it is 0.
    pub rate: u32,
    pub microphone: Microphone,
}

impl Source {
    /// Delivers in real time until it is told to stop.
    pub fn run(&self, receiver: &dyn MediaReceiver, stop: &AtomicBool) {
        let began = clock_time();
        let pictures = Pictures::new(self.resolution);
        let at = |time: Duration| began + gst::ClockTime::try_from(time).unwrap();
        let mut next_picture = 0_u32;
        let mut next_block = 0_u32;
        while !stop.load(Ordering::Relaxed) {
            let now = Duration::from(clock_time() - began);
            while self.rate > 0 && now >= picture_time(next_picture, self.rate) {
                let captured = picture_time(next_picture, self.rate);
                receiver.picture(Picture {
                    buffer: pictures.at(captured, next_picture),
                    captured_at: at(captured),
                });
                next_picture += 1;
            }
            while let Some(due) = self.block_due(next_block)
                && now >= due
            {
                let captured = BLOCK * next_block;
                receiver.sound(Sound {
                    samples: self.samples(captured),
                    captured_at: at(captured),
                });
                next_block += 1;
            }
            sleep(Duration::from_millis(2));
        }
    }

    fn block_due(&self, block: u32) -> Option<Duration> {
        let end = BLOCK * (block + 1);
        match self.microphone {
            Microphone::Absent => None,
            Microphone::Prompt | Microphone::Silent => Some(end),
            Microphone::Late(by) => Some(end + by),
            Microphone::Bursty(length) => {
                let bursts = end.as_nanos().div_ceil(length.as_nanos());
                Some(length * u32::try_from(bursts).unwrap())
            }
        }
    }

    fn samples(&self, from: Duration) -> Vec<f32> {
        let loud = self.microphone != Microphone::Silent && is_flash(from);
        let first = (from.as_secs_f64() * f64::from(SAMPLE_RATE)).round() as u32;
        let length = SAMPLE_RATE / 100;
        (first..first + length)
            .flat_map(|sample| {
                let phase = sample as f32 * TONE / SAMPLE_RATE as f32 * std::f32::consts::TAU;
                [if loud { phase.sin() * 0.8 } else { 0.0 }; CHANNELS]
            })
            .collect()
    }
}

fn picture_time(number: u32, rate: u32) -> Duration {
    Duration::from_secs(1) * number / rate
}

/// In the middle of each second, so that the first is not lost while things begin.
fn is_flash(at: Duration) -> bool {
    let within = Duration::from_nanos(at.subsec_nanos().into());
    let begin = Duration::from_millis(500);
    (begin..begin + FLASH).contains(&within)
}

/// Noise that differs from picture to picture, and white.
struct Pictures {
    noise: Vec<gst::Buffer>,
    white: gst::Buffer,
}

impl Pictures {
    fn new(resolution: Resolution) -> Self {
        let luma = (resolution.width * resolution.height) as usize;
        let info = gst_video::VideoInfo::builder(
            gst_video::VideoFormat::I420,
            resolution.width,
            resolution.height,
        )
        .build()
        .unwrap();
        let picture = |mut value: Box<dyn FnMut() -> u8>| {
            let mut planes = vec![128; info.size()];
            planes[..luma].fill_with(&mut value);
            gst::Buffer::from_mut_slice(planes)
        };
        let noise = (1..=4_u32)
            .map(|seed| {
                let mut state = seed;
                picture(Box::new(move || {
                    // Xorshift; between dark and middle grey.
                    state ^= state << 13;
                    state ^= state >> 17;
                    state ^= state << 5;
                    16 + (state % 64) as u8
                }))
            })
            .collect();
        Self {
            noise,
            white: picture(Box::new(|| 235)),
        }
    }

    fn at(&self, captured: Duration, number: u32) -> gst::Buffer {
        if is_flash(captured) {
            self.white.clone()
        } else {
            self.noise[number as usize % self.noise.len()].clone()
        }
    }
}
