//! Trackers: when to announce, with how many offers, and what they say.

use std::time::Duration;

use rand::RngExt;
use tracker_protocol as protocol;

use super::meeting::{Route, Stage};
use super::supply::Supply;
use super::{OnAir, Swarm};
use crate::{Action, BroadcastState, ConnectionId, PeerId, Role, TrackerId};

/// Offers with each announce of a peer that lacks others. One goes to the streamer where the tracker sends offers to
/// seeders first, the others to viewers; more would cost every page a peer connection each.
const OFFERS: usize = 4;
/// Where several trackers are due at once, each gets so many at least: who is there may know only one of them.
const OFFERS_EACH: usize = 2;
/// So many neighbours from trackers are enough; neighbours give more.
const FOOTHOLD: usize = 4;

/// How long the streamer is left to those who lived on it, once it is gone, before all others look for it too.
const STREAMER_MISSED: Duration = Duration::from_secs(60);
/// How long before the end of what came a piece from the streamer shows that we lived on it.
const LIVED_ON: Duration = Duration::from_secs(3);

/// How much a peer needs trackers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// It only shows that it is there.
    Nothing,
    /// It has neighbours, and could do with more.
    Company,
    /// It has nobody.
    Everything,
    /// It lived on the streamer, who is gone, and others live on it: all wait until the two have met again.
    Streamer,
    /// The same, and all below it stay where they are until then.
    Inheritance,
}

impl Swarm {
    pub(super) fn keep_trackers(&mut self) {
        let need = self.need();
        for tracker in &mut self.trackers {
            if need >= Need::Everything {
                tracker.hurry(self.now, &mut self.rng);
            }
            if tracker.connect_due(self.now) {
                let connect = Action::TrackerConnect(tracker.id, tracker.url.clone());
                self.actions.push_back(connect);
            } else if tracker.is_stuck(self.now) {
                tracker.closed(self.now, &mut self.rng);
                let close = Action::TrackerClose(tracker.id);
                self.actions.push_back(close);
            }
        }
    }

    /// How much this peer needs trackers.
    pub(super) fn need(&self) -> Need {
        let ready = self.peers.values().filter(|peer| peer.is_ready()).count();
        let viewers = self.trackers.iter().map(|tracker| tracker.incomplete).max();
        // A viewer counts the streamer in place of itself.
        let there = viewers.unwrap_or(0);
        match self.role() {
            Role::Streamer if ready < FOOTHOLD.min(there) => Need::Everything,
            Role::Viewer if ready == 0 => Need::Everything,
            Role::Viewer if self.waits_for_streamer() => Need::Inheritance,
            Role::Viewer if self.misses_streamer() && self.lived_on_streamer() => Need::Streamer,
            Role::Viewer if ready < FOOTHOLD.min(there) || self.misses_streamer() => Need::Company,
            _ => Need::Nothing,
        }
    }

    /// Whether others live on what only the streamer, who is not there, can bring to us.
    fn waits_for_streamer(&self) -> bool {
        self.on_air.as_ref().is_some_and(|on_air| {
            let mut supplies = on_air.supplies.iter();
            on_air.description.state == BroadcastState::Live
                && supplies.any(Supply::waits_for_streamer)
                && !self.is_with_streamer(on_air)
        })
    }

    /// Whether segments should come, do not, and the streamer is not there to ask.
    fn misses_streamer(&self) -> bool {
        let Some(on_air) = &self.on_air else {
            return false;
        };
        let wait = if on_air.stands_still(self.now) {
            STREAMER_MISSED
        } else {
            on_air.patience() * 2
        };
        let heard = on_air.last_segment_at;
        on_air.description.state == BroadcastState::Live
            && !self.stands_aside()
            && heard.is_some_and(|at| at + wait <= self.now)
            && !self.is_with_streamer(on_air)
    }

    /// Whether the streamer is connected, and has been heard lately.
    fn is_with_streamer(&self, on_air: &OnAir) -> bool {
        let patience = on_air.patience() * 3;
        let mut peers = self.peers.values();
        peers.any(|peer| peer.streamer && !peer.is_quiet(self.now, patience))
    }

    /// Whether what came last came from the streamer itself, in part.
    fn lived_on_streamer(&self) -> bool {
        self.on_air.as_ref().is_some_and(|on_air| {
            on_air
                .from_streamer_at
                .zip(on_air.last_segment_at)
                .is_some_and(|(from_streamer, last)| from_streamer + LIVED_ON >= last)
        })
    }

    pub(super) fn announce(&mut self) {
        let need = self.need();
        let due: Vec<TrackerId> = self
            .trackers
            .iter()
            .filter(|tracker| tracker.announce_due(self.now, need))
            .map(|tracker| tracker.id)
            .collect();
        // Offers take the driver a moment; they are begun while sockets are still opening.
        let expecting = self.trackers.iter().any(|tracker| !tracker.is_open());
        // A streamer offers once, so that viewers who wait for it meet it at once.
        let first = self.trackers.iter().any(|each| each.is_first_announce());
        let seeks = need != Need::Nothing || (first && self.role() == Role::Streamer);
        let wanted = match need {
            // Each tracker gives it to the streamer first.
            Need::Streamer | Need::Inheritance => due.len().max(1),
            _ if seeks => OFFERS.max(OFFERS_EACH * due.len()),
            _ => 0,
        };
        if due.is_empty() && !(expecting && need >= Need::Everything) {
            return;
        }
        if self.make_offers(wanted) {
            let mut offered: Vec<ConnectionId> = self
                .meetings
                .iter()
                .filter(|(_, meeting)| matches!(meeting.stage, Stage::Offered(_)))
                .map(|(connection, _)| *connection)
                .collect();
            let trackers = due.len();
            for (at, tracker) in due.into_iter().enumerate() {
                // Dealt out evenly; the first ones get what is over.
                let share = offered
                    .len()
                    .div_ceil(trackers - at)
                    .min(protocol::MAX_OFFERS);
                let share = offered.drain(..share).collect();
                self.announce_at(tracker, need, share);
            }
        }
    }

    /// Has the driver make offers until so many are ready. Returns whether they are.
    fn make_offers(&mut self, wanted: usize) -> bool {
        let (making, ready) = self
            .meetings
            .values()
            .fold((0, 0), |(making, ready), meeting| match meeting.stage {
                Stage::Offering(None) => (making + 1, ready),
                Stage::Offered(_) => (making, ready + 1),
                _ => (making, ready),
            });
        let room = self
            .config
            .max_connections
            .saturating_sub(self.peers.len() + self.meetings.len());
        for _ in 0..wanted.saturating_sub(making + ready).min(room) {
            let connection = self.new_meeting(Stage::Offering(None));
            self.actions.push_back(Action::MakeOffer(connection));
        }
        ready >= wanted || room == 0
    }

    fn announce_at(&mut self, id: TrackerId, need: Need, offered: Vec<ConnectionId>) {
        let mut offers = Vec::new();
        for connection in offered {
            let Some(meeting) = self.meetings.get_mut(&connection) else {
                continue;
            };
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
            // A few.
            numwant: Some(offers.len() as u32),
            offers,
            tracker_id: None,
        };
        tracker.announced(self.now, need);
        self.send_to_tracker(id, protocol::ClientMessage::Announce(announce));
    }

    pub(super) fn send_to_tracker(&mut self, id: TrackerId, message: protocol::ClientMessage) {
        self.actions
            .push_back(Action::TrackerSend(id, message.to_text()));
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
                let tracker = id;
                let route = Route::Tracker { tracker, offer_id };
                self.take_offer(PeerId(peer_id.0), route, sdp);
            }
            protocol::ServerMessage::Answer {
                info_hash,
                offer_id,
                sdp,
                ..
            } if info_hash == own_hash => {
                self.take_answer(|stage| *stage == Stage::Announced(offer_id), sdp);
            }
            protocol::ServerMessage::Failure { info_hash, reason }
                if info_hash.is_none_or(|hash| hash == own_hash) =>
            {
                if let Some(tracker) = self.trackers.get_mut(id.0) {
                    tracker.refused(reason);
                }
            }
            // The rest is about other swarms.
            _ => {}
        }
    }

    pub(super) fn protocol_hash(&self) -> protocol::InfoHash {
        protocol::InfoHash(self.channel.swarm_hash().0)
    }
}
