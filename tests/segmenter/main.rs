//! Real encoders and the real muxer, judged by ffprobe and ffmpeg.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod recording;
mod source;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use liveontorrent::segmenter::{EncoderChoice, Encoding, Resolution, available_encoders};

use recording::{Packet, Recording, record, record_whole};
use source::{Microphone, Source};

const SMALL: Resolution = Resolution {
    width: 320,
    height: 180,
};

/// Seconds of an AAC frame.
const SOUND_PACKET: f64 = 1024.0 / 48_000.0;

fn encoding(segment_ms: u64, encoder: EncoderChoice) -> Encoding {
    Encoding {
        resolution: SMALL,
        video_bitrate: "600k".parse().unwrap(),
        segment_duration: Duration::from_millis(segment_ms),
        encoder,
        ..Encoding::default()
    }
}

fn source(microphone: Microphone) -> Source {
    Source {
        resolution: SMALL,
        rate: 30,
        microphone,
    }
}

/// One recording at a time: they are made in real time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn x264(segment_ms: u64, microphone: Microphone, seconds: u64) -> Recording {
    record_whole(
        &encoding(segment_ms, EncoderChoice::X264),
        source(microphone),
        Duration::from_secs(seconds),
    )
}

/// Everything that must be true of each recording that lost no picture.
fn check_segments(recording: &Recording) {
    assert_eq!(recording.streams(), "h264,High\naac,LC\n");
    let packets = recording.packets();
    let fps = f64::from(recording.encoding.frames_per_second);
    let near = |a: f64, b: f64| (a - b).abs() < 0.001;
    let (mut next_picture, mut next_sound) = (0.0, 0.0);
    let mut key_frames = Vec::new();
    for (number, (inside, segment)) in packets.iter().zip(&recording.segments).enumerate() {
        let (video, sound): (Vec<_>, Vec<_>) = inside.iter().partition(|packet| packet.video);
        assert!(!video.is_empty(), "segment {number} has no picture");
        assert!(!sound.is_empty(), "segment {number} has no sound");
        let begin = segment.presentation_time.as_secs_f64();
        assert!(near(begin, video[0].time), "{segment:?}");
        continuous(&video, 1.0 / fps, &mut next_picture);
        continuous(&sound, SOUND_PACKET, &mut next_sound);
        let end = (segment.presentation_time + segment.duration).as_secs_f64();
        assert!(near(end, next_picture), "{segment:?}");
        assert_eq!(
            segment.key_frame,
            video.first().is_some_and(|first| first.key_frame)
        );
        assert!(video.iter().skip(1).all(|packet| !packet.key_frame));
        key_frames.extend(
            video
                .iter()
                .filter(|packet| packet.key_frame)
                .map(|packet| packet.time),
        );
    }
    let interval = (recording.encoding.key_frame_interval.as_secs_f64() * fps).ceil() / fps;
    for (number, time) in key_frames.iter().enumerate() {
        assert!(near(*time, number as f64 * interval), "{key_frames:?}");
    }
    let asked = recording.encoding.segment_duration.as_secs_f64();
    let longest = recording
        .segments
        .iter()
        .map(|segment| segment.duration.as_secs_f64());
    assert!(longest.fold(0.0, f64::max) < asked + 1.0 / fps);
}

fn continuous(packets: &[&Packet], duration: f64, next: &mut f64) {
    for packet in packets {
        assert!(
            (packet.time - *next).abs() < 0.002,
            "{packet:?} is not at {next}"
        );
        *next = packet.time + duration;
    }
}

/// Flash and beep of each second, within 40 ms of each other.
fn check_sync(recording: &Recording, at_least: usize) {
    let (flashes, beeps) = (recording.flashes(), recording.beeps());
    let pairs: Vec<_> = flashes
        .iter()
        .filter_map(|flash| {
            let beep = beeps.iter().find(|beep| (*beep - flash).abs() < 0.4)?;
            Some(beep - flash)
        })
        .collect();
    println!("beep after flash: {pairs:.3?}");
    assert!(pairs.len() >= at_least, "{flashes:?} {beeps:?}");
    assert!(
        pairs.iter().all(|difference| difference.abs() < 0.040),
        "{pairs:?}"
    );
}

#[test]
fn a_prompt_source_makes_segments_that_players_take() {
    let _alone = alone();
    let recording = x264(250, Microphone::Prompt, 6);
    assert_eq!(recording.init.codecs, "avc1.64000d,mp4a.40.2");
    assert_eq!(recording.stats.encoder, "x264");
    check_segments(&recording);
    check_sync(&recording, 4);
}

/// Runs a prompt, a silent, a late, an absent and a bursty microphone at once.
fn every_microphone(segment_ms: u64) {
    let _alone = alone();
    let microphones = [
        Microphone::Prompt,
        Microphone::Silent,
        Microphone::Late(Duration::from_millis(300)),
        Microphone::Absent,
        Microphone::Bursty(Duration::from_millis(200)),
    ];
    std::thread::scope(|scope| {
        for microphone in microphones {
            scope.spawn(move || {
                let recording = x264(segment_ms, microphone, 7);
                check_segments(&recording);
                if !matches!(microphone, Microphone::Silent | Microphone::Absent) {
                    check_sync(&recording, 4);
                }
            });
        }
    });
}

#[test]
fn segments_of_100_ms_carry_their_sound_whatever_the_microphone_does() {
    every_microphone(100);
}

#[test]
fn segments_of_250_ms_carry_their_sound_whatever_the_microphone_does() {
    every_microphone(250);
}

#[test]
fn segments_of_2_s_carry_their_sound_whatever_the_microphone_does() {
    every_microphone(2000);
}

#[test]
fn segments_that_do_not_divide_the_interval_are_cut_at_key_frames_all_the_same() {
    let _alone = alone();
    let mut encoding = encoding(300, EncoderChoice::X264);
    encoding.frames_per_second = 25;
    encoding.key_frame_interval = Duration::from_millis(1100);
    let recording = record_whole(
        &encoding,
        source(Microphone::Prompt),
        Duration::from_secs(5),
    );
    check_segments(&recording);
    check_sync(&recording, 3);
}

#[test]
fn every_encoder_of_this_machine_makes_the_same() {
    let _alone = alone();
    let encoders = available_encoders();
    assert!(encoders.contains(&EncoderChoice::X264), "{encoders:?}");
    for encoder in encoders {
        let encoding = encoding(250, encoder);
        let recording = record_whole(
            &encoding,
            source(Microphone::Prompt),
            Duration::from_secs(5),
        );
        check_segments(&recording);
        check_sync(&recording, 3);
    }
}

#[test]
fn a_source_without_pictures_is_black_and_one_that_ends_stands_still() {
    let _alone = alone();
    let mut source = source(Microphone::Prompt);
    source.rate = 0;
    let encoding = encoding(250, EncoderChoice::X264);
    let recording = record_whole(&encoding, source, Duration::from_secs(3));
    check_segments(&recording);
    assert!(recording.flashes().is_empty());
}

#[test]
fn an_encoder_that_is_too_slow_loses_pictures_and_not_time() {
    let _alone = alone();
    let huge = Resolution {
        width: 3840,
        height: 2160,
    };
    let encoding = Encoding {
        resolution: huge,
        frames_per_second: 60,
        video_bitrate: "20M".parse().unwrap(),
        ..encoding(250, EncoderChoice::X264)
    };
    let source = Source {
        resolution: huge,
        rate: 60,
        microphone: Microphone::Prompt,
    };
    let recording = record(&encoding, source, Duration::from_secs(12));
    println!("{:?} {:.2?}", recording.stats, recording.lags);
    let frames = 12 * 60;
    assert!(recording.stats.dropped_frames > frames / 10);
    let longest = |lags: &[Duration]| *lags.iter().max().unwrap();
    let (early, late) = recording.lags.split_at(recording.lags.len() / 2);
    assert!(longest(late) < longest(early) * 2 + Duration::from_secs(1));
    // Sound is whole, and every key frame still begins a segment.
    let mut next_sound = 0.0;
    for (packets, segment) in recording.packets().iter().zip(&recording.segments) {
        let (video, sound): (Vec<_>, Vec<_>) = packets.iter().partition(|packet| packet.video);
        continuous(&sound, SOUND_PACKET, &mut next_sound);
        assert_eq!(
            segment.key_frame,
            video.first().is_some_and(|first| first.key_frame)
        );
        assert!(video.iter().skip(1).all(|packet| !packet.key_frame));
    }
}
