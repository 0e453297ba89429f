//! The settings.

use std::path::PathBuf;

use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::Command;

use crate::desk::Desk;

fn settings() -> Desk {
    let mut desk = Desk::sized(1280.0, 2000.0, egui::Theme::Dark);
    desk.click("Settings");
    desk
}

#[test]
fn the_settings_are_opened_and_closed_with_the_keyboard() {
    let mut desk = Desk::new();
    desk.harness.get_by_label("Settings").focus();
    desk.harness.run();
    desk.harness.key_press(egui::Key::Space);
    desk.harness.run();
    assert!(desk.says("Port of the page that viewers open"));
    desk.harness.key_press(egui::Key::Escape);
    desk.harness.run();
    assert!(!desk.says("Port of the page that viewers open"));
}

#[test]
fn text_grows_and_goes_back_to_its_usual_size() {
    let mut desk = settings();
    desk.click("Larger text");
    assert!(desk.harness.ctx.zoom_factor() > 1.0);
    desk.click("Usual text size");
    assert_eq!(desk.harness.ctx.zoom_factor(), 1.0);
}

#[test]
fn the_port_is_chosen_and_the_usual_one_is_no_choice() {
    let mut desk = settings();
    let port = "Port of the page that viewers open";
    desk.harness.get_by_label(port).set_value_accesskit(9000.0);
    desk.harness.run();
    assert_eq!(desk.commands(), [Command::SetPort(Some(9000))]);
    desk.harness.get_by_label(port).set_value_accesskit(8080.0);
    desk.harness.run();
    assert_eq!(desk.commands(), [Command::SetPort(None)]);
}

#[test]
fn a_channel_is_saved_in_a_file_with_a_warning() {
    let mut desk = settings();
    assert!(desk.says("Whoever has this file can broadcast as you"));
    assert!(!desk.is_enabled("Save a copy"));
    desk.type_into("File to save your channel in", "/media/stick/mine");
    desk.click("Save a copy");
    let to = PathBuf::from("/media/stick/mine.txt");
    let replace = false;
    assert_eq!(desk.commands(), [Command::SaveChannel { to, replace }]);
}

#[test]
fn a_channel_is_loaded_only_when_the_person_is_sure() {
    let mut desk = settings();
    desk.type_into("Saved channel to load", "/media/stick/mine.txt");
    desk.click("Load");
    assert_eq!(desk.commands(), []);
    desk.click("Keep mine");
    assert_eq!(desk.commands(), []);
    desk.click("Load");
    desk.click("Load this channel");
    let from = PathBuf::from("/media/stick/mine.txt");
    assert_eq!(desk.commands(), [Command::LoadChannel(from)]);
}

#[test]
fn no_channel_is_loaded_while_live() {
    let mut desk = Desk::sized(1280.0, 2000.0, egui::Theme::Dark);
    desk.go_live();
    desk.click("Settings");
    assert!(desk.says("Stop the broadcast to load another channel."));
    assert!(!desk.says("Saved channel to load"));
}

#[test]
fn the_log_is_copied_without_being_live() {
    let mut desk = settings();
    let report = desk.copied_by("Copy the log for a bug report");
    assert!(report.is_some_and(|report| report.contains("Picture: test picture")));
}
