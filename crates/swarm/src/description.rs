//! What a broadcast is, signed by its streamer.

use bytes::Bytes;

use crate::record::{Record, RecordError, RecordWriter};
use crate::{BroadcastId, Details, UnixMillis};

/// The longest codec parameter: two codecs take 23 characters.
const MAX_CODECS_CHARS: usize = 128;
/// The longest init segment: ours take 1.3 KB; one with many tracks and edit lists stays far below.
const MAX_INIT_SEGMENT_LEN: usize = 32 * 1024;

/// What the streamer says of a broadcast. A newer revision of the same broadcast replaces an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Which run from Start to Stop this is.
    pub broadcast: BroadcastId,
    /// Grows with each change.
    pub revision: u32,
    /// Whether segments are to be expected.
    pub state: BroadcastState,
    /// When it started, by the streamer's wall clock.
    pub started_at: UnixMillis,
    /// What people are told of it.
    pub details: Details,
    /// The parameter for MSE, such as `avc1.640028,mp4a.40.2` (RFC 6381).
    pub codecs: String,
    /// The stream's rate in bits a second, sound and picture.
    pub bits_per_second: u64,
    /// How long a segment plays, in milliseconds, if nothing special happens.
    pub segment_millis: u32,
    /// `ftyp` and `moov` (ISO/IEC 14496-12).
    pub init_segment: Bytes,
}

/// Whether segments are to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BroadcastState {
    /// Segments come.
    Live,
    /// The streamer has paused; segments will come again.
    Paused,
    /// There will be no more segments.
    Ended,
}

impl BroadcastState {
    fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Live, Self::Paused, Self::Ended]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

impl Description {
    /// Whether this replaces `other`: a later revision of the same broadcast, or a later broadcast.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        if self.broadcast == other.broadcast {
            self.revision > other.revision
        } else {
            self.started_at > other.started_at
        }
    }

    /// The record that is signed.
    pub(crate) fn to_record(&self) -> Vec<u8> {
        let record = RecordWriter::default()
            .bytes("broadcast", self.broadcast.0.to_be_bytes())
            .integer("revision", self.revision.into())
            .bytes("state", self.state.name())
            .integer("started", self.started_at.0)
            .bytes("codecs", self.codecs.as_str())
            .integer("rate", self.bits_per_second)
            .integer("segment", self.segment_millis.into())
            .bytes("init", self.init_segment.as_ref());
        self.details.write(record).finish()
    }

    /// Reads a record whose signature has been checked.
    ///
    /// # Errors
    ///
    /// When a field is missing or out of range.
    pub fn parse(record: &[u8]) -> Result<Self, RecordError> {
        let mut record = Record::parse(record)?;
        let state = record.text("state", 16)?;
        let init_segment = record.bytes("init")?;
        if init_segment.is_empty() || init_segment.len() > MAX_INIT_SEGMENT_LEN {
            return Err(RecordError::Range("init"));
        }
        Ok(Self {
            broadcast: record.broadcast()?,
            revision: record.integer("revision")?,
            state: BroadcastState::from_name(&state).ok_or(RecordError::Range("state"))?,
            started_at: UnixMillis(record.integer("started")?),
            details: Details::read(&mut record)?,
            codecs: record.text("codecs", MAX_CODECS_CHARS)?,
            bits_per_second: record.integer("rate")?,
            segment_millis: record.integer("segment")?,
            init_segment: init_segment.into(),
        })
    }
}

impl Record {
    /// The field `broadcast`, 8 bytes big-endian in every record that has it.
    pub(crate) fn broadcast(&mut self) -> Result<BroadcastId, RecordError> {
        let bytes = self.bytes("broadcast")?;
        let bytes = bytes
            .try_into()
            .map_err(|_| RecordError::Range("broadcast"))?;
        Ok(BroadcastId(u64::from_be_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, DonationLink};

    fn description() -> Description {
        Description {
            broadcast: BroadcastId(u64::MAX),
            revision: 3,
            state: BroadcastState::Paused,
            started_at: UnixMillis(1_700_000_000_000),
            details: Details::titled("Ein Konzert"),
            codecs: "avc1.640028,mp4a.40.2".to_owned(),
            bits_per_second: 2_500_000,
            segment_millis: 250,
            init_segment: Bytes::from_static(b"ftypmoov"),
        }
    }

    #[test]
    fn a_description_reads_as_it_was_written() {
        assert_eq!(
            Description::parse(&description().to_record()),
            Ok(description())
        );
    }

    #[test]
    fn a_long_title_is_cut_rather_than_lost() {
        let long = Description {
            details: Details::titled("é".repeat(300)),
            ..description()
        };
        let read = Description::parse(&long.to_record()).unwrap();
        assert_eq!(read.details.title, "é".repeat(255));
    }

    #[test]
    fn the_largest_description_fits_into_a_message() {
        // Four bytes of UTF-8 each.
        let text = |chars: usize| "\u{1f3b8}".repeat(chars);
        let keyword =
            |number: usize| format!("{number:02}{}", text(Details::MAX_KEYWORD_CHARS - 2));
        let link = format!("https://example.org/{}", "a".repeat(480));
        let largest = Description {
            started_at: UnixMillis(i64::MAX as u64),
            codecs: text(MAX_CODECS_CHARS),
            bits_per_second: i64::MAX as u64,
            segment_millis: u32::MAX,
            revision: u32::MAX,
            init_segment: vec![0; MAX_INIT_SEGMENT_LEN].into(),
            details: Details {
                title: text(Details::MAX_TITLE_CHARS),
                author: text(Details::MAX_AUTHOR_CHARS),
                description: text(Details::MAX_DESCRIPTION_CHARS),
                category: Some(Category::ScienceTechnology),
                keywords: (0..Details::MAX_KEYWORDS).map(keyword).collect(),
                sensitive: true,
                donation: Some(DonationLink::parse(&link).unwrap()),
            },
            ..description()
        };
        let record = largest.to_record();
        assert_eq!(Description::parse(&record).as_ref(), Ok(&largest));
        // A signature, and what carries them, take less than a hundred bytes.
        assert!(record.len() + 100 < crate::wire::MAX_MESSAGE_LEN);
    }

    #[test]
    fn a_later_revision_or_a_later_broadcast_replaces() {
        let old = description();
        let revised = Description {
            revision: 4,
            ..description()
        };
        let next = Description {
            broadcast: BroadcastId(1),
            revision: 0,
            started_at: UnixMillis(old.started_at.0 + 1),
            ..description()
        };
        assert!(revised.replaces(&old) && !old.replaces(&revised));
        assert!(next.replaces(&revised) && !revised.replaces(&next));
        assert!(!old.replaces(&old));
    }
}
