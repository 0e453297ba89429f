//! Something to be said to a person, before it is put into a language: what the engine and capture say goes through the
//! snapshot like this, so that each reader puts it into its own. The window speaks the person's language; the command
//! line and the log speak English.

use std::fmt;

use fluent_bundle::FluentValue;

use super::{Language, say, within};

/// A text with its values, in no language yet. As text (`Display`) it is in English.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(Words);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Words {
    Text {
        id: &'static str,
        values: Vec<(&'static str, Value)>,
    },
    Verbatim(String),
}

/// What stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A name, an address, a number as it is to be written.
    Text(String),
    /// A number whose grammar matters, such as that of viewers.
    Count(u64),
    /// A reason, in its turn to be put into words.
    Message(Box<Message>),
}

impl Message {
    /// The text of this name in `assets/texts`.
    pub fn new(id: &'static str) -> Self {
        Self(Words::Text {
            id,
            values: Vec::new(),
        })
    }

    /// The same with a value in it. What is verbatim takes none.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        if let Words::Text { values, .. } = &mut self.0 {
            values.push((name, value.into()));
        }
        self
    }

    /// The words of the system, of a library or of another machine, which are shown in the language that they come in.
    pub fn verbatim(words: impl fmt::Display) -> Self {
        Self(Words::Verbatim(words.to_string()))
    }

    /// In the language that is spoken on this thread: see [`within`].
    pub fn spoken(&self) -> String {
        match &self.0 {
            Words::Verbatim(words) => words.clone(),
            Words::Text { id, values } => {
                let values = values.iter().map(|(name, value)| (*name, value.spoken()));
                say(id, values)
            }
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&within(Language::English, || self.spoken()))
    }
}

/// In English too, so that logs can be read.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl From<&str> for Message {
    fn from(words: &str) -> Self {
        Self::verbatim(words)
    }
}

impl From<String> for Message {
    fn from(words: String) -> Self {
        Self(Words::Verbatim(words))
    }
}

impl Value {
    fn spoken(&self) -> FluentValue<'static> {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Count(count) => (*count).into(),
            Self::Message(message) => message.spoken().into(),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_put_into_the_language_of_whoever_reads_it() {
        let message = Message::new("hint-port")
            .with("wanted", "8080")
            .with("actual", "8081");
        assert_eq!(
            message.to_string(),
            "Another program uses port 8080, so the link has port 8081. It may differ the next time you start this program."
        );
        let spanish = within(Language::Spanish, || message.spoken());
        assert!(
            spanish.starts_with("Otro programa usa el puerto 8080"),
            "{spanish}"
        );
        let log = within(Language::Spanish, || message.to_string());
        assert!(log.starts_with("Another program"), "{log}");
    }

    #[test]
    fn a_reason_within_a_message_is_in_the_same_language() {
        let why = Message::new("hint-tracker");
        let message = Message::new("hint-start").with("why", why.clone());
        let (whole, part) = within(Language::Portuguese, || (message.spoken(), why.spoken()));
        assert!(whole.contains(&part), "{whole}");
    }

    #[test]
    fn what_others_say_is_left_as_it_is() {
        let message = Message::verbatim("ENOSPC");
        assert_eq!(within(Language::Spanish, || message.spoken()), "ENOSPC");
    }
}
