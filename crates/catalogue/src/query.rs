//! What of the list is wanted, and in which order.

use std::cmp::Reverse;
use std::sync::Arc;

use swarm::Category;

use crate::Entry;

/// What of the list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only of this category.
    pub category: Option<Category>,
    /// Only where each of these words is in the title, the author's name, the description or the keywords, in whatever
    /// case. Empty for all.
    pub words: String,
    /// In which order.
    pub sort: Sort,
    /// How many are left out at the beginning.
    pub skip: usize,
    /// The most that are wanted.
    pub most: usize,
}

/// In which order channels are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Most viewers first.
    #[default]
    Viewers,
    /// Latest start first.
    Started,
}

/// A name that is none of an order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no order; use viewers or started")]
pub struct UnknownSort(String);

impl Sort {
    /// The order of this name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn from_name(name: &str) -> Result<Self, UnknownSort> {
        match name {
            "viewers" => Ok(Self::Viewers),
            "started" => Ok(Self::Started),
            other => Err(UnknownSort(other.chars().take(40).collect())),
        }
    }

    fn sort(self, entries: &mut [Arc<Entry>]) {
        // The channel at last, so that the order is one and pages of it fit together.
        let started = |entry: &Entry| Reverse(entry.card.started_at);
        match self {
            Self::Viewers => entries.sort_by_cached_key(|entry| {
                (Reverse(entry.card.viewers), started(entry), entry.channel)
            }),
            Self::Started => entries.sort_by_cached_key(|entry| (started(entry), entry.channel)),
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Listing {
    /// How many there are, on all pages.
    pub found: usize,
    /// Those that were wanted.
    pub entries: Vec<Arc<Entry>>,
}

impl Query {
    pub(crate) fn answer<'a>(&self, all: impl Iterator<Item = &'a Arc<Entry>>) -> Listing {
        let words = self.words.to_lowercase();
        let words: Vec<&str> = words.split_whitespace().collect();
        let is_wanted = |entry: &&Arc<Entry>| {
            let details = &entry.card.details;
            (self.category.is_none() || self.category == details.category)
                && words.iter().all(|word| entry.searched.contains(word))
        };
        let mut entries: Vec<_> = all.filter(is_wanted).cloned().collect();
        self.sort.sort(&mut entries);
        let found = entries.len();
        entries.drain(..self.skip.min(found));
        entries.truncate(self.most);
        Listing { found, entries }
    }
}
