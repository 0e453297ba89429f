//! The share link: copied, and as a QR code.

use std::time::Duration;

use egui::OutputCommand;
use egui_kittest::kittest::Queryable;

use crate::desk::{Desk, LINK};

#[test]
fn the_link_is_shown_while_live_and_only_then() {
    let mut desk = Desk::new();
    assert!(desk.harness.query_by_label("Share link").is_none());
    desk.go_live();
    let field = desk.harness.get_by_label("Share link");
    assert_eq!(field.value().as_deref(), Some(LINK));
}

#[test]
fn copying_the_link_puts_it_on_the_clipboard_and_says_so() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.harness.get_by_label("Copy link").click();
    let mut copied = None;
    for _ in 0..6 {
        desk.harness.step();
        let commands = &desk.harness.output().platform_output.commands;
        copied = copied.or_else(|| {
            commands.iter().find_map(|command| match command {
                OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            })
        });
    }
    assert_eq!(copied.as_deref(), Some(LINK));
    assert!(desk.harness.query_by_label("Copied").is_some());
    desk.wait(Duration::from_secs(3));
    assert!(desk.harness.query_by_label("Copied").is_none());
}

#[test]
fn the_qr_code_can_be_seen_large_and_put_away() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.click("Enlarge QR code");
    assert!(desk.says("Scan to watch"));
    desk.click("Close");
    assert!(!desk.says("Scan to watch"));
    desk.click("Enlarge QR code");
    desk.harness.key_press(egui::Key::Escape);
    desk.harness.run();
    assert!(!desk.says("Scan to watch"));
}
