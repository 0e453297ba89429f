//! The test source.

use std::time::UNIX_EPOCH;

use liveontorrent::capture::{
    CHANNELS, Picture, SAMPLE_RATE, SoundSource, SourceState, VideoSource, read_strip,
    wall_clock_time,
};

use crate::collector::{Collected, FORMAT, capture, wait_for_state};
use crate::luma::luma_at;

fn strip_of(picture: &Picture) -> Option<u64> {
    let width = FORMAT.resolution.width as usize;
    let map = picture.buffer.map_readable().unwrap();
    read_strip(&map, width, width)
}

fn unix_millis(at: gst::ClockTime) -> i64 {
    let since = wall_clock_time(at).duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[test]
fn a_pictures_strip_says_when_it_was_captured() {
    let (capture, collector) = capture(VideoSource::Test, SoundSource::None);
    collector.picture_after(30);
    collector.wait_for("a look at the pictures", |collected| {
        let pictures = &collected.pictures;
        let apart = pictures.iter().map(|picture| {
            let strip = strip_of(picture).expect("a strip") as i64;
            (unix_millis(picture.captured_at) % (1 << 40) - strip).abs()
        });
        // A busy machine may stop a thread between looking at its two clocks, so a few may seem to be off.
        let off = apart.filter(|&millis| millis > 5).count();
        assert!(off * 10 <= pictures.len(), "{off} of {}", pictures.len());
        Some(())
    });
    let state = wait_for_state(&capture, "running", |state| {
        state.video == SourceState::Running
    });
    assert_eq!(state.sound, SourceState::Running);
}

#[test]
fn pictures_are_evenly_spaced_and_of_the_format() {
    let (_capture, collector) = capture(VideoSource::Test, SoundSource::None);
    collector.picture_after(30);
    collector.wait_for("a look at the pictures", |collected| {
        for pair in collected.pictures.windows(2) {
            assert!(pair[0].captured_at < pair[1].captured_at);
        }
        let size = (FORMAT.resolution.width * FORMAT.resolution.height) as usize;
        assert!(
            collected
                .pictures
                .iter()
                .all(|picture| picture.buffer.size() == size * 3 / 2)
        );
        Some(())
    });
}

#[test]
fn flash_and_beep_are_at_the_same_instant() {
    let (_capture, collector) = capture(VideoSource::Test, SoundSource::Own);
    let (flash, beep) = collector.wait_for("a flash and its beep", |collected| {
        // The first picture may be in the middle of a flash.
        let flash = collected.pictures.windows(2).rev().find_map(|pair| {
            let began = !is_lit(&pair[0]) && is_lit(&pair[1]);
            began.then_some(pair[1].captured_at)
        })?;
        let beep = beeps(collected)
            .into_iter()
            .find(|beep| beep.nseconds().abs_diff(flash.nseconds()) < 500_000_000)?;
        Some((flash, beep))
    });
    let apart = flash.nseconds().abs_diff(beep.nseconds()) / 1_000_000;
    assert!(apart <= 40, "{apart} ms apart");
}

fn is_lit(picture: &Picture) -> bool {
    picture.buffer.size() > 0 && luma_at(picture, 850, 300) > 200
}

/// When each beep began.
fn beeps(collected: &Collected) -> Vec<gst::ClockTime> {
    let mut beeps = Vec::new();
    let mut quiet_for = 0;
    for sound in &collected.sounds {
        for (number, pair) in sound.samples.chunks(CHANNELS).enumerate() {
            if pair[0].abs() < 0.01 {
                quiet_for += 1;
                continue;
            }
            if quiet_for > SAMPLE_RATE / 10 {
                let nanos = number as u64 * 1_000_000_000 / u64::from(SAMPLE_RATE);
                beeps.push(sound.captured_at + gst::ClockTime::from_nseconds(nanos));
            }
            quiet_for = 0;
        }
    }
    beeps
}
