//! What the window says when something is the matter.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::{Hint, Severity};
use liveontorrent::capture::SourceState;

use crate::desk::Desk;

#[test]
fn an_error_is_shown_in_words_and_announced() {
    let mut desk = Desk::new();
    desk.tell(|snapshot| {
        snapshot.hints = vec![Hint {
            severity: Severity::Error,
            about: None,
            text: "No encoder was found. Install gstreamer1.0-plugins-ugly.".into(),
        }];
    });
    desk.harness.get_by_role_and_label(
        Role::Alert,
        "Error: No encoder was found. Install gstreamer1.0-plugins-ugly.",
    );
}

#[test]
fn a_picture_that_is_gone_says_why_and_what_to_do() {
    let mut desk = Desk::new();
    desk.tell(|snapshot| {
        snapshot.video = SourceState::Gone("The camera was unplugged. Plug it in again.".into());
    });
    assert!(desk.says("No picture. The camera was unplugged. Plug it in again."));
}

#[test]
fn a_picture_that_is_being_opened_says_so() {
    let mut desk = Desk::new();
    desk.tell(|snapshot| snapshot.video = SourceState::Opening);
    assert!(desk.says("the picture is being opened"));
}

#[test]
fn a_busy_engine_never_holds_up_the_window() {
    let mut desk = Desk::new();
    // Nobody takes the commands; more than the queue holds.
    for _ in 0..6 {
        desk.pick("Camera");
        desk.pick("Test picture");
    }
    assert!(desk.says("The program is busy"));
    desk.commands();
    desk.pick("Camera");
    assert!(!desk.says("The program is busy"));
}

#[test]
fn an_engine_that_ended_is_said() {
    let mut desk = Desk::new();
    desk.end_engine();
    assert!(desk.says("The broadcasting part of the program has stopped."));
}
