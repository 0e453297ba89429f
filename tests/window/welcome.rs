//! The first start.

use egui::Theme;
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

#[test]
fn three_steps_lead_to_a_broadcast() {
    let mut desk = first_start(1280.0, 720.0, Theme::Dark);
    assert!(desk.says("Step 1 of 3"));
    click_last(&mut desk, "Camera");
    desk.commands();
    desk.click("Next");
    assert!(desk.says("Step 2 of 3"));
    click_last(&mut desk, "Microphone");
    let commands = desk.commands();
    let Some(Command::SetInput(input)) = commands.last() else {
        panic!("a sound is picked: {commands:?}");
    };
    assert_eq!(input.video, VideoSource::Camera(None));
    assert_eq!(input.sound, SoundSource::Microphone(None));
    desk.click("Next");
    assert!(desk.says("press Start when you are ready"));
    desk.click("Done");
    assert!(!desk.says("Step"));
    desk.click("Start");
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
    desk.harness.key_press(egui::Key::Escape);
    desk.harness.run();
    assert!(!desk.says("Step"));
}

#[test]
fn who_is_not_new_is_not_welcomed() {
    assert!(!Desk::new().says("Step 1 of 3"));
}

#[test]
fn welcome_small_light() {
    let mut desk = first_start(800.0, 600.0, Theme::Light);
    desk.click("Next");
    desk.picture("welcome_small_light");
}
