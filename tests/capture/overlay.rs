//! A second picture over a corner of the first. No camera is here; a file takes its place, which goes the same way.

use std::path::{Path, PathBuf};
use std::process::Command;

use liveontorrent::capture::{
    Capture, Corner, Overlay, OverlaySize, Picture, SoundSource, SourceState, VideoSource,
};

use crate::collector::{Collector, capture, wait_for_state};
use crate::luma::luma_at;

/// Places within overlays of any size, in thousandths of the frame.
const TOP_LEFT: (usize, usize) = (90, 100);
const BOTTOM_RIGHT: (usize, usize) = (910, 900);
const MIDDLE: (usize, usize) = (500, 500);

/// Makes a clip of one colour.
fn clip(folder: &Path, colour: &str, size: &str) -> PathBuf {
    let path = folder.join(format!("{colour}-{size}.mp4"));
    let source = format!("color={colour}:size={size}:rate=25:duration=2");
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-y", "-f", "lavfi", "-i", &source])
        .args(["-c:v", "libx264", "-preset", "ultrafast"])
        .args(["-pix_fmt", "yuv420p"])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    path
}

fn overlay(source: PathBuf, corner: Corner, size: OverlaySize) -> Overlay {
    Overlay {
        shown: true,
        source: VideoSource::File(source),
        corner,
        size,
    }
}

/// What the streamer reads.
fn reason(state: Option<&SourceState>) -> String {
    let trouble = state.and_then(SourceState::trouble);
    trouble.map(ToString::to_string).unwrap_or_default()
}

fn is_dark(picture: &Picture, (x, y): (usize, usize)) -> bool {
    luma_at(picture, x, y) < 64
}

/// Waits for a picture that is dark just there.
fn wait_until_dark(collector: &Collector, places: &[(usize, usize)]) {
    collector.wait_for("the overlay to be there alone", |collected| {
        let picture = collected.pictures.last()?;
        [TOP_LEFT, MIDDLE, BOTTOM_RIGHT]
            .into_iter()
            .all(|place| is_dark(picture, place) == places.contains(&place))
            .then_some(())
    });
}

fn running(capture: &Capture) {
    wait_for_state(capture, "an overlay at work", |state| {
        state.overlay == Some(SourceState::Running)
    });
}

#[test]
fn it_is_switched_on_moved_and_switched_off_while_the_picture_beneath_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let white = VideoSource::File(clip(folder.path(), "white", "640x360"));
    let black = clip(folder.path(), "black", "320x180");
    let (capture, collector) = capture(white, SoundSource::None);
    wait_until_dark(&collector, &[]);
    let states = capture.states();
    let before = states.borrow().clone();
    assert_eq!(before.overlay, None);

    let mut overlay = overlay(black, Corner::BottomRight, OverlaySize::Medium);
    capture.set_overlay(&overlay);
    wait_until_dark(&collector, &[BOTTOM_RIGHT]);
    running(&capture);
    overlay.corner = Corner::TopLeft;
    overlay.size = OverlaySize::Large;
    let pictures = collector.wait_for("a count", |collected| Some(collected.pictures.len()));
    capture.set_overlay(&overlay);
    // Its source is not opened anew: from the first picture after the move on, it is there.
    assert_eq!(states.borrow().overlay, Some(SourceState::Running));
    collector.wait_for("five pictures", |collected| {
        let after = collected.pictures.get(pictures + 1..)?;
        (after.len() >= 5).then(|| {
            assert!(after.iter().all(|picture| is_dark(picture, TOP_LEFT)));
            assert!(!after.iter().any(|picture| is_dark(picture, BOTTOM_RIGHT)));
        })
    });
    capture.set_overlay(&Overlay {
        shown: false,
        ..overlay
    });
    wait_until_dark(&collector, &[]);
    assert_eq!(states.borrow().overlay, None);
    assert_eq!(states.borrow().video, SourceState::Running);
    collector.wait_for("a look at the times", |collected| {
        let times: Vec<_> = collected
            .pictures
            .iter()
            .map(|picture| picture.captured_at)
            .collect();
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
        Some(())
    });
}

#[test]
fn where_its_source_is_gone_the_picture_goes_on_alone_and_the_overlay_returns_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let white = VideoSource::File(clip(folder.path(), "white", "640x360"));
    let black = clip(folder.path(), "black", "320x180");
    let later = folder.path().join("later.mp4");
    let (capture, collector) = capture(white, SoundSource::None);
    wait_until_dark(&collector, &[]);
    capture.set_overlay(&overlay(later.clone(), Corner::TopLeft, OverlaySize::Small));
    let state = wait_for_state(&capture, "an overlay that is gone", |state| {
        matches!(state.overlay, Some(SourceState::Gone(_))) && state.video == SourceState::Running
    });
    let said = reason(state.overlay.as_ref());
    assert!(
        said.contains("There is no file") && said.contains("later.mp4"),
        "{said}"
    );
    let picture = collector.picture_after(5);
    assert!(!is_dark(&picture, TOP_LEFT));

    std::fs::rename(black, later).unwrap();
    wait_until_dark(&collector, &[TOP_LEFT]);
    running(&capture);
}

#[test]
fn where_the_picture_beneath_is_gone_the_overlay_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let white = clip(folder.path(), "white", "320x180");
    let missing = VideoSource::File(folder.path().join("missing.mp4"));
    let (capture, collector) = capture(missing, SoundSource::None);
    capture.set_overlay(&overlay(white, Corner::BottomRight, OverlaySize::Large));
    // What stands in for the picture is dark there.
    collector.wait_for("the overlay", |collected| {
        let picture = collected.pictures.last()?;
        (is_dark(picture, TOP_LEFT) && !is_dark(picture, BOTTOM_RIGHT)).then_some(())
    });
    let picture = collector.picture_after(10);
    assert!(!is_dark(&picture, BOTTOM_RIGHT));
}

#[test]
fn what_has_another_shape_fills_it_without_bars() {
    let folder = tempfile::tempdir().unwrap();
    let black = VideoSource::File(clip(folder.path(), "black", "640x360"));
    let narrow = clip(folder.path(), "white", "240x320");
    let (capture, collector) = capture(black, SoundSource::None);
    capture.set_overlay(&overlay(narrow, Corner::TopLeft, OverlaySize::Large));
    // Its four corners: 240 by 134 pixels, 12 from the edges.
    let corners = [(30, 50), (380, 50), (30, 390), (380, 390)];
    collector.wait_for("the overlay", |collected| {
        let picture = collected.pictures.last()?;
        let filled = |place: &(usize, usize)| luma_at(picture, place.0, place.1) > 200;
        corners.iter().all(filled).then_some(())
    });
}

#[test]
fn it_keeps_its_corner_when_the_format_changes() {
    let (capture, collector) = capture(VideoSource::Test, SoundSource::None);
    let folder = tempfile::tempdir().unwrap();
    let white = clip(folder.path(), "white", "320x180");
    capture.set_overlay(&overlay(white, Corner::BottomRight, OverlaySize::Small));
    running(&capture);
    let mut format = capture.format();
    (format.resolution.width, format.resolution.height) = (320, 180);
    capture.set_format(format);
    collector.wait_for("the overlay in a small picture", |collected| {
        let picture = collected.pictures.last()?;
        let map = picture.buffer.map_readable().unwrap();
        // 52 by 30 pixels, 6 from the edges: the middle of it, and a place beside it.
        let luma = |x: usize, y: usize| map[y * 320 + x];
        (map.len() == 320 * 180 * 3 / 2 && luma(288, 159) > 230 && luma(255, 159) < 230)
            .then_some(())
    });
}

#[test]
fn the_camera_that_the_picture_is_of_is_not_opened_a_second_time() {
    let camera = VideoSource::Camera(Some("C920|A1".to_owned()));
    let (capture, _collector) = capture(camera.clone(), SoundSource::None);
    capture.set_overlay(&Overlay {
        shown: true,
        source: camera,
        ..Overlay::default()
    });
    let state = wait_for_state(&capture, "an overlay that is refused", |state| {
        matches!(state.overlay, Some(SourceState::Gone(_)))
    });
    let said = reason(state.overlay.as_ref());
    assert!(said.contains("is the picture already"), "{said}");
}
