//! The test sound: a tone for the first tenth of each Unix second, silence between.

use gst::ClockTime;

use super::SIGNAL_MILLIS;
use super::unix_nanos;
use crate::capture::error::SourceError;
use crate::capture::outlet::SoundOutlet;
use crate::capture::worker::Worker;
use crate::capture::{CHANNELS, SAMPLE_RATE, Sound, clock_time, wall_clock_time};

/// In hertz. A whole number of waves fits the beep, so that it ends without a click.
const TONE: f64 = 1000.0;
/// Loud enough to be found at once, and not unpleasant.
const LOUDNESS: f64 = 0.25;
/// Samples that are made at once: 20 ms.
const CHUNK: u64 = SAMPLE_RATE as u64 / 50;
const SECOND: u64 = 1_000_000_000;
const CHUNK_DURATION: ClockTime = ClockTime::from_nseconds(CHUNK * SECOND / SAMPLE_RATE as u64);
/// Behind by more, the computer has slept; what it slept through is left out.
const BACKLOG: ClockTime = ClockTime::SECOND;

/// Starts to beep.
pub(super) fn start(outlet: SoundOutlet) -> Result<Worker, SourceError> {
    let mut captured_at = clock_time();
    Worker::start("test sound", move || {
        let now = clock_time();
        if now > captured_at + BACKLOG {
            captured_at = now;
        }
        // As from a microphone, sound is there when it has been heard to its end.
        if now >= captured_at + CHUNK_DURATION {
            let samples = samples(unix_nanos(wall_clock_time(captured_at)));
            outlet.deliver(Sound {
                samples,
                captured_at,
            });
            captured_at += CHUNK_DURATION;
        }
        let due = captured_at + CHUNK_DURATION;
        Ok(due.saturating_sub(clock_time()).into())
    })
}

/// A chunk of the sound that begins at this Unix time.
fn samples(unix_nanos: u64) -> Vec<f32> {
    let mut samples = Vec::with_capacity(CHUNK as usize * CHANNELS);
    for sample in 0..CHUNK {
        let in_second = (unix_nanos + sample * SECOND / u64::from(SAMPLE_RATE)) % SECOND;
        let level = if in_second < SIGNAL_MILLIS * 1_000_000 {
            let seconds = in_second as f64 / SECOND as f64;
            (LOUDNESS * (std::f64::consts::TAU * TONE * seconds).sin()) as f32
        } else {
            0.0
        };
        samples.extend([level; CHANNELS]);
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_silent(samples: &[f32]) -> bool {
        samples.iter().all(|&sample| sample == 0.0)
    }

    #[test]
    fn it_beeps_in_the_first_tenth_of_a_second_only() {
        let at = |millis: u64| samples(7 * SECOND + millis * 1_000_000);
        assert!(!is_silent(&at(0)) && !is_silent(&at(80)));
        assert!(is_silent(&at(100)) && is_silent(&at(500)) && is_silent(&at(980)));
    }

    #[test]
    fn the_beep_begins_within_a_chunk_at_the_very_sample() {
        let samples = samples(8 * SECOND - 10_000_000);
        let silent = 480 * CHANNELS;
        assert!(is_silent(&samples[..silent]));
        // A sine begins at nothing.
        assert!(
            samples[silent + CHANNELS..]
                .iter()
                .any(|&sample| sample > 0.2)
        );
    }
}
