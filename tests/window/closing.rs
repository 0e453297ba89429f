//! Closing the window.

use egui::ViewportCommand;
use liveontorrent::broadcast::{Command, Phase};

use crate::desk::Desk;

#[test]
fn a_window_that_is_not_live_closes_at_once() {
    let mut desk = Desk::new();
    let answer = desk.click_the_cross();
    assert!(!answer.contains(&ViewportCommand::CancelClose));
}

#[test]
fn closing_while_live_asks_and_going_on_keeps_everything_as_it_was() {
    let mut desk = Desk::new();
    desk.go_live();
    let answer = desk.click_the_cross();
    assert!(answer.contains(&ViewportCommand::CancelClose));
    desk.harness.run();
    assert!(desk.says("You are still live"));
    assert!(desk.says("12 people are watching"));
    desk.click("Keep broadcasting");
    assert!(!desk.says("You are still live"));
    assert_eq!(desk.commands(), []);
}

#[test]
fn closing_while_live_ends_the_broadcast_first_when_told_so() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.click_the_cross();
    desk.harness.run();
    desk.click("End the broadcast and close");
    assert_eq!(desk.commands(), [Command::Stop]);
    assert!(desk.says("Ending the broadcast"));
    assert!(!desk.viewport_commands().contains(&ViewportCommand::Close));
    desk.tell_without_settling(|snapshot| snapshot.phase = Phase::Idle);
    assert!(desk.viewport_commands().contains(&ViewportCommand::Close));
}

#[test]
fn enter_on_the_question_keeps_broadcasting() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.click_the_cross();
    desk.harness.run();
    desk.harness.key_press(egui::Key::Enter);
    desk.harness.run();
    assert!(!desk.says("You are still live"));
    assert_eq!(desk.commands(), []);
}
