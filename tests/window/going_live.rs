//! Start, what is shown while live, and Stop.

use std::sync::Arc;
use std::time::Duration;

use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::{Command, Phase};
use swarm::Details;

use crate::desk::{Desk, frame};

#[test]
fn start_asks_the_engine_to_go_live_and_cannot_be_pressed_twice() {
    let mut desk = Desk::new();
    desk.click("Start");
    assert_eq!(desk.commands(), [Command::Start]);
    assert!(!desk.is_enabled("Starting…"));
}

#[test]
fn live_is_said_with_how_long_it_has_been() {
    let mut desk = Desk::new();
    assert!(desk.says("Not live"));
    desk.go_live();
    assert!(desk.says("Live for 12:34"));
    desk.wait(Duration::from_secs(1));
    assert!(desk.says("Live for 12:35"));
}

#[test]
fn viewers_and_upload_are_shown_while_live() {
    let mut desk = Desk::new();
    desk.go_live();
    assert!(desk.says("12 people watching"));
    assert!(desk.says("3.2 Mbit/s 1.2 copies; viewers carry 90 %"));
    assert!(!desk.says("left out so far"), "nothing was dropped");
}

#[test]
fn who_carries_the_stream_is_told_in_words_and_pictures() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.click("Audience");
    assert!(desk.says("You send 1.2 copies of the stream; viewers carry 90 %"));
    assert!(desk.says("3 viewers are further away"));
    assert!(desk.says("5 viewers get parts of the stream from you, of 12 watching"));
    assert!(desk.says("Viewers over time; now 12 viewers"));
    assert!(!desk.says("Preview of the picture"));
    desk.click("Preview");
    assert!(desk.says("Preview of the picture"));
}

#[test]
fn an_audience_of_nobody_is_no_empty_picture() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.tell(|snapshot| {
        if let Phase::Live(live) = &mut snapshot.phase {
            (live.viewers, live.copies) = (0, Some(0.0));
            live.audience.clear();
        }
    });
    desk.click("Audience");
    assert!(desk.says("Nobody is watching yet"));
}

#[test]
fn dropped_pictures_are_said_with_what_to_do() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.tell(|snapshot| {
        if let Phase::Live(live) = &mut snapshot.phase {
            live.dropped_frames = 31;
        }
    });
    assert!(desk.says("31 pictures were left out"));
}

#[test]
fn stop_asks_the_engine_to_end_the_broadcast() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.click("Stop");
    assert_eq!(desk.commands(), [Command::Stop]);
    assert!(!desk.is_enabled("Stopping…"));
    desk.tell(|snapshot| snapshot.phase = Phase::Idle);
    assert!(desk.is_enabled("Start"));
    assert!(!desk.says("Share link"));
}

#[test]
fn a_broadcast_is_paused_and_goes_on() {
    let mut desk = Desk::new();
    assert!(!desk.says("Pause"));
    desk.go_live();
    desk.click("Pause");
    assert_eq!(desk.commands(), [Command::Pause]);
    assert!(desk.says("Paused, live for 12:34") && desk.says("You have paused"));
    desk.click("Continue");
    assert_eq!(desk.commands(), [Command::Continue]);
    assert!(desk.says("You are live"));
}

#[test]
fn the_sound_is_muted_before_and_while_live() {
    let mut desk = Desk::new();
    desk.click("Mute");
    assert_eq!(desk.commands(), [Command::SetMuted(true)]);
    desk.go_live();
    desk.click("Unmute");
    assert_eq!(desk.commands(), [Command::SetMuted(false)]);
}

#[test]
fn a_title_is_sent_when_typing_pauses() {
    let mut desk = Desk::new();
    type_title(&mut desk);
    assert_eq!(desk.commands(), [], "the person is still typing");
    desk.wait(Duration::from_secs(1));
    assert_eq!(
        desk.commands(),
        [Command::SetDetails(Details::titled(
            "Sunday in the workshop, live"
        ))]
    );
}

#[test]
fn a_title_that_is_being_typed_goes_out_before_the_start() {
    let mut desk = Desk::new();
    type_title(&mut desk);
    desk.click("Start");
    assert_eq!(
        desk.commands(),
        [
            Command::SetDetails(Details::titled("Sunday in the workshop, live")),
            Command::Start
        ]
    );
}

fn type_title(desk: &mut Desk) {
    let field = desk.harness.get_by_label("Title that viewers see");
    field.focus();
    desk.harness.run();
    desk.harness.key_press(egui::Key::End);
    let field = desk.harness.get_by_label("Title that viewers see");
    field.type_text(", live");
    desk.harness.run();
}

#[test]
fn everything_can_be_reached_and_started_by_the_keyboard() {
    let mut desk = Desk::new();
    for _ in 0..60 {
        desk.harness.key_press(egui::Key::Tab);
        desk.harness.run();
        if desk.harness.get_by_label("Start").is_focused() {
            break;
        }
    }
    assert!(desk.harness.get_by_label("Start").is_focused());
    desk.harness.key_press(egui::Key::Space);
    desk.harness.run();
    assert_eq!(desk.commands(), [Command::Start]);
}

#[test]
fn a_frame_that_is_already_shown_is_not_uploaded_again() {
    let mut desk = Desk::new();
    desk.harness.run();
    assert!(desk.harness.output().textures_delta.set.is_empty());
    desk.tell(|snapshot| snapshot.preview = Some(Arc::new(frame(1))));
    assert!(desk.harness.output().textures_delta.set.is_empty());
}

#[test]
fn the_look_is_chosen_in_the_window_itself() {
    let mut desk = Desk::new();
    desk.click("Settings");
    desk.click("Light");
    assert_eq!(desk.harness.ctx.theme(), egui::Theme::Light);
    assert_eq!(desk.commands(), [], "that is no business of the engine");
}
