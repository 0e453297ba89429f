//! Cards with the channel's Ed25519 signature (RFC 8032), as they go from a streamer to a hub, and from hub to hub.
//!
//! 32 bytes of the channel's public key, 64 bytes of signature, and the bencoded record. What is signed is a purpose and
//! then the record, so that a signature for something else on the same channel is none for a card.

use std::fmt;

use bytes::Bytes;
use swarm::ChannelId;
use swarm::checks::{Checks, Genuine};
use swarm::record::RecordError;
use zeroize::Zeroizing;

use crate::Card;
use crate::card::MAX_THUMBNAIL_LEN;

const CHANNEL_LEN: usize = 32;
const SIGNATURE_LEN: usize = 64;
const PURPOSE: &[u8] = b"liveontorrent:card:1:";

/// The longest signed card, in bytes: a thumbnail, and the longest texts, which take 24 KiB.
pub const MAX_CARD_LEN: usize = MAX_THUMBNAIL_LEN + 32 * 1024;

/// A card, and that the channel's streamer has signed it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCard {
    channel: ChannelId,
    card: Card,
    bytes: Bytes,
}

/// Why bytes are no card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Longer than any card.
    #[error(
        "a card of {0} bytes; at most {MAX_CARD_LEN} are read, of which a thumbnail may have {MAX_THUMBNAIL_LEN}"
    )]
    TooLong(usize),
    /// The key in it did not sign it.
    #[error("the card is not signed by its channel")]
    Signature,
    /// The key signed something that is no card.
    #[error("the card cannot be read: {0}")]
    Record(#[from] RecordError),
}

impl SignedCard {
    /// Checks the signature and reads the card.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn open(bytes: &Bytes) -> Result<Self, CardError> {
        if bytes.len() > MAX_CARD_LEN {
            return Err(CardError::TooLong(bytes.len()));
        }
        let parts = bytes.split_first_chunk::<CHANNEL_LEN>();
        let (channel, rest) = parts.ok_or(CardError::Signature)?;
        let parts = rest.split_at_checked(SIGNATURE_LEN);
        let (signature, record) = parts.ok_or(CardError::Signature)?;
        if !Genuine.verifies(channel, &message(record), signature) {
            return Err(CardError::Signature);
        }
        Ok(Self {
            channel: ChannelId(*channel),
            card: Card::parse(record)?,
            bytes: bytes.clone(),
        })
    }

    /// Whose it is.
    pub fn channel(&self) -> ChannelId {
        self.channel
    }

    /// What it says.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The same card without its signature and its bytes.
    pub fn into_card(self) -> Card {
        self.card
    }

    /// As it was signed.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl fmt::Debug for SignedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedCard({} says {:?})", self.channel, self.card)
    }
}

/// Signs a channel's cards. The key is wiped from memory when it is dropped.
pub struct CardSigner {
    secret: Zeroizing<[u8; 32]>,
    channel: ChannelId,
}

impl CardSigner {
    /// For the channel of this Ed25519 secret key (RFC 8032's 32-byte seed).
    pub fn new(secret: &[u8; 32]) -> Self {
        Self {
            secret: Zeroizing::new(*secret),
            channel: ChannelId::from_secret_key(secret),
        }
    }

    /// Whose cards it signs.
    pub fn channel(&self) -> ChannelId {
        self.channel
    }

    /// A card as it goes to a hub.
    pub fn sign(&self, card: &Card) -> Bytes {
        let record = card.to_record();
        let signature = Genuine.sign(&self.secret, &message(&record));
        [&self.channel.0[..], &signature, &record].concat().into()
    }
}

impl fmt::Debug for CardSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardSigner(of {})", self.channel)
    }
}

fn message(record: &[u8]) -> Vec<u8> {
    [PURPOSE, record].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{MAX_STUN_SERVERS, MAX_TRACKER_LEN, MAX_TRACKERS};
    use swarm::{BroadcastId, Category, Details, UnixMillis};

    fn signer() -> CardSigner {
        CardSigner::new(&[3; 32])
    }

    fn largest() -> Card {
        let text = |chars: usize| "\u{1f3b8}".repeat(chars);
        let keyword =
            |number: usize| format!("{number:02}{}", text(Details::MAX_KEYWORD_CHARS - 2));
        let tracker = format!("wss://{}", "a".repeat(MAX_TRACKER_LEN - 6));
        Card {
            viewers: u32::MAX,
            paused: true,
            started_at: UnixMillis(i64::MAX as u64),
            details: Details {
                title: text(Details::MAX_TITLE_CHARS),
                author: text(Details::MAX_AUTHOR_CHARS),
                description: text(Details::MAX_DESCRIPTION_CHARS),
                category: Some(Category::ScienceTechnology),
                keywords: (0..Details::MAX_KEYWORDS).map(keyword).collect(),
                sensitive: true,
                donation: None,
            },
            trackers: vec![tracker; MAX_TRACKERS],
            stun: vec![format!("{}:65535", "a".repeat(253)); MAX_STUN_SERVERS],
            thumbnail: Some(vec![0; MAX_THUMBNAIL_LEN].into()),
            ..Card::withdrawal(BroadcastId(1), UnixMillis(i64::MAX as u64))
        }
    }

    #[test]
    fn the_largest_card_is_read_as_it_was_signed() {
        let bytes = signer().sign(&largest());
        assert!(bytes.len() <= MAX_CARD_LEN, "{}", bytes.len());
        let opened = SignedCard::open(&bytes).unwrap();
        assert_eq!(opened.card(), &largest());
        assert_eq!(opened.channel(), signer().channel());
        assert_eq!(opened.bytes(), &bytes);
    }

    #[test]
    fn what_another_key_signed_or_somebody_changed_is_no_card() {
        let bytes = signer().sign(&Card::withdrawal(BroadcastId(1), UnixMillis(1)));
        for place in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[place] ^= 1;
            assert_eq!(
                SignedCard::open(&changed.into()),
                Err(CardError::Signature),
                "{place}"
            );
        }
        for len in 0..bytes.len() {
            assert_eq!(
                SignedCard::open(&bytes.slice(..len)),
                Err(CardError::Signature)
            );
        }
    }

    #[test]
    fn a_signed_text_that_is_no_card_is_refused() {
        let signer = signer();
        let signature = Genuine.sign(&signer.secret, &message(b"hello"));
        let bytes = [&signer.channel.0[..], &signature, b"hello"].concat();
        let refused = SignedCard::open(&bytes.into()).unwrap_err();
        assert!(matches!(refused, CardError::Record(_)), "{refused}");
    }

    #[test]
    fn too_much_is_not_looked_at() {
        let much = Bytes::from(vec![0; MAX_CARD_LEN + 1]);
        assert_eq!(
            SignedCard::open(&much),
            Err(CardError::TooLong(MAX_CARD_LEN + 1))
        );
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert!(!format!("{:?}", signer()).contains("0303"));
    }
}
