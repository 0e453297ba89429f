//! Recording, as the window offers it.

use std::path::PathBuf;
use std::time::Duration;

use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::{Command, Recording};
use liveontorrent::recording::{Progress, RecordingOptions};

use crate::desk::Desk;

fn desk() -> Desk {
    Desk::sized(1280.0, 1900.0, egui::Theme::Dark)
}

#[test]
fn a_file_is_named_and_its_extension_added() {
    let mut desk = desk();
    assert!(!desk.is_enabled("Record"));
    desk.harness.get_by_label("File to record to").focus();
    desk.harness.run();
    desk.harness
        .get_by_label("File to record to")
        .type_text("/tmp/sunday");
    desk.harness.run();
    desk.click("Record");
    let options = RecordingOptions::new(PathBuf::from("/tmp/sunday.mp4"));
    assert_eq!(desk.commands(), [Command::Record(options)]);
    assert!(desk.says("/tmp/sunday.mp4 begins when you start"));
    desk.click("Do not record");
    assert_eq!(desk.commands(), [Command::StopRecording]);
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_the_person_says_so() {
    let mut desk = desk();
    let path = PathBuf::from("/tmp/sunday.mp4");
    desk.tell(|snapshot| snapshot.recording = Recording::InTheWay(path.clone()));
    assert!(desk.says("/tmp/sunday.mp4 exists already"));
    desk.click("Replace it");
    let options = RecordingOptions {
        replace: true,
        ..RecordingOptions::new(path)
    };
    assert_eq!(desk.commands(), [Command::Record(options)]);
}

#[test]
fn what_is_recorded_and_how_much_more_can_be_is_said() {
    let mut desk = desk();
    desk.go_live();
    desk.tell(|snapshot| {
        let progress = Progress {
            bytes: 30_000_000,
            duration: Duration::from_secs(100),
            room: Some(3_000_000_000),
        };
        snapshot.recording = Recording::Running(PathBuf::from("/tmp/sunday.mp4"), progress);
    });
    assert!(desk.says("1:40 so far, 30.0 MB, in /tmp/sunday.mp4"));
    assert!(desk.says("room for 3.0 GB more, about 2:46:40"));
    desk.click("Stop recording");
    assert_eq!(desk.commands(), [Command::StopRecording]);
}
