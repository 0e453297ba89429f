//! The share link: copied, and as a QR code.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::{FoundAt, Phase};

use crate::desk::{Desk, LINK};

/// What a phone reads in a saved picture.
fn read_code(path: &Path) -> String {
    let file = BufReader::new(File::open(path).expect("the file is there"));
    let mut reader = png::Decoder::new(file).read_info().expect("it is a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it is small")];
    let info = reader.next_frame(&mut pixels).expect("it has pixels");
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let codes = picture.detect_grids();
    let (_, text) = codes[0].decode().expect("it can be read");
    text
}

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
    let copied = desk.copied_by("Copy link");
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

#[test]
fn the_link_is_handed_to_the_mail_program_and_to_messengers() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.click("Send…");
    let mail = desk.opened_by("E-mail").expect("a mail is opened");
    let sent = "mailto:?subject=Sunday%20in%20the%20workshop&body=http%3A%2F%2F192";
    assert!(mail.starts_with(sent), "{mail}");
    desk.click("Send…");
    let message = desk.opened_by("Telegram").expect("a message is opened");
    assert!(
        message.starts_with("tg://msg_url?url=http%3A%2F%2F192"),
        "{message}"
    );
}

#[test]
fn the_embed_code_shows_the_page_in_a_frame() {
    let mut desk = Desk::new();
    desk.go_live();
    let code = desk.copied_by("Copy embed code").expect("it is copied");
    let source = LINK.replace('#', "?embed#");
    assert!(
        code.starts_with("<iframe") && code.contains(&source),
        "{code}"
    );
}

#[test]
fn the_qr_code_is_saved_as_pixels_and_as_lines_and_replaces_nothing() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("code.png");
    let mut desk = Desk::new();
    desk.go_live();
    desk.click("Enlarge QR code");
    desk.type_into("Picture file", &path.to_string_lossy());
    desk.click("Save as PNG");
    assert!(desk.says("Saved in"));
    assert_eq!(read_code(&path), LINK);
    desk.click("Save as SVG");
    let lines = std::fs::read_to_string(path.with_extension("svg")).expect("it is there");
    assert!(lines.contains("<svg") && lines.contains("<path"), "{lines}");
    let before = std::fs::read(&path).expect("it is there");
    desk.click("Save as PNG");
    assert!(desk.says("exists already. Choose another name."));
    assert_eq!(std::fs::read(&path).expect("it is there"), before);
}

#[test]
fn who_is_near_gets_the_link_for_this_network() {
    let near = "http://192.168.1.20:8080/#near";
    let mut desk = Desk::new();
    desk.go_live();
    assert!(!desk.says("On this network"), "there is one link only");
    desk.tell(|snapshot| {
        let Phase::Live(live) = &mut snapshot.phase else {
            unreachable!()
        };
        live.found_at = Arc::new(FoundAt {
            local_link: Some(near.into()),
            ..FoundAt::default()
        });
    });
    assert_eq!(desk.copied_by("Copy link").as_deref(), Some(LINK));
    desk.wait(Duration::from_secs(3));
    desk.click("On this network");
    assert_eq!(desk.copied_by("Copy link").as_deref(), Some(near));
}
