//! How peers find each other: trackers, offers and answers, and which connections there are.

use std::time::Duration;

use rand::RngExt;
use tracker_protocol as protocol;

use super::Swarm;
use crate::peer::Peer;
use crate::signature::ChannelSecret;
use crate::wire::Handshake;
use crate::{Action, ConnectionId, PeerId, Role, Time, TrackerId};

/// Offers with each announce of a peer that lacks others. One goes to the streamer where the tracker sends offers to
/// seeders first, the others to viewers; more would cost every page a peer connection each.
const OFFERS: usize = 3;
/// An offer that nobody has answered by then is withdrawn; WebTorrent's own time.
const OFFER_LIFETIME: Duration = Duration::from_secs(50);
/// From an answer to an open data channel. ICE over a bad path takes seconds; more is a path that does not exist.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// The driver's time for making an offer or an answer.
const MAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a connected peer is pinged, and after how long a silence it is taken to be gone. Heard of at least once
/// in 2 s, it has been asked three times in vain.
const PING_INTERVAL: Duration = Duration::from_secs(2);
const SILENT_FOR: Duration = Duration::from_secs(8);
/// How many liars' names are remembered. Names cost nothing, so this only spares us the honest mistake made twice.
const MAX_BANNED: usize = 1024;

/// A connection that is not open yet.
#[derive(Debug)]
pub(super) struct Meeting {
    since: Time,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The driver is making our offer.
    Offering,
    /// Our offer is ready for the next announce.
    Offered(String),
    /// Our offer is with a tracker.
    Announced(protocol::OfferId),
    /// The driver is answering another's offer, which came through this tracker.
    Answering {
        tracker: TrackerId,
        to: protocol::PeerId,
        offer_id: protocol::OfferId,
    },
    /// Both sides know each other's candidates.
    Opening { offered_by_us: bool },
}

impl Meeting {
    fn is_overdue(&self, now: Time) -> bool {
        let lifetime = match self.stage {
            Stage::Offering | Stage::Answering { .. } => MAKE_TIMEOUT,
            Stage::Offered(_) | Stage::Announced(_) => OFFER_LIFETIME,
            Stage::Opening { .. } => OPEN_TIMEOUT,
        };
        self.since + lifetime <= now
    }
}

impl Swarm {
    /// Keeps trackers connected and announced to, and gives up what takes too long.
    pub(super) fn meet(&mut self) {
        for at in 0..self.trackers.len() {
            let tracker = &mut self.trackers[at];
            if tracker.connect_due(self.now) {
                let connect = Action::TrackerConnect(tracker.id, tracker.url.clone());
                self.actions.push_back(connect);
            } else if tracker.is_stuck(self.now) {
                tracker.closed(self.now, &mut self.rng);
                let close = Action::TrackerClose(tracker.id);
                self.actions.push_back(close);
            }
        }
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

    /// Whether this peer should look for others.
    fn is_lacking(&self) -> bool {
        match self.role() {
            Role::Streamer => false,
            Role::Viewer => !self.peers.values().any(Peer::is_ready),
        }
    }

    fn announce(&mut self) {
        let lacking = self.is_lacking();
        let due: Vec<TrackerId> = self
            .trackers
            .iter()
            .filter(|tracker| tracker.announce_due(self.now, lacking))
            .map(|tracker| tracker.id)
            .collect();
        // Offers take the driver a moment; they are begun while sockets are still opening.
        let expecting = self.trackers.iter().any(|tracker| !tracker.is_open());
        // A streamer offers once, so that viewers who wait for it meet it at once.
        let first = self.trackers.iter().any(|each| each.is_first_announce());
        let wanted = if lacking || (first && self.role() == Role::Streamer) {
            OFFERS
        } else {
            0
        };
        if due.is_empty() && !(expecting && lacking) {
            return;
        }
        if self.make_offers(wanted) {
            for tracker in due {
                self.announce_at(tracker, lacking);
            }
        }
    }

    /// Has the driver make offers until so many are ready. Returns whether they are.
    fn make_offers(&mut self, wanted: usize) -> bool {
        let (making, ready) = self
            .meetings
            .values()
            .fold((0, 0), |(making, ready), meeting| match meeting.stage {
                Stage::Offering => (making + 1, ready),
                Stage::Offered(_) => (making, ready + 1),
                _ => (making, ready),
            });
        let room = self
            .config
            .max_connections
            .saturating_sub(self.peers.len() + self.meetings.len());
        for _ in 0..wanted.saturating_sub(making + ready).min(room) {
            let connection = self.new_meeting(Stage::Offering);
            self.actions.push_back(Action::MakeOffer(connection));
        }
        ready >= wanted || room == 0
    }

    fn announce_at(&mut self, id: TrackerId, lacking: bool) {
        let mut offers = Vec::new();
        for meeting in self.meetings.values_mut() {
            if let Stage::Offered(sdp) = &mut meeting.stage {
                let offer_id = protocol::OfferId(self.rng.random());
                let sdp = std::mem::take(sdp);
                offers.push(protocol::Offer { offer_id, sdp });
                meeting.stage = Stage::Announced(offer_id);
                meeting.since = self.now;
            }
        }
        let info_hash = self.protocol_hash();
        let tracker = &mut self.trackers[id.0];
        let announce = protocol::Announce {
            info_hash,
            peer_id: protocol::PeerId(self.peer_id.0),
            event: if tracker.is_first_announce() {
                protocol::AnnounceEvent::Started
            } else {
                protocol::AnnounceEvent::Update
            },
            uploaded: self.counters.uploaded_bytes,
            downloaded: self.counters.downloaded_bytes,
            // The streamer has everything; of a live stream nobody else ever does.
            left: Some(u64::from(self.secret.is_none())),
            // At most [`OFFERS`].
            numwant: Some(offers.len() as u32),
            offers,
            tracker_id: None,
        };
        tracker.announced(self.now, lacking);
        let text = protocol::ClientMessage::Announce(announce).to_text();
        self.actions.push_back(Action::TrackerSend(id, text));
    }

    pub(super) fn tracker_opened(&mut self, id: TrackerId) {
        if let Some(tracker) = self.trackers.get_mut(id.0) {
            tracker.opened();
            self.announce();
        }
    }

    pub(super) fn tracker_closed(&mut self, id: TrackerId) {
        if let Some(tracker) = self.trackers.get_mut(id.0) {
            tracker.closed(self.now, &mut self.rng);
        }
    }

    pub(super) fn tracker_text(&mut self, id: TrackerId, text: &str) {
        // What cannot be read is passed over: trackers are strangers, and other swarms' words are not ours.
        let Ok(message) = protocol::ServerMessage::parse(text) else {
            return;
        };
        let own_hash = self.protocol_hash();
        match message {
            protocol::ServerMessage::AnnounceReply(reply) if reply.info_hash == own_hash => {
                if let Some(tracker) = self.trackers.get_mut(id.0) {
                    tracker.replied(reply.interval, reply.incomplete);
                }
            }
            protocol::ServerMessage::Offer {
                info_hash,
                peer_id,
                offer_id,
                sdp,
            } if info_hash == own_hash => {
                let answering = Stage::Answering {
                    tracker: id,
                    to: peer_id,
                    offer_id,
                };
                self.take_offer(PeerId(peer_id.0), answering, sdp);
            }
            protocol::ServerMessage::Answer {
                info_hash,
                offer_id,
                sdp,
                ..
            } if info_hash == own_hash => self.take_answer(offer_id, sdp),
            // Failures and warnings are for other swarms' eyes, or follow from an announce that is made again anyway.
            _ => {}
        }
    }

    fn protocol_hash(&self) -> protocol::InfoHash {
        protocol::InfoHash(self.channel.swarm_hash().0)
    }

    fn take_offer(&mut self, peer: PeerId, answering: Stage, sdp: String) {
        let full = self.peers.len() + self.meetings.len() >= self.config.max_connections;
        if full || peer == self.peer_id || self.banned.contains(&peer) {
            return;
        }
        let connection = self.new_meeting(answering);
        self.actions.push_back(Action::AcceptOffer(connection, sdp));
    }

    fn take_answer(&mut self, offer_id: protocol::OfferId, sdp: String) {
        let now = self.now;
        let asked = self.meetings.iter_mut().find(
            |(_, meeting)| matches!(meeting.stage, Stage::Announced(asked) if asked == offer_id),
        );
        if let Some((connection, meeting)) = asked {
            meeting.stage = Stage::Opening {
                offered_by_us: true,
            };
            meeting.since = now;
            let accept = Action::AcceptAnswer(*connection, sdp);
            self.actions.push_back(accept);
        }
    }

    pub(super) fn offer_made(&mut self, connection: ConnectionId, sdp: String) {
        if let Some(meeting) = self.meetings.get_mut(&connection) {
            meeting.stage = Stage::Offered(sdp);
            self.announce();
        }
    }

    pub(super) fn answer_made(&mut self, connection: ConnectionId, sdp: String) {
        let Some(meeting) = self.meetings.get_mut(&connection) else {
            return;
        };
        let opening = Stage::Opening {
            offered_by_us: false,
        };
        let Stage::Answering {
            tracker,
            to,
            offer_id,
        } = std::mem::replace(&mut meeting.stage, opening)
        else {
            return;
        };
        meeting.since = self.now;
        let answer = protocol::Answer {
            info_hash: self.protocol_hash(),
            peer_id: protocol::PeerId(self.peer_id.0),
            to_peer_id: to,
            offer_id,
            sdp,
        };
        let text = protocol::ClientMessage::Answer(answer).to_text();
        self.actions.push_back(Action::TrackerSend(tracker, text));
    }

    fn new_meeting(&mut self, stage: Stage) -> ConnectionId {
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
            .insert(connection, Peer::new(connection, offered_by_us, self.now));
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
        if let Some(on_air) = &mut self.on_air {
            for parent in &mut on_air.parents {
                if *parent == Some(connection) {
                    *parent = None;
                }
            }
        }
        if self.is_lacking() {
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
            } else if peer.is_ready() && peer.liveness.last_ping + PING_INTERVAL <= now {
                peer.ping(now);
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
