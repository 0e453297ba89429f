//! What people are told of the broadcast.

use std::time::Duration;

use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::Command;
use swarm::{Category, Details, DonationLink};

use crate::desk::Desk;

/// What the engine has been told last.
fn told(desk: &mut Desk) -> Details {
    desk.wait(Duration::from_secs(1));
    let told = desk
        .commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::SetDetails(details) => Some(details),
            _ => None,
        })
        .next_back();
    told.expect("the engine is told")
}

fn type_into(desk: &mut Desk, field: &str, text: &str) {
    desk.harness.get_by_label(field).focus();
    desk.harness.run();
    desk.harness.get_by_label(field).type_text(text);
    desk.harness.run();
}

#[test]
fn everything_that_is_filled_in_is_told() {
    let mut desk = Desk::sized(1280.0, 1600.0, egui::Theme::Dark);
    type_into(&mut desk, "Your name, if you like", "Ada");
    type_into(&mut desk, "Description", "Glue and clamps.");
    type_into(
        &mut desk,
        "Keywords, with commas between them",
        "wood, glue,, wood",
    );
    type_into(
        &mut desk,
        "Link for donations, if you like",
        "https://example.org/ada",
    );
    desk.choose("Category", "Animals");
    desk.click("Sensitive content");
    let expected = Details {
        author: "Ada".to_owned(),
        description: "Glue and clamps.".to_owned(),
        category: Some(Category::Animals),
        keywords: vec!["wood".to_owned(), "glue".to_owned()],
        sensitive: true,
        donation: DonationLink::parse("https://example.org/ada").ok(),
        ..Details::titled("Sunday in the workshop")
    };
    assert_eq!(told(&mut desk), expected);
}

#[test]
fn whether_it_is_sensitive_can_be_changed_while_live() {
    let mut desk = Desk::sized(1280.0, 1600.0, egui::Theme::Dark);
    desk.go_live();
    desk.click("Sensitive content");
    assert!(told(&mut desk).sensitive);
    desk.click("Sensitive content");
    assert!(!told(&mut desk).sensitive);
}

#[test]
fn a_link_that_is_none_is_said_and_not_told() {
    let mut desk = Desk::sized(1280.0, 1600.0, egui::Theme::Dark);
    let field = "Link for donations, if you like";
    type_into(&mut desk, field, "ftp://example.org");
    type_into(&mut desk, "Your name, if you like", "Ada");
    assert_eq!(told(&mut desk).donation, None);
    assert!(desk.says("Viewers do not see this link"));
    // What was typed stands there still, to be mended.
    let typed = desk.harness.get_by_label(field).value();
    assert_eq!(typed.as_deref(), Some("ftp://example.org"));
}

#[test]
fn a_short_title_gets_a_hint_and_no_wall() {
    let mut desk = Desk::new();
    assert!(!desk.says("A few words more"));
    desk.tell(|snapshot| snapshot.details = Details::titled("Wood"));
    assert!(desk.says("A few words more"));
    desk.click("Start");
    assert_eq!(desk.commands(), [Command::Start]);
}

#[test]
fn a_comma_that_was_just_typed_stays_while_the_engine_confirms() {
    let mut desk = Desk::sized(1280.0, 1600.0, egui::Theme::Dark);
    let field = "Keywords, with commas between them";
    type_into(&mut desk, field, "wood, ");
    assert_eq!(told(&mut desk).keywords, ["wood"]);
    let typed = desk.harness.get_by_label(field).value();
    assert_eq!(typed.as_deref(), Some("wood, "));
}
