//! The tracker as a state machine without I/O: which peers are in which swarms, and who gets which offer.
//!
//! Connections open, say something and close; what there is to say to others comes back. Time and randomness are
//! arguments. What a peer says has been parsed by `tracker_protocol` before it arrives here; how messages reach a
//! connection is the shell's business (`announce.rs`, `hub.rs`).

mod allowance;
mod matching;
mod swarms;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use rand::Rng;
use tracker_protocol::{
    Announce, AnnounceEvent, AnnounceReply, Answer, ClientMessage, InfoHash, PeerId, ProtocolError,
    ScrapeCounts, ServerMessage,
};

use self::allowance::Allowance;
use self::swarms::{Peer, Swarms};
use super::Limits;

/// How often a peer is told to announce: what the stock tracker says over WebSockets. A closed socket is noticed
/// without it, so it only bounds how long a peer that has forgotten its swarm stays in it.
pub(super) const INTERVAL: Duration = Duration::from_secs(120);
/// How long a peer stays without announcing: one announce may get lost.
const EXPIRY: Duration = INTERVAL.saturating_mul(2);

/// One WebSocket at the tracker, numbered as they come and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ConnectionId(u64);

/// What is to be said after a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outgoing {
    /// To whom.
    pub(super) to: ConnectionId,
    /// What.
    pub(super) message: ServerMessage,
}

/// A connection says more than it may and is to be closed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {per_second} messages a second")]
pub(super) struct Flood {
    per_second: u32,
}

/// Why a message that could be read is not followed. Sent back as a failure.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("more than {0} offers in one announce")]
    OffersInMessage(usize),
    #[error("more than {0} offers a second; announce less often or with fewer")]
    Offers(u32),
    #[error("in {0} swarms already; leave one with the event 'stopped' first")]
    Swarms(usize),
    #[error("the tracker is full; try another")]
    Full,
    #[error("announce yourself in this swarm before answering offers in it")]
    Stranger,
}

/// How much there is at a tracker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Swarms with somebody in them.
    pub swarms: usize,
    /// Places in swarms: a peer that is in several counts in each.
    pub peers: usize,
    /// Connections that are open.
    pub connections: usize,
}

/// All swarms and all connections.
pub(super) struct Tracker {
    limits: Limits,
    swarms: Swarms,
    connections: HashMap<ConnectionId, Connection>,
    opened: u64,
}

struct Connection {
    places: HashSet<(InfoHash, PeerId)>,
    messages: Allowance,
    offers: Allowance,
}

impl Tracker {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            swarms: Swarms::default(),
            connections: HashMap::new(),
            opened: 0,
        }
    }

    /// A connection opens.
    pub(super) fn open(&mut self, now: Instant) -> ConnectionId {
        let id = ConnectionId(self.opened);
        self.opened += 1;
        self.connections.insert(
            id,
            Connection {
                places: HashSet::new(),
                messages: Allowance::new(self.limits.messages_per_second, now),
                offers: Allowance::new(self.limits.offers_per_second, now),
            },
        );
        id
    }

    /// A connection closes: its peers leave.
    pub(super) fn close(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        for (info_hash, peer_id) in connection.places {
            self.swarms.remove(info_hash, peer_id);
        }
    }

    /// A connection says something, or something that could not be read.
    ///
    /// # Errors
    ///
    /// When it says so much that it is to be closed.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        rng: &mut impl Rng,
        from: ConnectionId,
        message: Result<ClientMessage, ProtocolError>,
    ) -> Result<Vec<Outgoing>, Flood> {
        let Some(connection) = self.connections.get_mut(&from) else {
            return Ok(Vec::new());
        };
        if !connection.messages.take(1, now) {
            return Err(Flood {
                per_second: self.limits.messages_per_second,
            });
        }
        let failure = |info_hash, reason: String| {
            vec![Outgoing {
                to: from,
                message: ServerMessage::Failure { info_hash, reason },
            }]
        };
        Ok(match message {
            Ok(ClientMessage::Announce(announce)) => {
                let info_hash = announce.info_hash;
                self.announce(now, rng, from, announce)
                    .unwrap_or_else(|refusal| failure(Some(info_hash), refusal.to_string()))
            }
            Ok(ClientMessage::Answer(answer)) => {
                let info_hash = answer.info_hash;
                self.answer(from, answer)
                    .unwrap_or_else(|refusal| failure(Some(info_hash), refusal.to_string()))
            }
            Ok(ClientMessage::Scrape { info_hashes }) => vec![self.scrape(from, &info_hashes)],
            Err(error) => failure(None, error.to_string()),
        })
    }

    /// Peers that have not announced for two intervals leave.
    pub(super) fn expire(&mut self, now: Instant) {
        let Some(oldest) = now.checked_sub(EXPIRY) else {
            return;
        };
        for (info_hash, peer) in self.swarms.remove_older(oldest) {
            if let Some(connection) = self.connections.get_mut(&peer.connection) {
                connection.places.remove(&(info_hash, peer.id));
            }
        }
    }

    pub(super) fn census(&self) -> Census {
        Census {
            swarms: self.swarms.len(),
            peers: self.swarms.peers(),
            connections: self.connections.len(),
        }
    }

    fn announce(
        &mut self,
        now: Instant,
        rng: &mut impl Rng,
        from: ConnectionId,
        announce: Announce,
    ) -> Result<Vec<Outgoing>, Refusal> {
        let Announce {
            info_hash, peer_id, ..
        } = announce;
        if announce.event == AnnounceEvent::Stopped {
            self.leave(from, info_hash, peer_id);
            return Ok(vec![self.reply(from, info_hash)]);
        }
        self.allow_offers(now, from, announce.offers.len())?;
        let complete = match announce.left {
            _ if announce.event == AnnounceEvent::Completed => true,
            Some(left) => left == 0,
            None => self.swarms.is_complete(info_hash, peer_id),
        };
        let peer = Peer {
            id: peer_id,
            connection: from,
            announced: now,
        };
        self.join(info_hash, peer, complete)?;
        if announce.event == AnnounceEvent::Completed {
            self.swarms.count_download(info_hash);
        }

        let mut outgoing = vec![self.reply(from, info_hash)];
        let Some(swarm) = self.swarms.get(info_hash) else {
            return Ok(outgoing);
        };
        let takers = matching::takers(swarm, peer_id, complete, announce.offers.len(), rng);
        outgoing.extend(
            takers
                .into_iter()
                .zip(announce.offers)
                .map(|(taker, offer)| Outgoing {
                    to: taker.connection,
                    message: ServerMessage::Offer {
                        info_hash,
                        peer_id,
                        offer_id: offer.offer_id,
                        sdp: offer.sdp,
                    },
                }),
        );
        Ok(outgoing)
    }

    fn allow_offers(
        &mut self,
        now: Instant,
        from: ConnectionId,
        offers: usize,
    ) -> Result<(), Refusal> {
        if offers > self.limits.offers_per_message {
            return Err(Refusal::OffersInMessage(self.limits.offers_per_message));
        }
        let allowed = self
            .connections
            .get_mut(&from)
            .is_some_and(|connection| connection.offers.take(offers, now));
        if allowed {
            Ok(())
        } else {
            Err(Refusal::Offers(self.limits.offers_per_second))
        }
    }

    /// Puts a peer into a swarm. Where another connection has its name, the newer one wins: a peer that reconnects
    /// must not wait for its dead socket to be noticed. Someone could take another's name like this, but gains
    /// nothing that announcing `left: 0` under a name of their own does not give.
    fn join(&mut self, info_hash: InfoHash, peer: Peer, complete: bool) -> Result<(), Refusal> {
        let place = (info_hash, peer.id);
        let before = self.swarms.connection_of(info_hash, peer.id);
        if before.is_none() && self.swarms.peers() >= self.limits.peers_in_all {
            return Err(Refusal::Full);
        }
        if before != Some(peer.connection) {
            if let Some(connection) = self.connections.get_mut(&peer.connection) {
                if connection.places.len() >= self.limits.swarms_per_connection {
                    return Err(Refusal::Swarms(self.limits.swarms_per_connection));
                }
                connection.places.insert(place);
            }
            if let Some(older) = before.and_then(|before| self.connections.get_mut(&before)) {
                older.places.remove(&place);
            }
        }
        self.swarms.put(info_hash, peer, complete);
        Ok(())
    }

    fn leave(&mut self, from: ConnectionId, info_hash: InfoHash, peer_id: PeerId) {
        if let Some(connection) = self.connections.get_mut(&from)
            && connection.places.remove(&(info_hash, peer_id))
        {
            self.swarms.remove(info_hash, peer_id);
        }
    }

    fn answer(&self, from: ConnectionId, answer: Answer) -> Result<Vec<Outgoing>, Refusal> {
        if self.swarms.connection_of(answer.info_hash, answer.peer_id) != Some(from) {
            return Err(Refusal::Stranger);
        }
        // A peer that has left in the meantime needs no answer.
        let to = self
            .swarms
            .connection_of(answer.info_hash, answer.to_peer_id);
        Ok(to
            .map(|to| Outgoing {
                to,
                message: ServerMessage::Answer {
                    info_hash: answer.info_hash,
                    peer_id: answer.peer_id,
                    offer_id: answer.offer_id,
                    sdp: answer.sdp,
                },
            })
            .into_iter()
            .collect())
    }

    fn scrape(&self, from: ConnectionId, info_hashes: &[InfoHash]) -> Outgoing {
        let files: BTreeMap<_, _> = info_hashes
            .iter()
            .map(|info_hash| (*info_hash, self.swarms.counts(*info_hash)))
            .collect();
        Outgoing {
            to: from,
            message: ServerMessage::ScrapeReply { files },
        }
    }

    fn reply(&self, to: ConnectionId, info_hash: InfoHash) -> Outgoing {
        let ScrapeCounts {
            complete,
            incomplete,
            ..
        } = self.swarms.counts(info_hash);
        Outgoing {
            to,
            message: ServerMessage::AnnounceReply(AnnounceReply {
                info_hash,
                interval: INTERVAL,
                complete,
                incomplete,
                tracker_id: None,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
