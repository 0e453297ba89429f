//! What kind of thing a broadcast is: a fixed list, so that pages can translate it and a catalogue can sort by it.

use serde::{Deserialize, Serialize};

/// A broadcast's category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&str")]
#[allow(missing_docs, reason = "each name says it")]
pub enum Category {
    Activism,
    Animals,
    Art,
    Comedy,
    Education,
    Entertainment,
    Films,
    Food,
    Gaming,
    HowTo,
    Kids,
    Music,
    NewsPolitics,
    People,
    ScienceTechnology,
    Sports,
    Travels,
    Vehicles,
}

/// A name that is none of a category.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is no category; use one of: {}", Category::ALL.map(Category::name).join(", "))]
pub struct UnknownCategory {
    name: String,
}

impl Category {
    /// The longest name that is looked at: later versions may have longer ones than ours.
    pub(crate) const MAX_NAME_CHARS: usize = 64;

    /// All of them, in the order of the alphabet.
    pub const ALL: [Self; 18] = [
        Self::Activism,
        Self::Animals,
        Self::Art,
        Self::Comedy,
        Self::Education,
        Self::Entertainment,
        Self::Films,
        Self::Food,
        Self::Gaming,
        Self::HowTo,
        Self::Kids,
        Self::Music,
        Self::NewsPolitics,
        Self::People,
        Self::ScienceTechnology,
        Self::Sports,
        Self::Travels,
        Self::Vehicles,
    ];

    /// Its name on the wire, on the command line and in files, which stays whatever a window calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Activism => "activism",
            Self::Animals => "animals",
            Self::Art => "art",
            Self::Comedy => "comedy",
            Self::Education => "education",
            Self::Entertainment => "entertainment",
            Self::Films => "films",
            Self::Food => "food",
            Self::Gaming => "gaming",
            Self::HowTo => "how-to",
            Self::Kids => "kids",
            Self::Music => "music",
            Self::NewsPolitics => "news-politics",
            Self::People => "people",
            Self::ScienceTechnology => "science-technology",
            Self::Sports => "sports",
            Self::Travels => "travels",
            Self::Vehicles => "vehicles",
        }
    }

    /// The category of this name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_name(name: &str) -> Result<Self, UnknownCategory> {
        let unknown = || UnknownCategory {
            name: name.to_owned(),
        };
        Self::ALL
            .into_iter()
            .find(|category| category.name() == name)
            .ok_or_else(unknown)
    }
}

impl From<Category> for &str {
    fn from(category: Category) -> Self {
        category.name()
    }
}

impl TryFrom<String> for Category {
    type Error = UnknownCategory;

    fn try_from(name: String) -> Result<Self, UnknownCategory> {
        Self::from_name(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_is_found_by_its_name() {
        for category in Category::ALL {
            assert_eq!(Category::from_name(category.name()), Ok(category));
        }
    }

    #[test]
    fn a_name_that_is_none_is_answered_with_those_that_are() {
        let error = Category::from_name("cats").unwrap_err().to_string();
        assert!(error.contains("'cats'") && error.contains("animals, art"));
    }
}
