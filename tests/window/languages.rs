//! The window in each language that it speaks.

use std::collections::BTreeSet;

use egui::Theme;
use egui_kittest::kittest::NodeT;
use liveontorrent::texts::Language;

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

/// The texts that are different in another language, as they are in English.
fn english_only(other: &str) -> BTreeSet<String> {
    let english = include_str!("../../assets/texts/en.ftl");
    let lines: BTreeSet<&str> = other.lines().collect();
    english
        .lines()
        .filter(|line| !lines.contains(line) && !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(_, text)| text.to_owned())
        .collect()
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

#[test]
fn nothing_is_left_in_english() {
    for (language, texts) in [
        (
            Language::Portuguese,
            include_str!("../../assets/texts/pt.ftl"),
        ),
        (Language::Spanish, include_str!("../../assets/texts/es.ftl")),
    ] {
        let english = english_only(texts);
        assert!(english.len() > 100);
        let mut desk = speaking(language, (1280.0, 2400.0), Theme::Dark);
        let mut seen = labels(&desk);
        desk.go_live();
        seen.extend(labels(&desk));
        let settings = if language == Language::Spanish {
            "Ajustes"
        } else {
            "Configurações"
        };
        desk.click(settings);
        seen.extend(labels(&desk));
        assert!(seen.len() > 100, "{seen:?}");
        let left: Vec<_> = seen.iter().filter(|text| english.contains(*text)).collect();
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
