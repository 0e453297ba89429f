//! The second picture over a corner of the first, picked in the window.

use std::sync::Arc;

use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::Command;
use liveontorrent::capture::{
    Corner, Overlay, OverlaySize, PreviewFrame, ScreenArea, SourceState, VideoSource,
};

use crate::desk::{Desk, frame};

const SWITCH: &str = "Camera over a corner of the picture";

fn picked(desk: &mut Desk) -> Option<Overlay> {
    desk.commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::SetOverlay(overlay) => Some(overlay),
            _ => None,
        })
        .next_back()
}

fn switch(desk: &mut Desk) {
    desk.harness.get_by_label(SWITCH).click();
    desk.harness.run();
}

/// What the preview would show: the bars, and a grey picture in the lower right corner.
fn with_overlay() -> PreviewFrame {
    let mut frame = frame(2);
    for row in 185..252 {
        for column in 350..470 {
            let at = (row * frame.width + column) * 4;
            frame.rgba[at..at + 3].copy_from_slice(&[90, 96, 110]);
        }
    }
    frame
}

#[test]
fn it_is_switched_on_moved_made_larger_and_switched_off_while_live() {
    let mut desk = Desk::sized(1280.0, 1400.0, egui::Theme::Dark);
    desk.go_live();
    switch(&mut desk);
    let on = Overlay {
        shown: true,
        ..Overlay::default()
    };
    assert_eq!(picked(&mut desk), Some(on.clone()));
    desk.pick("Top left");
    let moved = Overlay {
        corner: Corner::TopLeft,
        ..on
    };
    assert_eq!(picked(&mut desk), Some(moved.clone()));
    desk.pick("Large");
    let large = Overlay {
        size: OverlaySize::Large,
        ..moved
    };
    assert_eq!(picked(&mut desk), Some(large.clone()));
    desk.choose("What is shown in the corner", "Logitech C920");
    let named = Overlay {
        source: VideoSource::Camera(Some("cam-1".into())),
        ..large
    };
    assert_eq!(picked(&mut desk), Some(named.clone()));
    switch(&mut desk);
    let off = Overlay {
        shown: false,
        ..named
    };
    assert_eq!(picked(&mut desk), Some(off));
    assert!(desk.harness.query_by_label("Top left").is_none());
}

#[test]
fn with_the_camera_as_the_picture_the_screen_is_shown_small() {
    let mut desk = Desk::new();
    desk.pick("Camera");
    desk.commands();
    switch(&mut desk);
    desk.commands();
    desk.choose("What is shown in the corner", "The whole screen");
    let source = picked(&mut desk).map(|overlay| overlay.source);
    assert_eq!(source, Some(VideoSource::Screen(ScreenArea::Whole)));
}

#[test]
fn a_camera_that_is_gone_is_said_where_it_was_picked() {
    let mut desk = Desk::new();
    switch(&mut desk);
    desk.commands();
    let gone =
        "The camera Logitech C920 was unplugged. Plug it in again, or choose another source.";
    desk.tell(|snapshot| snapshot.overlay_state = Some(SourceState::Gone(gone.into())));
    let mut said = desk.harness.query_all_by_label_contains(gone);
    assert!(said.next().is_some());
}

#[test]
fn the_choice_looks_as_it_should() {
    let mut desk = Desk::sized(1280.0, 900.0, egui::Theme::Light);
    desk.tell(|snapshot| {
        snapshot.overlay.shown = true;
        snapshot.overlay.source = VideoSource::Camera(Some("cam-1".into()));
        snapshot.overlay_state = Some(SourceState::Running);
        snapshot.preview = Some(Arc::new(with_overlay()));
    });
    desk.picture("overlay_large_light");
}
