//! What the streamer tells people of a broadcast. It may change while live; a player needs none of it.

use serde::{Deserialize, Serialize};

use crate::record::{Record, RecordError, RecordWriter};
use crate::{Category, DonationLink};

/// What the streamer tells people of a broadcast. All of it comes from a stranger: it is text, never HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// A title, possibly empty, on one line.
    pub title: String,
    /// Who broadcasts, on one line. Empty: somebody who does not say.
    pub author: String,
    /// What it is about; lines end with `\n`.
    pub description: String,
    /// What kind of thing it is.
    pub category: Option<Category>,
    /// Words by which it may be found, each on one line.
    pub keywords: Vec<String>,
    /// Whether viewers are asked before they are shown it.
    pub sensitive: bool,
    /// Where viewers may give something.
    pub donation: Option<DonationLink>,
}

impl Details {
    /// The longest title, in characters.
    pub const MAX_TITLE_CHARS: usize = 255;
    /// The longest author's name, in characters. Chosen: full names stay below.
    pub const MAX_AUTHOR_CHARS: usize = 80;
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 4000;
    /// Most keywords. Chosen: more find nothing more.
    pub const MAX_KEYWORDS: usize = 20;
    /// The longest keyword, in characters.
    pub const MAX_KEYWORD_CHARS: usize = 40;

    /// A title and nothing else.
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// The same, cut to what may be said: a long title is shortened rather than lost, and control characters go.
    #[must_use]
    pub fn fitted(&self) -> Self {
        let mut keywords = Vec::new();
        for keyword in &self.keywords {
            let keyword = line(keyword.trim(), Self::MAX_KEYWORD_CHARS);
            if !keyword.is_empty() && !keywords.contains(&keyword) {
                keywords.push(keyword);
            }
        }
        keywords.truncate(Self::MAX_KEYWORDS);
        Self {
            title: line(&self.title, Self::MAX_TITLE_CHARS),
            author: line(&self.author, Self::MAX_AUTHOR_CHARS),
            description: self
                .description
                .chars()
                .filter(|char| !is_wrong_in_text(*char))
                .take(Self::MAX_DESCRIPTION_CHARS)
                .collect(),
            category: self.category,
            keywords,
            sensitive: self.sensitive,
            donation: self.donation.clone(),
        }
    }

    /// Adds the fields that say something.
    pub(crate) fn write(&self, record: RecordWriter) -> RecordWriter {
        let fitted = self.fitted();
        let mut record = record.bytes("title", fitted.title);
        for (name, text) in [
            ("author", fitted.author),
            ("description", fitted.description),
        ] {
            if !text.is_empty() {
                record = record.bytes(name, text);
            }
        }
        if let Some(category) = fitted.category {
            record = record.bytes("category", category.name());
        }
        if !fitted.keywords.is_empty() {
            record = record.texts("keywords", fitted.keywords);
        }
        if fitted.sensitive {
            record = record.integer("sensitive", 1);
        }
        if let Some(donation) = fitted.donation {
            record = record.bytes("donation", String::from(donation));
        }
        record
    }

    /// Takes the fields out of a record.
    pub(crate) fn read(record: &mut Record) -> Result<Self, RecordError> {
        let keywords = record.texts("keywords", Self::MAX_KEYWORDS, Self::MAX_KEYWORD_CHARS)?;
        let sensitive: Option<u8> = record.optional_integer("sensitive")?;
        let category = record.optional_text("category", Category::MAX_NAME_CHARS)?;
        let donation = record.optional_text("donation", DonationLink::MAX_LEN)?;
        let donation = donation.map(|link| DonationLink::parse(&link)).transpose();
        let details = Self {
            title: record.text("title", Self::MAX_TITLE_CHARS)?,
            author: record
                .optional_text("author", Self::MAX_AUTHOR_CHARS)?
                .unwrap_or_default(),
            description: record
                .optional_text("description", Self::MAX_DESCRIPTION_CHARS)?
                .unwrap_or_default(),
            // A later version's category is none of ours.
            category: category.and_then(|name| Category::from_name(&name).ok()),
            keywords,
            sensitive: match sensitive {
                None => false,
                Some(1) => true,
                Some(_) => return Err(RecordError::Range("sensitive")),
            },
            donation: donation.map_err(|_| RecordError::Range("donation"))?,
        };
        details.check_characters()?;
        Ok(details)
    }

    fn check_characters(&self) -> Result<(), RecordError> {
        let is_line = |text: &str| !text.chars().any(char::is_control);
        let checks = [
            ("title", is_line(&self.title)),
            ("author", is_line(&self.author)),
            (
                "description",
                !self.description.chars().any(is_wrong_in_text),
            ),
            (
                "keywords",
                self.keywords
                    .iter()
                    .all(|keyword| !keyword.is_empty() && is_line(keyword)),
            ),
        ];
        match checks.into_iter().find(|(_, is_fine)| !is_fine) {
            Some((name, _)) => Err(RecordError::Range(name)),
            None => Ok(()),
        }
    }
}

fn line(text: &str, longest: usize) -> String {
    text.chars()
        .filter(|char| !char.is_control())
        .take(longest)
        .collect()
}

fn is_wrong_in_text(char: char) -> bool {
    char.is_control() && char != '\n'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(details: &Details) -> Result<Details, RecordError> {
        let bytes = details.write(RecordWriter::default()).finish();
        Details::read(&mut Record::parse(&bytes).unwrap())
    }

    fn refused(record: RecordWriter) -> RecordError {
        let bytes = record.bytes("title", *b"A title").finish();
        Details::read(&mut Record::parse(&bytes).unwrap()).unwrap_err()
    }

    #[test]
    fn what_is_not_said_takes_no_room() {
        let bytes = Details::titled("x").write(RecordWriter::default()).finish();
        assert_eq!(bytes, b"d5:title1:xe");
    }

    #[test]
    fn a_later_versions_category_is_none() {
        let record = RecordWriter::default()
            .bytes("title", *b"x")
            .bytes("category", *b"gardening");
        let details = Details::read(&mut Record::parse(&record.finish()).unwrap()).unwrap();
        assert_eq!(details.category, None);
    }

    #[test]
    fn what_is_too_long_or_would_deceive_is_refused() {
        let record = RecordWriter::default;
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(
            refused(record().bytes("author", "a".repeat(81))),
            RecordError::Range("author")
        );
        assert_eq!(
            refused(record().bytes("description", "a".repeat(4001))),
            RecordError::Range("description")
        );
        assert_eq!(
            refused(record().bytes("author", *b"a\x1b[2J")),
            RecordError::Range("author")
        );
        assert_eq!(
            refused(record().bytes("donation", *b"javascript:alert(1)")),
            RecordError::Range("donation")
        );
        assert_eq!(
            refused(record().integer("sensitive", 2)),
            RecordError::Range("sensitive")
        );
        assert_eq!(
            refused(record().texts("keywords", texts(&["a"; 21]))),
            RecordError::Range("keywords")
        );
        assert_eq!(
            refused(record().texts("keywords", texts(&[""]))),
            RecordError::Range("keywords")
        );
        assert_eq!(
            refused(record().bytes("keywords", *b"music")),
            RecordError::Field("keywords")
        );
    }

    fn any_details() -> impl Strategy<Value = Details> {
        let category = proptest::option::of(proptest::sample::select(&Category::ALL[..]));
        let donation = proptest::option::of("https?://[a-z]{1,20}(/[a-z0-9?#=]{0,40})?");
        (
            any::<String>(),
            any::<String>(),
            any::<String>(),
            category,
            proptest::collection::vec(any::<String>(), 0..30),
            any::<bool>(),
            donation,
        )
            .prop_map(
                |(title, author, description, category, keywords, sensitive, donation)| Details {
                    title,
                    author,
                    description,
                    category,
                    keywords,
                    sensitive,
                    donation: donation.map(|link| DonationLink::parse(&link).unwrap()),
                },
            )
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_as_it_was_fitted(details in any_details()) {
            prop_assert_eq!(written(&details), Ok(details.fitted()));
            prop_assert_eq!(details.fitted().fitted(), details.fitted());
        }
    }
}
