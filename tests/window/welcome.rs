//! The first start.

use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::Command;
use liveontorrent::capture::{SoundSource, VideoSource};

use crate::desk::Desk;

fn first_start(width: f32, height: f32, theme: Theme) -> Desk {
    let mut desk = Desk::sized(width, height, theme);
    liveontorrent::ui::welcome(&desk.harness.ctx);
    desk.harness.run();
    desk
}

/// Clicks the last of those with this name: the dialog stands before everything else.
fn click_last(desk: &mut Desk, label: &str) {
    let node = desk.harness.get_all_by_label(label).last();
    node.expect("it is there").click();
    desk.harness.run();
}

fn press(desk: &mut Desk, key: egui::Key) {
    desk.harness.key_press(key);
    desk.harness.run();
}

#[test]
fn three_steps_lead_to_a_broadcast() {
    let mut desk = first_start(1280.0, 900.0, Theme::Dark);
    assert!(desk.says("Step 1 of 3"));
    assert!(desk.says("can see the network address of this computer"));
    desk.click("Next");
    assert!(desk.says("Step 2 of 3"));
    click_last(&mut desk, "Camera");
    desk.commands();
    click_last(&mut desk, "Microphone");
    let commands = desk.commands();
    let Some(Command::SetInput(input)) = commands.last() else {
        panic!("a sound is picked: {commands:?}");
    };
    assert_eq!(input.video, VideoSource::Camera(None));
    assert_eq!(input.sound, SoundSource::Microphone(None));
    desk.click("Next");
    assert!(desk.says("Step 3 of 3"));
    desk.click("Go live");
    assert_eq!(desk.commands(), [Command::Start]);
    assert!(!desk.says("Step"));
}

#[test]
fn the_keyboard_alone_leads_through() {
    let mut desk = first_start(1280.0, 720.0, Theme::Dark);
    press(&mut desk, egui::Key::Enter);
    assert!(desk.says("Step 2 of 3"));
    press(&mut desk, egui::Key::Enter);
    assert!(desk.says("Step 3 of 3"));
    // To the button after the next one: it goes back.
    press(&mut desk, egui::Key::Tab);
    press(&mut desk, egui::Key::Enter);
    assert!(desk.says("Step 2 of 3"));
    press(&mut desk, egui::Key::Enter);
    press(&mut desk, egui::Key::Enter);
    assert_eq!(desk.commands(), [Command::Start]);
}

#[test]
fn the_steps_go_back_and_can_be_skipped() {
    let mut desk = first_start(1280.0, 720.0, Theme::Dark);
    desk.click("Next");
    desk.click("Back");
    assert!(desk.says("Step 1 of 3"));
    desk.click("Skip");
    assert!(!desk.says("Step"));
    let mut desk = first_start(1280.0, 720.0, Theme::Dark);
    press(&mut desk, egui::Key::Escape);
    assert!(!desk.says("Step"));
    let mut desk = first_start(1280.0, 720.0, Theme::Dark);
    desk.click("Next");
    desk.click("Next");
    desk.click("Look around first");
    assert!(!desk.says("Step"));
    assert_eq!(desk.commands(), [], "nothing was started");
}

#[test]
fn a_screen_reader_calls_each_step_by_its_title() {
    let mut desk = first_start(1280.0, 720.0, Theme::Dark);
    let dialog = |desk: &Desk, name: &str| {
        desk.harness
            .query_by_role_and_label(Role::Dialog, name)
            .is_some()
    };
    assert!(dialog(&desk, "Welcome to Live on Torrent"));
    desk.click("Next");
    assert!(dialog(&desk, "What do you want to show?"));
}

#[test]
fn who_is_not_new_is_not_welcomed() {
    assert!(!Desk::new().says("Step 1 of 3"));
}

#[test]
fn welcome_idea_small_dark() {
    let mut desk = first_start(800.0, 600.0, Theme::Dark);
    desk.picture("welcome_idea_small_dark");
}

#[test]
fn welcome_source_small_light() {
    let mut desk = first_start(800.0, 600.0, Theme::Light);
    desk.click("Next");
    desk.picture("welcome_source_small_light");
}

#[test]
fn welcome_start_large_dark() {
    let mut desk = first_start(1280.0, 720.0, Theme::Dark);
    desk.click("Next");
    desk.click("Next");
    desk.picture("welcome_start_large_dark");
}
