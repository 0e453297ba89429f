//! What a tracker says to a peer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::limits::{DEFAULT_INTERVAL, MAX_INTERVAL, MAX_MESSAGE_LEN, MAX_SCRAPE_HASHES};
use crate::session::{SessionDescription, count, short_text, to_text};
use crate::{InfoHash, OfferId, PeerId, ProtocolError};

/// A message from a tracker to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerMessage {
    /// The answer to an announce.
    AnnounceReply(AnnounceReply),
    /// Another peer offers a connection; answer it with [`crate::ClientMessage::Answer`].
    Offer {
        /// The swarm.
        info_hash: InfoHash,
        /// Who offers.
        peer_id: PeerId,
        /// What the answer names it by.
        offer_id: OfferId,
        /// The offer's SDP.
        sdp: String,
    },
    /// Another peer answers an offer of ours.
    Answer {
        /// The swarm.
        info_hash: InfoHash,
        /// Who answers.
        peer_id: PeerId,
        /// Which of our offers.
        offer_id: OfferId,
        /// The answer's SDP.
        sdp: String,
    },
    /// A message was refused.
    Failure {
        /// The swarm that it was about, where the tracker could tell.
        info_hash: Option<InfoHash>,
        /// Why, for a person.
        reason: String,
    },
    /// Something for a person to read; nothing was refused.
    Warning {
        /// The swarm that it is about, where it is about one.
        info_hash: Option<InfoHash>,
        /// What it says.
        message: String,
    },
    /// The answer to a scrape.
    ScrapeReply {
        /// What is known of each swarm asked about.
        files: BTreeMap<InfoHash, ScrapeCounts>,
    },
}

/// The answer to an announce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnounceReply {
    /// The swarm.
    pub info_hash: InfoHash,
    /// How long to wait before the next announce, in whole seconds, from 1 s to [`MAX_INTERVAL`]. A reply that says
    /// none or 0 is read as [`DEFAULT_INTERVAL`].
    pub interval: Duration,
    /// How many peers have everything (here: streamers).
    pub complete: u64,
    /// How many do not (here: viewers).
    pub incomplete: u64,
    /// What the tracker wants to be told in later announces.
    pub tracker_id: Option<String>,
}

/// How many peers a swarm has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScrapeCounts {
    /// How many peers have everything (here: streamers).
    pub complete: u64,
    /// How many do not (here: viewers).
    pub incomplete: u64,
    /// How many have ever said `completed`.
    pub downloaded: u64,
}

impl ServerMessage {
    /// Reads a message as a peer receives it.
    ///
    /// # Errors
    ///
    /// When it is not one. A peer passes over such a message; it need not leave the tracker for it.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        if text.len() > MAX_MESSAGE_LEN {
            return Err(ProtocolError::TooLong { len: text.len() });
        }
        let mut fields: Fields<'_> = serde_json::from_str(text)?;
        // A failure may come without an action, when the tracker could not read what it refuses.
        if let Some(reason) = short_text(fields.failure.take(), FAILURE)? {
            return Ok(Self::Failure {
                info_hash: fields.maybe_info_hash()?,
                reason,
            });
        }
        match fields.action.as_deref() {
            Some("announce") => fields.announce(),
            Some("scrape") => fields.scrape(),
            _ => Err(ProtocolError::UnknownAction),
        }
    }

    /// The message as it is sent.
    pub fn to_text(&self) -> String {
        let mut out = Text::default();
        match self {
            Self::AnnounceReply(reply) => {
                out.info_hash = Some(reply.info_hash);
                out.interval = Some(reply.interval.as_secs());
                out.complete = Some(reply.complete);
                out.incomplete = Some(reply.incomplete);
                out.tracker_id = reply.tracker_id.as_deref();
            }
            Self::Offer {
                info_hash,
                peer_id,
                offer_id,
                sdp,
            } => {
                out.info_hash = Some(*info_hash);
                out.peer_id = Some(*peer_id);
                out.offer_id = Some(*offer_id);
                out.offer = Some(SessionDescription::offer(sdp));
            }
            Self::Answer {
                info_hash,
                peer_id,
                offer_id,
                sdp,
            } => {
                out.info_hash = Some(*info_hash);
                out.peer_id = Some(*peer_id);
                out.offer_id = Some(*offer_id);
                out.answer = Some(SessionDescription::answer(sdp));
            }
            Self::Failure { info_hash, reason } => {
                out.info_hash = *info_hash;
                out.failure = Some(reason);
            }
            Self::Warning { info_hash, message } => {
                out.info_hash = *info_hash;
                out.warning = Some(message);
            }
            Self::ScrapeReply { files } => {
                out.action = "scrape";
                out.files = Some(files);
            }
        }
        to_text(&out)
    }
}

const FAILURE: &str = "failure reason";
const WARNING: &str = "warning message";

/// All fields that a tracker's messages have. Which of them must be there depends on the kind.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default)]
    action: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    info_hash: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    peer_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    offer_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    offer: Option<SessionDescription<'a>>,
    #[serde(borrow, default)]
    answer: Option<SessionDescription<'a>>,
    #[serde(default, deserialize_with = "count")]
    interval: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    complete: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    incomplete: Option<u64>,
    #[serde(rename = "tracker id", borrow, default)]
    tracker_id: Option<Cow<'a, str>>,
    #[serde(rename = "failure reason", borrow, default)]
    failure: Option<Cow<'a, str>>,
    #[serde(rename = "warning message", borrow, default)]
    warning: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    files: Option<BTreeMap<Cow<'a, str>, CountFields>>,
}

#[derive(Deserialize)]
struct CountFields {
    #[serde(default, deserialize_with = "count")]
    complete: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    incomplete: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    downloaded: Option<u64>,
}

impl Fields<'_> {
    fn maybe_info_hash(&self) -> Result<Option<InfoHash>, ProtocolError> {
        self.info_hash
            .as_deref()
            .map(|text| InfoHash::read(text, "info_hash"))
            .transpose()
    }

    fn announce(mut self) -> Result<ServerMessage, ProtocolError> {
        let (offer, answer) = (self.offer.take(), self.answer.take());
        if let Some(offer) = offer {
            return Ok(ServerMessage::Offer {
                info_hash: InfoHash::need(self.info_hash, "info_hash")?,
                peer_id: PeerId::need(self.peer_id, "peer_id")?,
                offer_id: OfferId::need(self.offer_id, "offer_id")?,
                sdp: offer.sdp("offer")?,
            });
        }
        if let Some(answer) = answer {
            return Ok(ServerMessage::Answer {
                info_hash: InfoHash::need(self.info_hash, "info_hash")?,
                peer_id: PeerId::need(self.peer_id, "peer_id")?,
                offer_id: OfferId::need(self.offer_id, "offer_id")?,
                sdp: answer.sdp("answer")?,
            });
        }
        // A reply may carry a warning beside its figures; the figures are what a peer acts on.
        let is_reply = self.interval.is_some() || self.complete.is_some();
        if !is_reply && let Some(message) = short_text(self.warning.take(), WARNING)? {
            return Ok(ServerMessage::Warning {
                info_hash: self.maybe_info_hash()?,
                message,
            });
        }
        let interval = self.interval.filter(|seconds| *seconds > 0);
        Ok(ServerMessage::AnnounceReply(AnnounceReply {
            info_hash: InfoHash::need(self.info_hash, "info_hash")?,
            interval: interval.map_or(DEFAULT_INTERVAL, |seconds| {
                Duration::from_secs(seconds).min(MAX_INTERVAL)
            }),
            complete: self.complete.unwrap_or_default(),
            incomplete: self.incomplete.unwrap_or_default(),
            tracker_id: short_text(self.tracker_id, "tracker id")?,
        }))
    }

    fn scrape(self) -> Result<ServerMessage, ProtocolError> {
        let files = self
            .files
            .ok_or(ProtocolError::Missing { field: "files" })?;
        if files.len() > MAX_SCRAPE_HASHES {
            return Err(ProtocolError::TooManyHashes);
        }
        let files = files
            .into_iter()
            .map(|(info_hash, counts)| {
                let counts = ScrapeCounts {
                    complete: counts.complete.unwrap_or_default(),
                    incomplete: counts.incomplete.unwrap_or_default(),
                    downloaded: counts.downloaded.unwrap_or_default(),
                };
                Ok((InfoHash::read(&info_hash, "files")?, counts))
            })
            .collect::<Result<_, ProtocolError>>()?;
        Ok(ServerMessage::ScrapeReply { files })
    }
}

#[derive(Serialize)]
struct Text<'a> {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    info_hash: Option<InfoHash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer_id: Option<PeerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer_id: Option<OfferId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<SessionDescription<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<SessionDescription<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incomplete: Option<u64>,
    #[serde(rename = "tracker id", skip_serializing_if = "Option::is_none")]
    tracker_id: Option<&'a str>,
    #[serde(rename = "failure reason", skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    #[serde(rename = "warning message", skip_serializing_if = "Option::is_none")]
    warning: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<&'a BTreeMap<InfoHash, ScrapeCounts>>,
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self {
            action: "announce",
            info_hash: None,
            peer_id: None,
            offer_id: None,
            offer: None,
            answer: None,
            interval: None,
            complete: None,
            incomplete: None,
            tracker_id: None,
            failure: None,
            warning: None,
            files: None,
        }
    }
}
