//! What a peer says to a tracker.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_MESSAGE_LEN, MAX_OFFERS, MAX_SCRAPE_HASHES};
use crate::session::{SessionDescription, count, short_text, to_text};
use crate::{InfoHash, OfferId, PeerId, ProtocolError};

/// A message from a peer to a tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage {
    /// I am here, or I am leaving; hand these offers to others.
    Announce(Announce),
    /// Carry my answer to the peer that made the offer.
    Answer(Answer),
    /// How many peers do these swarms have?
    Scrape {
        /// The swarms asked about, at least one and at most [`MAX_SCRAPE_HASHES`].
        info_hashes: Vec<InfoHash>,
    },
}

/// A peer's announcement of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announce {
    /// The swarm.
    pub info_hash: InfoHash,
    /// Who announces.
    pub peer_id: PeerId,
    /// What has happened since the last announce.
    pub event: AnnounceEvent,
    /// Bytes sent to other peers.
    pub uploaded: u64,
    /// Bytes received from other peers.
    pub downloaded: u64,
    /// Bytes that this peer still lacks: 0 for one that has everything (here: the streamer), `None` for one that does
    /// not know yet.
    pub left: Option<u64>,
    /// How many peers are wanted; a tracker serves no more than there are offers.
    pub numwant: Option<u32>,
    /// Offers to hand to others, each to another peer; at most [`MAX_OFFERS`].
    pub offers: Vec<Offer>,
    /// What the tracker called this peer in an earlier reply.
    pub tracker_id: Option<String>,
}

/// What has happened since a peer's last announce (BEP 3, BEP 21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnnounceEvent {
    /// The peer joins.
    Started,
    /// The peer has got everything.
    Completed,
    /// The peer leaves.
    Stopped,
    /// The peer has got all that it wants (BEP 21).
    Paused,
    /// Nothing: a regular announce. Also `empty` and no event at all.
    #[default]
    Update,
}

/// A WebRTC offer for whoever the tracker picks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What the answer will name it by.
    pub offer_id: OfferId,
    /// The offer's SDP, with its candidates in it.
    pub sdp: String,
}

/// A WebRTC answer for the peer that made the offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The swarm.
    pub info_hash: InfoHash,
    /// Who answers.
    pub peer_id: PeerId,
    /// Who made the offer.
    pub to_peer_id: PeerId,
    /// Which offer.
    pub offer_id: OfferId,
    /// The answer's SDP, with its candidates in it.
    pub sdp: String,
}

impl ClientMessage {
    /// Reads a message as a tracker receives it.
    ///
    /// # Errors
    ///
    /// When it is not one; the message is fit to be the `failure reason` of a reply.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        if text.len() > MAX_MESSAGE_LEN {
            return Err(ProtocolError::TooLong { len: text.len() });
        }
        let fields: Fields<'_> = serde_json::from_str(text)?;
        match &*fields.action {
            "announce" if fields.answer.is_some() => fields.answer().map(Self::Answer),
            "announce" => fields.announce().map(Self::Announce),
            "scrape" => fields.scrape(),
            _ => Err(ProtocolError::UnknownAction),
        }
    }

    /// The message as it is sent.
    pub fn to_text(&self) -> String {
        match self {
            Self::Announce(announce) => announce.to_text(),
            Self::Answer(answer) => answer.to_text(),
            Self::Scrape { info_hashes } => to_text(&ScrapeText {
                action: "scrape",
                info_hash: info_hashes,
            }),
        }
    }
}

impl Announce {
    fn to_text(&self) -> String {
        to_text(&AnnounceText {
            action: "announce",
            info_hash: self.info_hash,
            peer_id: self.peer_id,
            event: self.event.name(),
            uploaded: self.uploaded,
            downloaded: self.downloaded,
            left: self.left,
            numwant: self.numwant,
            offers: self
                .offers
                .iter()
                .map(|offer| OfferText {
                    offer: SessionDescription::offer(&offer.sdp),
                    offer_id: offer.offer_id,
                })
                .collect(),
            trackerid: self.tracker_id.as_deref(),
        })
    }
}

impl Answer {
    fn to_text(&self) -> String {
        to_text(&AnswerText {
            action: "announce",
            info_hash: self.info_hash,
            peer_id: self.peer_id,
            to_peer_id: self.to_peer_id,
            offer_id: self.offer_id,
            answer: SessionDescription::answer(&self.sdp),
        })
    }
}

impl AnnounceEvent {
    /// The event's name in JSON; a regular announce has none.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Started => Some("started"),
            Self::Completed => Some("completed"),
            Self::Stopped => Some("stopped"),
            Self::Paused => Some("paused"),
            Self::Update => None,
        }
    }

    fn read(name: Option<&str>) -> Result<Self, ProtocolError> {
        Ok(match name {
            Some("started") => Self::Started,
            Some("completed") => Self::Completed,
            Some("stopped") => Self::Stopped,
            Some("paused") => Self::Paused,
            None | Some("" | "empty" | "update") => Self::Update,
            Some(_) => return Err(ProtocolError::UnknownEvent),
        })
    }
}

/// All fields that a peer's messages have. Which of them must be there depends on the kind.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow, default)]
    info_hash: Option<OneOrMany<'a>>,
    #[serde(borrow, default)]
    peer_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    event: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "count")]
    uploaded: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    downloaded: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    left: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    numwant: Option<u64>,
    #[serde(borrow, default)]
    offers: Option<Vec<OfferFields<'a>>>,
    #[serde(borrow, default)]
    trackerid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    to_peer_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    offer_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    answer: Option<SessionDescription<'a>>,
}

#[derive(Deserialize)]
struct OfferFields<'a> {
    #[serde(borrow)]
    offer: SessionDescription<'a>,
    #[serde(borrow)]
    offer_id: Cow<'a, str>,
}

/// A scrape names one swarm by a text or several by a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(#[serde(borrow)] Vec<Cow<'a, str>>),
}

impl Fields<'_> {
    fn announce(self) -> Result<Announce, ProtocolError> {
        let offers = self.offers.unwrap_or_default();
        if offers.len() > MAX_OFFERS {
            return Err(ProtocolError::TooManyOffers);
        }
        Ok(Announce {
            info_hash: one(self.info_hash)?,
            peer_id: PeerId::need(self.peer_id, "peer_id")?,
            event: AnnounceEvent::read(self.event.as_deref())?,
            uploaded: self.uploaded.unwrap_or_default(),
            downloaded: self.downloaded.unwrap_or_default(),
            left: self.left,
            numwant: self.numwant.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
            offers: offers
                .into_iter()
                .map(|fields| {
                    Ok(Offer {
                        offer_id: OfferId::read(&fields.offer_id, "offer_id")?,
                        sdp: fields.offer.sdp("offer")?,
                    })
                })
                .collect::<Result<_, ProtocolError>>()?,
            tracker_id: short_text(self.trackerid, "trackerid")?,
        })
    }

    fn answer(self) -> Result<Answer, ProtocolError> {
        let answer = self
            .answer
            .ok_or(ProtocolError::Missing { field: "answer" })?;
        Ok(Answer {
            info_hash: one(self.info_hash)?,
            peer_id: PeerId::need(self.peer_id, "peer_id")?,
            to_peer_id: PeerId::need(self.to_peer_id, "to_peer_id")?,
            offer_id: OfferId::need(self.offer_id, "offer_id")?,
            sdp: answer.sdp("answer")?,
        })
    }

    fn scrape(self) -> Result<ClientMessage, ProtocolError> {
        let info_hashes = match self.info_hash {
            Some(OneOrMany::Many(texts)) if texts.len() > MAX_SCRAPE_HASHES => {
                return Err(ProtocolError::TooManyHashes);
            }
            Some(OneOrMany::Many(texts)) if !texts.is_empty() => texts
                .iter()
                .map(|text| InfoHash::read(text, "info_hash"))
                .collect::<Result<_, _>>()?,
            Some(OneOrMany::One(text)) => vec![InfoHash::read(&text, "info_hash")?],
            // Elsewhere this asks for all swarms. A channel is for those who have its link, so there is no list.
            Some(OneOrMany::Many(_)) | None => {
                return Err(ProtocolError::Missing { field: "info_hash" });
            }
        };
        Ok(ClientMessage::Scrape { info_hashes })
    }
}

fn one(info_hash: Option<OneOrMany<'_>>) -> Result<InfoHash, ProtocolError> {
    const FIELD: &str = "info_hash";
    match info_hash {
        Some(OneOrMany::One(text)) => InfoHash::read(&text, FIELD),
        Some(OneOrMany::Many(_)) => Err(ProtocolError::NotBinary { field: FIELD }),
        None => Err(ProtocolError::Missing { field: FIELD }),
    }
}

#[derive(Serialize)]
struct AnnounceText<'a> {
    action: &'static str,
    info_hash: InfoHash,
    peer_id: PeerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    uploaded: u64,
    downloaded: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    numwant: Option<u32>,
    offers: Vec<OfferText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trackerid: Option<&'a str>,
}

#[derive(Serialize)]
struct OfferText<'a> {
    offer: SessionDescription<'a>,
    offer_id: OfferId,
}

#[derive(Serialize)]
struct AnswerText<'a> {
    action: &'static str,
    info_hash: InfoHash,
    peer_id: PeerId,
    to_peer_id: PeerId,
    offer_id: OfferId,
    answer: SessionDescription<'a>,
}

#[derive(Serialize)]
struct ScrapeText<'a> {
    action: &'static str,
    info_hash: &'a [InfoHash],
}
