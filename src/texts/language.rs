//! The languages that the program speaks.

use serde::{Deserialize, Serialize};
use unic_langid::{LanguageIdentifier, langid};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// The one that every text is written in first.
    #[default]
    #[serde(rename = "en")]
    English,
    /// As in Brazil, and understood elsewhere.
    #[serde(rename = "pt")]
    Portuguese,
    /// As in Spain, and understood elsewhere.
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::Portuguese, Self::Spanish];

    /// Its name in itself: whoever cannot read the others finds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Portuguese => "Português",
            Self::Spanish => "Español",
        }
    }

    /// That of this user's system, or English where it is none of these.
    pub fn of_system() -> Self {
        sys_locale::get_locales()
            .find_map(|tag| Self::of_tag(&tag))
            .unwrap_or_default()
    }

    /// That of a tag such as `pt-BR` (BCP 47).
    fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_', '.']).next()?.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|known| known.identifier().language.as_str() == language)
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        match self {
            Self::English => langid!("en"),
            Self::Portuguese => langid!("pt"),
            Self::Spanish => langid!("es"),
        }
    }

    /// The file with its texts.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../../assets/texts/en.ftl"),
            Self::Portuguese => include_str!("../../assets/texts/pt.ftl"),
            Self::Spanish => include_str!("../../assets/texts/es.ftl"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_tag_whatever_the_country() {
        for (tag, language) in [
            ("pt-BR", Some(Language::Portuguese)),
            ("pt_PT.UTF-8", Some(Language::Portuguese)),
            ("ES", Some(Language::Spanish)),
            ("en-GB", Some(Language::English)),
            ("de-AT", None),
            ("", None),
            ("C", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }
}
