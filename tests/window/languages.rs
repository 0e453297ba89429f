//! The window in each language that it speaks.

use std::collections::BTreeSet;

use egui::Theme;
use egui_kittest::kittest::NodeT;
use liveontorrent::broadcast::{Hint, PagePlace, Severity};
use liveontorrent::capture::SourceState;
use liveontorrent::texts::{Language, Message};

use crate::desk::Desk;

const LARGE: (f32, f32) = (1280.0, 720.0);
const SMALL: (f32, f32) = (800.0, 600.0);

fn speaking(language: Language, (width, height): (f32, f32), theme: Theme) -> Desk {
    let mut desk = Desk::sized(width, height, theme);
    desk.click("Settings");
    desk.click(language.name());
    desk.harness.key_press(egui::Key::Escape);
    desk.harness.run();
    desk
}

/// What a screen reader finds in the window.
fn labels(desk: &Desk) -> Vec<String> {
    let root = desk.harness.root();
    let mut nodes = vec![root.accesskit_node()];
    let mut found = Vec::new();
    while let Some(node) = nodes.pop() {
        found.extend(node.label());
        found.extend(node.value());
        nodes.extend(node.children());
    }
    found
}

/// What of it is not words of the program: names that the test made up, and what is the same everywhere.
const NAMES: [&str; 16] = [
    "Live on Torrent",
    "Sunday in the workshop",
    "English",
    "Português",
    "Español",
    "x264",
    "720p",
    "http",
    "ws",
    "turn:",
    "stun.",
    "50000",
    "Mbit/s",
    "kbit/s",
    "2 s",
    "clip.mp4",
];

/// All that a screen reader finds in the window, as it goes from the first start to the network's settings while live.
fn tour(language: Language, words: [&str; 4]) -> BTreeSet<String> {
    let [next, settings, advanced, audience] = words;
    let mut desk = speaking(language, (1280.0, 3200.0), Theme::Dark);
    let mut seen = BTreeSet::from_iter(labels(&desk));
    desk.click(advanced);
    seen.extend(labels(&desk));
    liveontorrent::ui::welcome(&desk.harness.ctx);
    desk.harness.run();
    for _ in 0..2 {
        seen.extend(labels(&desk));
        desk.click(next);
    }
    seen.extend(labels(&desk));
    desk.harness.key_press(egui::Key::Escape);
    desk.harness.run();
    desk.tell(|snapshot| {
        snapshot.reach.page = PagePlace::Hub("https://hub.example/".parse().expect("an address"));
        snapshot.video = SourceState::Opening;
    });
    seen.extend(labels(&desk));
    desk.go_live();
    seen.extend(labels(&desk));
    desk.click(audience);
    seen.extend(labels(&desk));
    desk.click(settings);
    seen.extend(labels(&desk));
    seen
}

#[test]
fn nothing_is_left_in_english() {
    let english = tour(
        Language::English,
        ["Next", "Settings", "Advanced", "Audience"],
    );
    assert!(english.len() > 150, "{}", english.len());
    for (language, texts, words) in [
        (
            Language::Portuguese,
            include_str!("../../assets/texts/pt.ftl"),
            ["Próximo", "Configurações", "Avançado", "Público"],
        ),
        (
            Language::Spanish,
            include_str!("../../assets/texts/es.ftl"),
            ["Siguiente", "Ajustes", "Avanzado", "Público"],
        ),
    ] {
        let other = tour(language, words);
        // What is the same by intention, such as "Tracker 1", stands in the language's own file.
        let is_meant = |text: &str| {
            let bare = text.trim_end_matches(|c: char| c.is_ascii_digit()).trim();
            texts.contains(&format!("= {bare}"))
        };
        let left: Vec<_> = english
            .intersection(&other)
            .filter(|text| text.chars().any(char::is_alphabetic))
            .filter(|text| !NAMES.iter().any(|name| text.contains(name)))
            .filter(|text| !is_meant(text))
            .collect();
        assert!(left.is_empty(), "{language:?}: {left:?}");
    }
}

#[test]
fn a_language_is_chosen_in_the_settings_and_changed_back() {
    let mut desk = speaking(Language::Spanish, LARGE, Theme::Dark);
    assert!(desk.is_enabled("Empezar"));
    desk.click("Ajustes");
    desk.click("English");
    assert!(desk.is_enabled("Start"));
}

#[test]
fn portuguese_live_large_dark() {
    let mut desk = speaking(Language::Portuguese, LARGE, Theme::Dark);
    desk.go_live();
    desk.picture("portuguese_live_large_dark");
}

#[test]
fn spanish_live_small_light() {
    let mut desk = speaking(Language::Spanish, SMALL, Theme::Light);
    desk.go_live();
    desk.picture("spanish_live_small_light");
}

#[test]
fn spanish_idle_small_dark() {
    let mut desk = speaking(Language::Spanish, SMALL, Theme::Dark);
    desk.picture("spanish_idle_small_dark");
}

#[test]
fn spanish_settings_large_light() {
    let mut desk = speaking(Language::Spanish, (800.0, 2400.0), Theme::Light);
    desk.tell(|snapshot| {
        snapshot.reach.page = PagePlace::Hub("https://hub.example/".parse().expect("an address"));
    });
    desk.click("Ajustes");
    desk.picture("spanish_settings_light");
}

#[test]
fn portuguese_settings_dark() {
    let mut desk = speaking(Language::Portuguese, (800.0, 2400.0), Theme::Dark);
    desk.click("Configurações");
    desk.picture("portuguese_settings_dark");
}

#[test]
fn portuguese_welcome_small_dark() {
    let mut desk = speaking(Language::Portuguese, SMALL, Theme::Dark);
    liveontorrent::ui::welcome(&desk.harness.ctx);
    desk.harness.run();
    desk.picture("portuguese_welcome_small_dark");
}

#[test]
fn spanish_advanced_trouble_dark() {
    let mut desk = speaking(Language::Spanish, (1280.0, 1400.0), Theme::Dark);
    desk.tell(|snapshot| {
        snapshot.video = SourceState::Gone(Message::new("source-no-camera"));
        snapshot.hints = vec![Hint {
            severity: Severity::Warning,
            about: None,
            text: Message::new("hint-reach-silent"),
        }];
    });
    desk.click("Avanzado");
    desk.picture("spanish_advanced_trouble_dark");
}
