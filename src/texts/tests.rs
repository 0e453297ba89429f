//! What would be missing in a language is found here, not by the person who reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// Each text's name, with the values that it takes.
fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let source = language.source();
    let mut texts = BTreeMap::<_, BTreeSet<String>>::new();
    let mut current = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some(id) = ids(line).next() {
            current = id.to_owned();
            assert!(!texts.contains_key(id), "{id} is there twice");
            texts.insert(id.to_owned(), BTreeSet::new());
        }
        let values = line.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
            rest[..end.unwrap_or(rest.len())].to_owned()
        });
        texts.entry(current.clone()).or_default().extend(values);
    }
    texts.remove("");
    texts
}

/// All source files of the program in one.
fn program() -> String {
    fn read(folder: &Path, text: &mut String) {
        let entries = fs::read_dir(folder).unwrap();
        let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        for path in paths {
            if path.is_dir() {
                read(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for room in ["ui", "broadcast", "capture"] {
        read(&root.join("src").join(room), &mut text);
    }
    text
}

#[test]
fn each_file_is_sound() {
    for language in Language::ALL {
        let source = language.source().to_owned();
        let read = FluentResource::try_new(source);
        assert!(read.is_ok(), "{language:?}: {:?}", read.err().unwrap().1);
    }
}

#[test]
fn no_language_lacks_a_text_or_a_value_in_it() {
    let english = texts(Language::English);
    assert!(english.len() > 100);
    for language in Language::ALL {
        assert_eq!(texts(language), english, "{language:?}");
    }
}

#[test]
fn each_text_that_the_program_says_is_there_and_none_is_idle() {
    let (program, english) = (program(), texts(Language::English));
    let quoted: BTreeSet<&str> = program.split('"').collect();
    let idle: Vec<_> = english
        .keys()
        .filter(|id| !quoted.contains(id.as_str()))
        .collect();
    assert!(idle.is_empty(), "nobody says {idle:?}");
    let mut said = 0;
    for call in ["t(", "say(", "Message::new("] {
        for (at, _) in program.match_indices(call) {
            let is_longer = program[..at]
                .ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.');
            let Some(rest) = program[at + call.len()..].trim_start().strip_prefix('"') else {
                continue;
            };
            if !is_longer {
                let (id, _) = rest.split_once('"').unwrap();
                assert!(english.contains_key(id), "{id} is said and is no text");
                said += 1;
            }
        }
    }
    assert!(said > 100, "{said}");
}

#[test]
fn texts_that_take_values_take_them_in_each_language() {
    for language in Language::ALL {
        let (one, two) = within(language, || {
            let say = |count: u64| say("plot-count", [("count", count.into())]);
            (say(1), say(2))
        });
        assert!(
            one.starts_with("1 ") && two.starts_with("2 "),
            "{one}, {two}"
        );
        assert_ne!(one[2..], two[2..]);
    }
}

#[test]
fn decimals_are_marked_as_the_language_marks_them() {
    assert_eq!(decimal(2.54, 1), "2.5");
    for language in [Language::Portuguese, Language::Spanish] {
        assert_eq!(within(language, || decimal(2.54, 1)), "2,5");
    }
}

#[test]
fn a_language_holds_for_what_is_said_in_it_and_no_longer() {
    assert_eq!(t("start"), "Start");
    let inner = within(Language::Spanish, || {
        let portuguese = within(Language::Portuguese, || t("start"));
        (portuguese, t("start"))
    });
    assert_eq!(inner, ("Começar", "Empezar"));
    assert_eq!(t("start"), "Start");
}
