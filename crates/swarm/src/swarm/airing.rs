//! Descriptions and announcements: what the streamer signs, what viewers believe and pass on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::early::Early;
use super::supply::Supply;
use super::talking::Fault;
use super::{OnAir, Swarm};
use crate::announcement::Announcement;
use crate::playhead::Playhead;
use crate::signature::Purpose;
use crate::store::Store;
use crate::torrent::InfoDictionary;
use crate::wire::{LiveMessage, Standing, Stripes};
use crate::{
    Action, BroadcastId, ConnectionId, Description, PieceIndex, Playback, Segment, SegmentNumber,
    Time,
};

/// How far ahead of the newest segment a signed number may be. The streamer is trusted, its program may still err:
/// numbers that leap would make viewers wait for ever.
const MAX_LEAP: u64 = 10_000;

/// How long after an announcement a peer that has shown no sign of it is told, and until when that is of use to it.
const LAZY_AFTER: Duration = Duration::from_millis(400);
/// How much longer than the first of a neighbour's stripes takes the streamer waits, and how long at the most: nearly all
/// have heard by then, and to tell dozens of neighbours what they know took an eighth of a copy.
const LAZY_SLACK: Duration = Duration::from_millis(300);
const LAZY_AT_LAST: Duration = Duration::from_millis(1200);
const LAZY_UNTIL: Duration = Duration::from_secs(2);

impl Swarm {
    /// Streamer: a broadcast begins, or its description changes (a higher revision of the same broadcast;
    /// [`crate::BroadcastState::Ended`] ends it). Does nothing for a viewer.
    pub fn describe(&mut self, now: Time, description: Description) {
        self.now = now;
        let Some(secret) = &self.secret else {
            return;
        };
        let signed = secret.sign(Purpose::Description, &description.to_record());
        self.adopt(description, signed);
        self.settle();
    }

    /// Streamer: the next segment of the broadcast. Its number is given here, from 0. Does nothing for a viewer, and
    /// nothing before [`Swarm::describe`].
    pub fn publish(&mut self, now: Time, segment: Segment) {
        self.now = now;
        let (Some(secret), Some(on_air)) = (&self.secret, &mut self.on_air) else {
            return;
        };
        if segment.bytes.is_empty() {
            return;
        }
        let broadcast = on_air.description.broadcast;
        let number = SegmentNumber(on_air.next_segment);
        let announcement = Announcement {
            broadcast,
            number,
            first_piece: PieceIndex(on_air.next_piece),
            presentation_time: segment.presentation_time,
            duration: segment.duration,
            key_frame: segment.key_frame,
            captured_at: segment.captured_at,
            info: InfoDictionary::hashed_by(self.checks, broadcast, number, &segment.bytes),
        };
        on_air.next_segment += 1;
        // 2^32 pieces are 64 TiB: years of stream.
        on_air.next_piece += announcement.info.piece_count() as u32;
        on_air.last_segment_at = Some(now);
        self.counters.segments += 1;
        self.counters.stream_bytes += segment.bytes.len() as u64;
        let signed = secret.sign(Purpose::Announcement, &announcement.to_record());
        let pieces: Vec<PieceIndex> = announcement.pieces().collect();
        on_air
            .store
            .publish(announcement, signed.clone(), segment.bytes, now);
        self.spread(number, &signed);
        for peer in self.peers.values_mut() {
            if peer.context != Some(broadcast) {
                continue;
            }
            for piece in pieces.iter().copied() {
                if peer.fed.contains(Stripes::of(piece)) {
                    peer.queue(piece, false, now);
                }
            }
        }
        self.settle();
    }

    /// Tells those whom we feed, and who want to hear it from us, that a segment exists.
    fn spread(&mut self, number: SegmentNumber, signed: &Bytes) {
        let Some(on_air) = &self.on_air else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        let oldest = on_air.store.oldest();
        for peer in self.peers.values_mut().filter(|peer| peer.is_ready()) {
            if peer.context != Some(broadcast) {
                continue;
            }
            if !peer.fed.is_empty() && peer.interested {
                peer.announce(number, signed);
            }
            if let Some((segment, piece)) = oldest {
                peer.forget_before(segment, piece);
            }
        }
    }

    /// Tells those who live on few others of segments that they should have heard of by now and, as far as is known,
    /// have not.
    pub(super) fn spread_lazily(&mut self) {
        let now = self.now;
        let Some(on_air) = &self.on_air else {
            return;
        };
        let is_viewer = self.secret.is_none();
        if is_viewer && self.standing().is_leaf() {
            return;
        }
        let broadcast = on_air.description.broadcast;
        for held in on_air.store.announced_after(now, LAZY_UNTIL) {
            if held.announced_at + LAZY_AFTER > now {
                continue;
            }
            let number = held.announcement.number;
            for peer in self.peers.values_mut() {
                let hears_by = if is_viewer {
                    LAZY_AFTER
                } else {
                    hears_by(&peer.standing)
                };
                let is_due = held.announced_at + hears_by <= now;
                if is_due && peer.context == Some(broadcast) && peer.is_ready() && peer.interested {
                    peer.announce(number, &held.signed);
                }
            }
        }
    }

    pub(super) fn heard_description(
        &mut self,
        connection: ConnectionId,
        signed: Bytes,
    ) -> Result<(), Fault> {
        let record = self
            .channel
            .open(self.checks, Purpose::Description, &signed)
            .ok_or(Fault::Liar)?;
        let description = Description::parse(&record).map_err(|_| Fault::Liar)?;
        let broadcast = description.broadcast;
        let is_viewer = self.secret.is_none();
        let Some(peer) = self.peers.get_mut(&connection) else {
            return Ok(());
        };
        peer.takes_part(broadcast, description.revision);
        // A streamer whose clock was set back is still believed, but only by itself and not through others: an old
        // description that somebody replays replaces nothing.
        let from_streamer = peer.streamer;
        let newer = match &self.on_air {
            None => true,
            Some(on_air) => {
                let current = &on_air.description;
                description.replaces(current) || (from_streamer && current.broadcast != broadcast)
            }
        };
        if is_viewer && newer {
            self.adopt(description, signed);
        }
        self.shares_broadcast(connection, broadcast);
        Ok(())
    }

    /// A peer says which broadcast its numbers are of. Where its description is not known yet, it is asked for.
    pub(super) fn heard_taking_part(
        &mut self,
        connection: ConnectionId,
        broadcast: BroadcastId,
        revision: u32,
    ) {
        let is_viewer = self.secret.is_none();
        let known = self.on_air.as_ref().map(|on_air| &on_air.description);
        let is_known =
            known.is_some_and(|known| known.broadcast == broadcast && known.revision >= revision);
        let Some(peer) = self.peers.get_mut(&connection) else {
            return;
        };
        peer.takes_part(broadcast, revision);
        if is_viewer && !is_known {
            peer.say_live(&LiveMessage::Describe);
        }
        self.shares_broadcast(connection, broadcast);
    }

    pub(super) fn heard_describe(&mut self, connection: ConnectionId) {
        let now = self.now;
        if let (Some(on_air), Some(peer)) = (&self.on_air, self.peers.get_mut(&connection))
            && peer.errands.take(now)
        {
            peer.say_live(&on_air.introduction(false));
        }
    }

    /// What can be done with a peer whose broadcast is known.
    fn shares_broadcast(&mut self, connection: ConnectionId, broadcast: BroadcastId) {
        let shared = self
            .on_air
            .as_ref()
            .is_some_and(|on_air| on_air.description.broadcast == broadcast);
        if self.secret.is_none() && shared {
            self.resume_with(connection);
        }
        self.subscribe();
    }

    /// Makes a description the current one and tells everyone.
    fn adopt(&mut self, description: Description, signed: Bytes) {
        self.may_play = true;
        let description = Arc::new(description);
        let (broadcast, revision) = (description.broadcast, description.revision);
        match &mut self.on_air {
            Some(on_air) if on_air.description.broadcast == broadcast => {
                on_air.description = Arc::clone(&description);
                on_air.signed = signed;
                self.actions
                    .push_back(Action::Play(Playback::Changed(description)));
            }
            _ => {
                let before = self.on_air.take();
                self.on_air = Some(OnAir {
                    description: Arc::clone(&description),
                    signed,
                    store: Store::new(self.config.window),
                    playhead: Playhead::default(),
                    supplies: std::array::from_fn(|place| match &before {
                        Some(before) => before.supplies[place].following(self.now),
                        None => Supply::new(self.now),
                    }),
                    early: Early::default(),
                    asked: BTreeMap::new(),
                    next_segment: 0,
                    next_piece: 0,
                    last_segment_at: None,
                    from_streamer_at: None,
                });
                for peer in self.peers.values_mut() {
                    if peer.context != Some(broadcast) {
                        peer.begin_broadcast();
                    }
                }
                self.actions
                    .push_back(Action::Play(Playback::Broadcast(description)));
            }
        }
        let is_thin = self.is_thin();
        if let Some(on_air) = &self.on_air {
            for peer in self.peers.values_mut() {
                let has_it = peer.context == Some(broadcast) && peer.revision >= Some(revision);
                peer.say_live(&on_air.introduction(has_it || is_thin));
            }
        }
        self.subscribe();
    }

    /// Whether this is a viewer whose uplink has no room, or may have none, for what others can tell as well.
    fn is_thin(&self) -> bool {
        let standing = self.standing();
        self.secret.is_none() && (standing.is_leaf() || standing.untested)
    }

    /// Tells a peer that has just come what is on air.
    pub(super) fn greet_with_description(&mut self, connection: ConnectionId) {
        let is_thin = self.is_thin();
        if let (Some(on_air), Some(peer)) = (&self.on_air, self.peers.get_mut(&connection)) {
            peer.say_live(&on_air.introduction(is_thin));
        }
    }

    pub(super) fn heard_announcement(
        &mut self,
        connection: ConnectionId,
        signed: Bytes,
    ) -> Result<(), Fault> {
        let (channel, checks, now) = (self.channel, self.checks, self.now);
        let Some((peer, on_air)) = self.in_context(connection) else {
            return Ok(());
        };
        if let Some(number) = on_air.store.number_of(&signed) {
            peer.learns(number);
            return Ok(());
        }
        let record = channel
            .open(checks, Purpose::Announcement, &signed)
            .ok_or(Fault::Liar)?;
        let announcement = Announcement::parse(&record).map_err(|_| Fault::Liar)?;
        let number = announcement.number;
        if announcement.broadcast != on_air.description.broadcast {
            return Ok(());
        }
        let leaps = on_air
            .store
            .newest()
            .is_some_and(|newest| number.0 > newest.announcement.number.0 + MAX_LEAP);
        if leaps {
            return Err(Fault::Liar);
        }
        peer.learns(number);
        if peer.streamer {
            // The streamer announces what it has whole; it need not say `have`.
            announcement.pieces().for_each(|piece| peer.holds(piece));
        }
        let pieces = announcement.pieces();
        if on_air.store.announce(announcement, signed.clone(), now) {
            let early = on_air.early.take(pieces, now);
            self.may_play = true;
            self.spread(number, &signed);
            for (from, piece, data) in early {
                if let Err(fault) = self.heard_piece(from, piece, 0, data) {
                    self.part_with(from, fault);
                }
            }
        }
        Ok(())
    }
}

/// How long after an announcement the streamer takes it that a neighbour has heard of it from others, or never will.
fn hears_by(standing: &Standing) -> Duration {
    let soonest = standing.shortest_delay().unwrap_or_default();
    (soonest + LAZY_SLACK).clamp(LAZY_AFTER, LAZY_AT_LAST)
}

impl OnAir {
    /// What broadcast this is: all of its description or, briefly, which one it is.
    fn introduction(&self, briefly: bool) -> LiveMessage {
        if briefly {
            LiveMessage::TakingPart {
                broadcast: self.description.broadcast,
                revision: self.description.revision,
            }
        } else {
            LiveMessage::Description(self.signed.clone())
        }
    }
}
