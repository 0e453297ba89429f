//! Other sources and formats, picked while capture runs.

use std::sync::Arc;

use liveontorrent::capture::{
    Capture, Input, PictureFormat, SoundSource, SourceState, VideoSource, read_strip,
};
use liveontorrent::segmenter::Resolution;

use crate::collector::{Collector, FORMAT, PATIENCE, capture, wait_for_state};

fn input(video: VideoSource, sound: SoundSource) -> Input {
    Input { video, sound }
}

#[test]
fn after_a_source_that_does_not_work_another_one_delivers() {
    let missing = VideoSource::File("/nowhere/clip.mp4".into());
    let (capture, collector) = capture(missing, SoundSource::None);
    wait_for_state(&capture, "gone", |state| {
        matches!(state.video, SourceState::Gone(_))
    });
    capture.set_input(input(VideoSource::Test, SoundSource::Own));
    wait_for_state(&capture, "running", |state| {
        state.video == SourceState::Running && state.sound == SourceState::Running
    });
    collector.picture_after(10);
    // No straggler of the first source comes in between, and times only grow.
    collector.wait_for("a look at the pictures", |collected| {
        let times: Vec<_> = collected
            .pictures
            .iter()
            .map(|picture| picture.captured_at)
            .collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
        Some(())
    });
}

#[test]
fn another_sound_leaves_the_picture_running() {
    let (capture, collector) = capture(VideoSource::Test, SoundSource::None);
    collector.picture_after(5);
    wait_for_state(&capture, "running", |state| {
        state.video == SourceState::Running
    });
    let states = capture.states();
    capture.set_input(input(VideoSource::Test, SoundSource::Own));
    collector.wait_for("sound", |collected| {
        (!collected.sounds.is_empty()).then_some(())
    });
    collector.picture_after(5);
    assert_eq!(states.borrow().video, SourceState::Running);
}

#[test]
fn pictures_come_in_another_format_once_it_is_set() {
    let (capture, collector) = capture(VideoSource::Test, SoundSource::None);
    collector.picture_after(3);
    capture.set_format(PictureFormat {
        resolution: Resolution {
            width: 320,
            height: 180,
        },
        ..FORMAT
    });
    let small = collector.wait_for("a small picture", |collected| {
        let last = collected.pictures.last()?;
        (last.buffer.size() == 320 * 180 * 3 / 2).then(|| last.clone())
    });
    assert!(read_strip(&small.buffer.map_readable().unwrap(), 320, 320).is_some());
}

#[test]
fn without_a_camera_it_says_so_and_the_broadcast_goes_on() {
    let (capture, collector) = capture(
        VideoSource::Camera(Some("C920|A1".to_owned())),
        SoundSource::None,
    );
    let state = wait_for_state(&capture, "gone", |state| {
        matches!(state.video, SourceState::Gone(_))
    });
    let missing = "The camera C920 is not plugged in. Plug it in, or choose another.";
    assert_eq!(state.video.trouble().unwrap().to_string(), missing);
    assert_eq!(state.sound, SourceState::Running);
    collector.wait_for("a notice", |collected| {
        collected.pictures.first().map(|_| ())
    });
}

#[test]
fn the_preview_shows_new_frames_only_and_fewer_than_the_broadcast() {
    let collector = Arc::new(Collector::default());
    let picked = input(VideoSource::Test, SoundSource::None);
    let capture = Capture::start(picked, FORMAT, collector.clone(), true);
    let mut preview = capture.preview();
    let deadline = std::time::Instant::now() + PATIENCE;
    let mut serials = Vec::new();
    while serials.len() < 10 {
        assert!(std::time::Instant::now() < deadline);
        if preview.has_changed().unwrap() {
            let frame = preview.borrow_and_update().clone().unwrap();
            assert_eq!((frame.width, frame.height), (480, 270));
            assert_eq!(frame.rgba.len(), 480 * 270 * 4);
            serials.push(frame.serial);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(
        serials.windows(2).all(|pair| pair[0] < pair[1]),
        "{serials:?}"
    );
    let pictures = collector.wait_for("a count", |collected| Some(collected.pictures.len()));
    let frames = preview.borrow().as_ref().unwrap().serial;
    assert!(
        frames as usize <= pictures * 2 / 3 + 1,
        "{frames} of {pictures}"
    );
}

#[test]
fn dropping_it_ends_every_delivery() {
    let (capture, collector) = capture(VideoSource::Test, SoundSource::Own);
    collector.picture_after(3);
    drop(capture);
    // Nobody else has the collector: all threads and pipelines that delivered to it are gone.
    assert_eq!(Arc::strong_count(&collector), 1);
}
