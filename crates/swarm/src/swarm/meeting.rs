//! Offers and answers, from whichever way they come, and which connections there are.

use std::time::Duration;

use rand::RngExt;
use tracker_protocol as protocol;

use super::Swarm;
use super::tracking::Need;
use crate::peer::Peer;
use crate::signature::ChannelSecret;
use crate::wire::{Handshake, LiveMessage, Signal};
use crate::{Action, ConnectionId, PeerId, Role, Time, TrackerId};

/// An offer that nobody has answered by then is withdrawn: an answer takes a page a second, and every offer that waits
/// costs it a peer connection.
const OFFER_LIFETIME: Duration = Duration::from_secs(20);
/// The same for one that a neighbour carries to a peer that is there.
const CARRIED_LIFETIME: Duration = Duration::from_secs(6);
/// From an answer to an open data channel. ICE over a bad path takes seconds; more is a path that does not exist.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// The driver's time for making an offer or an answer.
const MAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a connected peer is pinged, and after how long a silence it is taken to be gone. Heard of at least once
/// in 2 s, it has been asked three times in vain.
const PING_INTERVAL: Duration = Duration::from_secs(3);
const STRANGER_PING_INTERVAL: Duration = Duration::from_secs(4);
const SILENT_FOR: Duration = Duration::from_secs(10);
/// A peer that has been heard within this time has not lost its connection: it is pinged more often.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
/// How many liars' names are remembered. Names cost nothing, so this only spares us the honest mistake made twice.
const MAX_BANNED: usize = 1024;

/// A connection that is not open yet.
#[derive(Debug)]
pub(super) struct Meeting {
    pub(super) since: Time,
    pub(super) stage: Stage,
}

/// How far a meeting has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The driver is making our offer: for a tracker, or for somebody whom a neighbour knows.
    Offering(Option<(ConnectionId, PeerId)>),
    /// Our offer is ready for the next announce.
    Offered(String),
    /// Our offer is with a tracker.
    Announced(protocol::OfferId),
    /// A neighbour carries our offer.
    Carried {
        through: ConnectionId,
        to: PeerId,
        offer: u64,
    },
    /// The driver is answering another's offer.
    Answering { to: PeerId, route: Route },
    /// Both sides know each other's candidates.
    Opening { offered_by_us: bool },
}

/// Which way an offer came, and its answer goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Tracker {
        tracker: TrackerId,
        offer_id: protocol::OfferId,
    },
    Peer {
        through: ConnectionId,
        offer: u64,
    },
}

impl Meeting {
    fn is_overdue(&self, now: Time) -> bool {
        let lifetime = match self.stage {
            Stage::Offering(_) | Stage::Answering { .. } => MAKE_TIMEOUT,
            Stage::Offered(_) | Stage::Announced(_) => OFFER_LIFETIME,
            Stage::Carried { .. } => CARRIED_LIFETIME,
            Stage::Opening { .. } => OPEN_TIMEOUT,
        };
        self.since + lifetime <= now
    }

    /// Whether it was begun for somebody whom a neighbour knows.
    pub(super) fn is_through_peer(&self) -> bool {
        matches!(self.stage, Stage::Offering(Some(_)) | Stage::Carried { .. })
    }
}

impl Swarm {
    /// Keeps trackers connected and announced to, and gives up what takes too long.
    pub(super) fn meet(&mut self) {
        self.keep_trackers();
        let overdue: Vec<ConnectionId> = self
            .meetings
            .iter()
            .filter(|(_, meeting)| meeting.is_overdue(self.now))
            .map(|(connection, _)| *connection)
            .collect();
        for connection in overdue {
            self.close(connection);
        }
        self.announce();
    }

    pub(super) fn take_offer(&mut self, peer: PeerId, route: Route, sdp: String) {
        let unwanted = self.banned.contains(&peer) || self.clogged;
        if peer == self.peer_id || unwanted || self.is_with(peer) {
            return;
        }
        let from_tracker = matches!(route, Route::Tracker { .. });
        let most = match self.role() {
            // The rest is for those whom its first viewers send.
            Role::Streamer if from_tracker => self.config.max_connections * 3 / 4,
            _ => self.config.max_connections,
        };
        if self.peers.len() + self.meetings.len() >= most {
            if from_tracker {
                self.introduce(peer, route, sdp);
            }
            return;
        }
        let answering = Stage::Answering { to: peer, route };
        let connection = self.new_meeting(answering);
        self.actions.push_back(Action::AcceptOffer(connection, sdp));
    }

    /// Whether a peer is connected and there. One that has lost its end is not heard, and may come again.
    fn is_with(&self, peer: PeerId) -> bool {
        self.peers
            .values()
            .any(|each| each.id == Some(peer) && !each.is_quiet(self.now, HEARD_WITHIN))
    }

    /// The answer to the offer that `ours` recognises.
    pub(super) fn take_answer(&mut self, ours: impl Fn(&Stage) -> bool, sdp: String) {
        let asked = self
            .meetings
            .iter_mut()
            .find(|(_, meeting)| ours(&meeting.stage));
        if let Some((connection, meeting)) = asked {
            meeting.stage = Stage::Opening {
                offered_by_us: true,
            };
            meeting.since = self.now;
            let accept = Action::AcceptAnswer(*connection, sdp);
            self.actions.push_back(accept);
        }
    }

    /// The answer to an offer that a neighbour has carried.
    pub(super) fn take_carried_answer(&mut self, through: ConnectionId, signal: Signal) {
        let carried = Stage::Carried {
            through,
            to: signal.from,
            offer: signal.offer,
        };
        self.take_answer(|stage| *stage == carried, signal.sdp);
    }

    pub(super) fn offer_made(&mut self, connection: ConnectionId, sdp: String) {
        let Some(meeting) = self.meetings.get_mut(&connection) else {
            return;
        };
        let Stage::Offering(Some((through, to))) = meeting.stage else {
            meeting.stage = Stage::Offered(sdp);
            return self.announce();
        };
        let offer = self.rng.random();
        meeting.stage = Stage::Carried { through, to, offer };
        meeting.since = self.now;
        let from = self.peer_id;
        if let Some(peer) = self.peers.get_mut(&through) {
            peer.say_live(&LiveMessage::Offer(Signal {
                to,
                from,
                offer,
                sdp,
            }));
        }
    }

    pub(super) fn answer_made(&mut self, connection: ConnectionId, sdp: String) {
        let Some(meeting) = self.meetings.get_mut(&connection) else {
            return;
        };
        let opening = Stage::Opening {
            offered_by_us: false,
        };
        let Stage::Answering { to, route } = std::mem::replace(&mut meeting.stage, opening) else {
            return;
        };
        meeting.since = self.now;
        self.send_answer(to, route, sdp);
    }

    /// Sends an answer the way that its offer came.
    pub(super) fn send_answer(&mut self, to: PeerId, route: Route, sdp: String) {
        match route {
            Route::Tracker { tracker, offer_id } => self.send_to_tracker(
                tracker,
                protocol::ClientMessage::Answer(protocol::Answer {
                    info_hash: self.protocol_hash(),
                    peer_id: protocol::PeerId(self.peer_id.0),
                    to_peer_id: protocol::PeerId(to.0),
                    offer_id,
                    sdp,
                }),
            ),
            Route::Peer { through, offer } => {
                let from = self.peer_id;
                if let Some(peer) = self.peers.get_mut(&through) {
                    peer.say_live(&LiveMessage::Answer(Signal {
                        to,
                        from,
                        offer,
                        sdp,
                    }));
                }
            }
        }
    }

    pub(super) fn new_meeting(&mut self, stage: Stage) -> ConnectionId {
        let connection = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let since = self.now;
        self.meetings.insert(connection, Meeting { since, stage });
        connection
    }

    pub(super) fn opened(&mut self, connection: ConnectionId) {
        let Some(meeting) = self.meetings.remove(&connection) else {
            return;
        };
        let offered_by_us = match meeting.stage {
            Stage::Opening { offered_by_us } => offered_by_us,
            _ => return self.close(connection),
        };
        self.peers
            .insert(Peer::new(connection, offered_by_us, self.now));
        let handshake = Handshake {
            info_hash: self.channel.swarm_hash(),
            peer_id: self.peer_id,
            extensions: true,
        };
        self.send(connection, handshake.to_bytes().to_vec().into());
    }

    /// Settles which of two connections to the same peer stays. Both sides come to the same answer: the one that the
    /// smaller peer id offered, or else the newer one, since a peer that comes again has lost the older.
    pub(super) fn resolve_twin(&mut self, connection: ConnectionId, peer_id: PeerId) {
        let twin = self
            .peers
            .values()
            .find(|peer| peer.id == Some(peer_id) && peer.connection != connection);
        let (Some(twin), Some(newer)) = (twin, self.peers.get(&connection)) else {
            return;
        };
        let smaller_is_us = self.peer_id < peer_id;
        let loser =
            if twin.offered_by_us != newer.offered_by_us && twin.offered_by_us == smaller_is_us {
                connection
            } else {
                twin.connection
            };
        self.close(loser);
    }

    /// The peer lied, or does not speak our wire: it is dropped and not met again.
    pub(super) fn ban(&mut self, connection: ConnectionId) {
        let id = self.peers.get(&connection).and_then(|peer| peer.id);
        if let Some(id) = id {
            if self.banned.len() >= MAX_BANNED {
                self.banned.pop_first();
            }
            self.banned.insert(id);
            self.counters.banned_peers += 1;
        }
        self.close(connection);
    }

    pub(super) fn close(&mut self, connection: ConnectionId) {
        self.actions.push_back(Action::Close(connection));
        self.forget(connection);
    }

    pub(super) fn forget(&mut self, connection: ConnectionId) {
        self.meetings.remove(&connection);
        if self.peers.remove(&connection).is_none() {
            return;
        }
        self.lose_parent(connection);
        if self.need() != Need::Nothing {
            for tracker in &mut self.trackers {
                tracker.search_afresh();
            }
        }
        self.subscribe();
    }

    pub(super) fn check_liveness(&mut self) {
        let now = self.now;
        let mut silent = Vec::new();
        for peer in self.peers.values_mut() {
            if peer.liveness.last_received + SILENT_FOR <= now {
                silent.push(peer.connection);
            } else if peer.is_ready() {
                let related = !peer.fed.is_empty() || !peer.parent.subscribed.is_empty();
                let interval = if related {
                    PING_INTERVAL
                } else {
                    STRANGER_PING_INTERVAL
                };
                if peer.liveness.last_ping + interval <= now {
                    peer.ping(now);
                }
            }
        }
        for connection in silent {
            self.close(connection);
        }
    }

    /// The streamer's proof for one peer, if this is the streamer.
    pub(super) fn proof_for(&self, peer: PeerId) -> Option<bytes::Bytes> {
        let prove = |secret: &ChannelSecret| secret.prove_streamer(self.peer_id, peer);
        self.secret
            .as_ref()
            .map(|secret| prove(secret).to_vec().into())
    }
}
