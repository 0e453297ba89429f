//! What a streamer says of a live channel to have it listed.

use bytes::Bytes;
use swarm::record::RecordError;
use swarm::{BroadcastId, Category, Details, UnixMillis, is_stun_server};

use crate::fields::{Fields, FieldsWriter};

/// The largest thumbnail, in bytes. The streamer's are 320×180 JPEGs, of 20 KB where the picture is all noise.
pub const MAX_THUMBNAIL_LEN: usize = 48 * 1024;
/// Most trackers: as many as a share link has.
pub const MAX_TRACKERS: usize = 8;
/// The longest address of a tracker, in bytes. Chosen: eight of them fit into a link.
pub const MAX_TRACKER_LEN: usize = 200;
/// Most STUN servers: as many as a share link has.
pub const MAX_STUN_SERVERS: usize = 4;
/// The longest `HOST:PORT`, in bytes: RFC 1035's 253, and a port.
const MAX_STUN_LEN: usize = 259;
/// The longest category's name that is looked at: later versions may have longer ones than ours.
const MAX_CATEGORY_CHARS: usize = 64;

/// What a streamer says of a channel. A later one replaces an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// When it was made, by the streamer's wall clock, which the hub's has to agree with to the minute. Each of a
    /// channel's cards is later than the one before, so that an old one shown again is known for what it is.
    pub issued_at: UnixMillis,
    /// Which run from Start to Stop it is of.
    pub broadcast: BroadcastId,
    /// Whether the channel is to be taken off the list. All else says nothing then.
    pub withdrawn: bool,
    /// Whether the broadcast stands still.
    pub paused: bool,
    /// When it started, by the streamer's wall clock.
    pub started_at: UnixMillis,
    /// How many watch, as the streamer counts.
    pub viewers: u32,
    /// What people are told of it. A card says nothing of donations.
    pub details: Details,
    /// WebTorrent trackers (`ws://`, `wss://`) at which its viewers meet, beside the hub's own.
    pub trackers: Vec<String>,
    /// STUN servers (`HOST:PORT`) by which its viewers learn their addresses beyond a router.
    pub stun: Vec<String>,
    /// What can be seen of it: a JPEG of at most [`MAX_THUMBNAIL_LEN`] bytes. Whether it is one is not known before it is
    /// decoded.
    pub thumbnail: Option<Bytes>,
}

impl Card {
    /// The card that takes a channel off the list.
    pub fn withdrawal(broadcast: BroadcastId, issued_at: UnixMillis) -> Self {
        Self {
            issued_at,
            broadcast,
            withdrawn: true,
            paused: false,
            started_at: UnixMillis(0),
            viewers: 0,
            details: Details::default(),
            trackers: Vec::new(),
            stun: Vec::new(),
            thumbnail: None,
        }
    }

    /// The record that is signed. Texts that are too long are cut; trackers and thumbnails that would be refused are left
    /// out.
    pub fn to_record(&self) -> Vec<u8> {
        let details = self.details.fitted();
        let thumbnail = self.thumbnail.as_deref().unwrap_or_default();
        let trackers = self.trackers.iter().filter(|tracker| is_tracker(tracker));
        let stun = self.stun.iter().filter(|server| is_stun_server(server));
        let mut fields = FieldsWriter::default()
            .integer("issued", self.issued_at.0)
            .bytes("broadcast", self.broadcast.0.to_be_bytes())
            .flag("withdrawn", self.withdrawn)
            .flag("paused", self.paused)
            .integer("started", self.started_at.0)
            .integer("viewers", self.viewers.into())
            .bytes("title", details.title)
            .bytes("author", details.author)
            .bytes("description", details.description)
            .texts("keywords", details.keywords)
            .flag("sensitive", details.sensitive)
            .texts("trackers", trackers.take(MAX_TRACKERS).cloned().collect())
            .texts("stun", stun.take(MAX_STUN_SERVERS).cloned().collect());
        if thumbnail.len() <= MAX_THUMBNAIL_LEN {
            fields = fields.bytes("thumbnail", thumbnail);
        }
        if let Some(category) = details.category {
            fields = fields.bytes("category", category.name());
        }
        fields.finish()
    }

    /// Reads a record whose signature has been checked.
    ///
    /// # Errors
    ///
    /// When a field is missing or out of range.
    pub fn parse(record: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields::parse(record)?;
        let broadcast = fields
            .bytes("broadcast", 8)?
            .ok_or(RecordError::Field("broadcast"))?;
        let broadcast = broadcast
            .try_into()
            .map_err(|_| RecordError::Range("broadcast"))?;
        let trackers = fields.texts("trackers", MAX_TRACKERS, MAX_TRACKER_LEN)?;
        if !trackers.iter().all(|tracker| is_tracker(tracker)) {
            return Err(RecordError::Range("trackers"));
        }
        let stun = fields.texts("stun", MAX_STUN_SERVERS, MAX_STUN_LEN)?;
        if !stun.iter().all(|server| is_stun_server(server)) {
            return Err(RecordError::Range("stun"));
        }
        let thumbnail = fields.bytes("thumbnail", MAX_THUMBNAIL_LEN)?;
        Ok(Self {
            issued_at: millis(&mut fields, "issued")?,
            broadcast: BroadcastId(u64::from_be_bytes(broadcast)),
            withdrawn: fields.flag("withdrawn")?,
            paused: fields.flag("paused")?,
            started_at: millis(&mut fields, "started")?,
            viewers: fields
                .integer("viewers")?
                .ok_or(RecordError::Field("viewers"))?,
            details: details(&mut fields)?,
            trackers,
            stun,
            thumbnail: thumbnail.map(Bytes::from),
        })
    }
}

fn millis(fields: &mut Fields, name: &'static str) -> Result<UnixMillis, RecordError> {
    let millis = fields.integer(name)?.ok_or(RecordError::Field(name))?;
    Ok(UnixMillis(millis))
}

fn details(fields: &mut Fields) -> Result<Details, RecordError> {
    let category = fields.text("category", MAX_CATEGORY_CHARS)?;
    let details = Details {
        title: fields.text("title", Details::MAX_TITLE_CHARS)?,
        author: fields.text("author", Details::MAX_AUTHOR_CHARS)?,
        description: fields.text("description", Details::MAX_DESCRIPTION_CHARS)?,
        // A later version's category is none of ours.
        category: Category::from_name(&category).ok(),
        keywords: fields.texts(
            "keywords",
            Details::MAX_KEYWORDS,
            Details::MAX_KEYWORD_CHARS,
        )?,
        sensitive: fields.flag("sensitive")?,
        donation: None,
    };
    // Control characters, and keywords that say nothing or nothing new.
    let fitted = details.fitted();
    let checks = [
        ("title", details.title == fitted.title),
        ("author", details.author == fitted.author),
        ("description", details.description == fitted.description),
        ("keywords", details.keywords == fitted.keywords),
    ];
    match checks.into_iter().find(|(_, is_fine)| !is_fine) {
        Some((name, _)) => Err(RecordError::Range(name)),
        None => Ok(details),
    }
}

/// Whether it is plainly the address of a WebSocket.
fn is_tracker(text: &str) -> bool {
    let rest = text
        .strip_prefix("wss://")
        .or_else(|| text.strip_prefix("ws://"));
    let is_fine = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
    text.len() <= MAX_TRACKER_LEN
        && rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_fine))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn card() -> Card {
        Card {
            issued_at: UnixMillis(1_700_000_100_000),
            broadcast: BroadcastId(7),
            withdrawn: false,
            paused: true,
            started_at: UnixMillis(1_700_000_000_000),
            viewers: 12,
            details: Details {
                author: "Wir".to_owned(),
                category: Some(Category::Music),
                keywords: vec!["Jazz".to_owned()],
                sensitive: true,
                ..Details::titled("Ein Konzert")
            },
            trackers: vec!["wss://tracker.example/announce".to_owned()],
            stun: vec!["stun.example:3478".to_owned()],
            thumbnail: Some(Bytes::from_static(b"picture")),
        }
    }

    fn refused(card: &Card, change: impl FnOnce(FieldsWriter) -> FieldsWriter) -> RecordError {
        let fields = FieldsWriter::default()
            .integer("issued", card.issued_at.0)
            .bytes("broadcast", card.broadcast.0.to_be_bytes())
            .integer("started", card.started_at.0)
            .integer("viewers", 1);
        Card::parse(&change(fields).finish()).unwrap_err()
    }

    #[test]
    fn a_card_reads_as_it_was_written() {
        assert_eq!(Card::parse(&card().to_record()), Ok(card()));
    }

    #[test]
    fn what_is_too_long_or_would_deceive_is_refused() {
        let texts = |text: &str, many: usize| vec![text.to_owned(); many];
        let card = card();
        let range = |name| RecordError::Range(name);
        assert_eq!(
            refused(&card, |fields| fields.bytes("title", "a".repeat(256))),
            range("title")
        );
        assert_eq!(
            refused(&card, |fields| fields.bytes("title", *b"a\x1b[2J")),
            range("title")
        );
        assert_eq!(
            refused(&card, |fields| fields.texts("keywords", texts("a", 2))),
            range("keywords")
        );
        assert_eq!(
            refused(&card, |fields| fields.texts("keywords", texts("", 1))),
            range("keywords")
        );
        assert_eq!(
            refused(&card, |fields| fields
                .bytes("thumbnail", vec![0; MAX_THUMBNAIL_LEN + 1])),
            range("thumbnail")
        );
        for tracker in [
            "udp://t.example",
            "ws://",
            "wss://a b",
            "javascript:alert(1)",
        ] {
            assert_eq!(
                refused(&card, |fields| fields.texts("trackers", texts(tracker, 1))),
                range("trackers"),
                "{tracker}"
            );
        }
        assert_eq!(
            refused(&card, |fields| fields.texts("stun", texts("a b:1", 1))),
            range("stun")
        );
        assert_eq!(
            refused(&card, |fields| fields.integer("sensitive", 2)),
            range("sensitive")
        );
        assert_eq!(
            refused(&card, |fields| fields.bytes("viewers", *b"many")),
            RecordError::Field("viewers")
        );
        assert_eq!(
            refused(&card, |fields| fields.bytes("broadcast", *b"short")),
            range("broadcast")
        );
    }

    #[test]
    fn words_of_later_versions_are_passed_over() {
        let record = card().to_record();
        let mut longer = b"d1:ale".to_vec();
        longer.extend_from_slice(&record[1..]);
        assert_eq!(Card::parse(&longer), Ok(card()));
    }

    #[test]
    fn a_card_has_no_room_for_what_would_be_refused() {
        let fitted = Card {
            trackers: vec!["http://no".to_owned(), "ws://yes".to_owned()],
            thumbnail: Some(vec![0; MAX_THUMBNAIL_LEN + 1].into()),
            ..card()
        };
        let read = Card::parse(&fitted.to_record()).unwrap();
        assert_eq!(read.trackers, ["ws://yes"]);
        assert_eq!(read.thumbnail, None);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_makes_a_card(title: String, author: String, description: String, keywords: Vec<String>) {
            let typed = Details { title, author, description, keywords, ..Details::default() };
            let card = Card { details: typed.clone(), ..card() };
            let read = Card::parse(&card.to_record());
            prop_assert_eq!(read.map(|read| read.details), Ok(typed.fitted()));
        }
    }
}
