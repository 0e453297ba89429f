//! What the program says to a person, in the person's language. The words are in `assets/texts`, a Fluent file
//! (<https://projectfluent.org>) a language; here is how they are found.
//!
//! To add a text: give it a name in `en.ftl`, `pt.ftl` and `es.ftl`, with the same values (`{ $name }`) in each, and say it:
//!
//! - in the window by [`t`], or by [`say`] where it has values: the window is drawn within the person's language;
//! - in the engine and in capture by a [`Message`], which the window puts into words, and the log and the command line in
//!   English.
//!
//! Tests find a text that a language lacks, that nobody says, or that is said and is not there.
//!
//! The command line, and what the system, a library or another machine says, are in English: people search for it.

mod language;
mod message;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

pub use language::Language;
pub use message::{Message, Value};

thread_local! {
    /// The language of what is being put into words on this thread. It is set for a while only, by [`within`].
    static SPOKEN: Cell<Language> = const { Cell::new(Language::English) };
}

/// Puts into words in a language what `speak` puts into words.
pub fn within<R>(language: Language, speak: impl FnOnce() -> R) -> R {
    /// Sets the language back, also when `speak` panics.
    struct Back(Language);
    impl Drop for Back {
        fn drop(&mut self) {
            SPOKEN.set(self.0);
        }
    }
    let _back = Back(SPOKEN.replace(language));
    speak()
}

/// The language of what is being put into words: to be carried over to another thread.
pub fn language() -> Language {
    SPOKEN.get()
}

/// A number with so many decimals, as the language writes it: `2.5` in English, `2,5` in the others.
pub fn decimal(number: impl Into<f64>, places: usize) -> String {
    let written = format!("{:.places$}", number.into());
    match SPOKEN.get() {
        Language::English => written,
        Language::Portuguese | Language::Spanish => written.replace('.', ","),
    }
}

/// A text that takes no values.
pub fn t(id: &'static str) -> &'static str {
    let text = book(SPOKEN.get()).plain.get(id);
    debug_assert!(text.is_some(), "there is no text {id} without values");
    text.map_or(id, String::as_str)
}

/// A text with values in it.
pub fn say<'a>(
    id: &'static str,
    values: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
) -> String {
    let values: FluentArgs<'a> = values.into_iter().collect();
    let text = book(SPOKEN.get()).format(id, Some(&values));
    debug_assert!(
        text.is_some(),
        "there is no text {id}, or it needs another value"
    );
    text.unwrap_or_else(|| id.to_owned())
}

/// The texts of one language.
struct Book {
    bundle: FluentBundle<FluentResource>,
    /// Those that take no values, ready to be shown.
    plain: HashMap<String, String>,
}

impl Book {
    fn new(language: Language) -> Self {
        let source = language.source();
        // What is wrong with a file, the tests say.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, _)| rest);
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // Marks around values, for languages that are written from right to left: none of ours, and fonts show them.
        bundle.set_use_isolating(false);
        let _ = bundle.add_resource(resource);
        let mut book = Self {
            bundle,
            plain: HashMap::new(),
        };
        book.plain = ids(source)
            .filter_map(|id| Some((id.to_owned(), book.format(id, None)?)))
            .collect();
        book
    }

    /// `None` where there is no such text, or a value is missing.
    fn format(&self, id: &str, values: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut problems = Vec::new();
        let text = self.bundle.format_pattern(pattern, values, &mut problems);
        problems.is_empty().then(|| text.into_owned())
    }
}

/// Each language's book is made when it is first needed: most people need one.
fn book(language: Language) -> &'static Book {
    static ENGLISH: LazyLock<Book> = LazyLock::new(|| Book::new(Language::English));
    static PORTUGUESE: LazyLock<Book> = LazyLock::new(|| Book::new(Language::Portuguese));
    static SPANISH: LazyLock<Book> = LazyLock::new(|| Book::new(Language::Spanish));
    match language {
        Language::English => &ENGLISH,
        Language::Portuguese => &PORTUGUESE,
        Language::Spanish => &SPANISH,
    }
}

/// The names of the texts in a file, in its order.
fn ids(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let (id, _) = line.split_once(" =")?;
        id.starts_with(|c: char| c.is_ascii_lowercase())
            .then_some(id)
    })
}

#[cfg(test)]
mod tests;
