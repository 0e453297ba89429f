//! Whom pieces are pushed to: which subscriptions are granted, and which are taken back when the uplink is full.
//!
//! A viewer grants what its uplink carries, first come, first served, except that one that passes on goes before one
//! that does not. The streamer's own rules are in `seeding`.

use std::time::Duration;

use super::Swarm;
use crate::peer::{Peer, Told};
use crate::uplink::Round;
use crate::wire::{LiveMessage, Standing, Stripes};
use crate::{ConnectionId, Role, SegmentNumber};

/// A piece that has waited so long, with us or the driver, is late. A key frame's burst on an uplink that is used as it
/// should be drains in half of this.
const LATE: Duration = Duration::from_millis(700);
/// Bytes on the wire for each byte of the stream, all messages together. Measured by the simulator.
const OVERHEAD: f64 = 1.05;
/// A peer that can feed so few stripes is a leaf.
const LEAF_SLOTS: u8 = 2;
/// A peer that can feed so many stripes is worth the place of a leaf.
const WORTHY_SLOTS: u8 = 8;

impl Swarm {
    /// Bytes a second that pushing a stripe takes; 0 while nothing is on air.
    pub(super) fn stripe_rate(&self) -> f64 {
        let rate = self
            .on_air
            .as_ref()
            .map_or(0, |on_air| on_air.description.bits_per_second / 8);
        rate as f64 * OVERHEAD / f64::from(Stripes::COUNT)
    }

    /// How many stripes may be pushed, all peers together.
    pub(super) fn slots(&self) -> usize {
        if self.upload_off {
            0
        } else {
            self.uplink.slots(self.stripe_rate())
        }
    }

    /// How many stripes are pushed.
    pub(super) fn used_slots(&self) -> usize {
        self.peers.values().map(|peer| peer.fed.len()).sum()
    }

    pub(super) fn heard_subscribe(
        &mut self,
        connection: ConnectionId,
        stripes: Stripes,
        from: Option<SegmentNumber>,
    ) {
        let Some((peer, _)) = self.in_context(connection) else {
            return;
        };
        let before = peer.fed;
        peer.fed = before.and(stripes);
        let kept = peer.fed;
        peer.unqueue(|piece, asked| asked || kept.contains(Stripes::of(piece)));
        for (place, stripe) in Stripes::each() {
            let wanted = stripes.contains(stripe) && !kept.contains(stripe);
            if wanted
                && self.may_feed(connection, place, stripe)
                && let Some(peer) = self.peers.get_mut(&connection)
            {
                peer.fed = peer.fed.with(stripe);
            }
        }
        self.push_since(connection, before, from);
        self.tell_child(connection, true);
    }

    fn may_feed(&mut self, connection: ConnectionId, place: usize, stripe: Stripes) -> bool {
        if self.role() == Role::Streamer {
            return self.may_seed(connection, place, stripe);
        }
        let served_by_it = self
            .on_air
            .as_ref()
            .is_some_and(|on_air| on_air.supplies[place].delay(self.now).is_none())
            || self
                .peers
                .get(&connection)
                .is_none_or(|peer| peer.choked || peer.parent.subscribed.contains(stripe));
        if self.upload_off || served_by_it {
            return false;
        }
        self.used_slots() < self.slots() || self.displace_leaf(connection)
    }

    /// Takes a stripe back from a peer that passes nothing on, for one that does. One a round, so that a crowd of
    /// newcomers does not turn everything over.
    fn displace_leaf(&mut self, for_whom: ConnectionId) -> bool {
        let worthy = self
            .peers
            .get(&for_whom)
            .is_some_and(|peer| peer.standing.slots >= WORTHY_SLOTS);
        if !worthy || self.displaced {
            return false;
        }
        let leaf = self
            .peers
            .values_mut()
            .filter(|peer| !peer.fed.is_empty() && peer.standing.slots <= LEAF_SLOTS)
            .max_by_key(|peer| peer.fed.len());
        let Some(leaf) = leaf else {
            return false;
        };
        let connection = leaf.connection;
        take_one_back(leaf);
        self.displaced = true;
        self.tell_child(connection, false);
        true
    }

    /// Pushes what there is of stripes that a peer gets now and did not get before, from `from` on or, without it, from
    /// the newest key frame.
    fn push_since(
        &mut self,
        connection: ConnectionId,
        before: Stripes,
        from: Option<SegmentNumber>,
    ) {
        let now = self.now;
        let is_streamer = self.secret.is_some();
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        let new = peer.fed.without(before);
        let Some(from) = from.or_else(|| on_air.store.newest_key_frame()) else {
            return;
        };
        for held in on_air.store.since(from) {
            if !peer.fed.is_empty() {
                peer.announce(held.announcement.number, &held.signed);
            }
            for piece in held.announcement.pieces() {
                if on_air.store.piece(piece).is_none() {
                    continue;
                }
                if new.contains(Stripes::of(piece)) {
                    peer.queue(piece, false, now);
                } else if !is_streamer {
                    peer.tell_later(piece);
                }
            }
        }
    }

    /// Tells a peer what it is pushed, if that has changed or it has asked.
    pub(super) fn tell_child(&mut self, connection: ConnectionId, asked: bool) {
        let surplus = self.surplus_of(connection);
        let offered = self.offered_to(connection);
        let Some(peer) = self.peers.get_mut(&connection) else {
            return;
        };
        let told = Told {
            granted: peer.fed,
            surplus,
            offered,
        };
        if asked || peer.told != told {
            peer.told = told;
            peer.say_live(&LiveMessage::Feed {
                granted: told.granted,
                surplus,
                offered,
            });
        }
    }

    /// Judges the uplink, takes back what it does not carry, and lets go of children that are gone.
    pub(super) fn tend_children(&mut self) {
        let now = self.now;
        let Some(on_air) = &self.on_air else {
            return;
        };
        let patience = on_air.patience();
        let gone: Vec<ConnectionId> = self
            .peers
            .values_mut()
            .filter(|peer| !peer.fed.is_empty() && peer.is_quiet(now, patience * 2))
            .map(|peer| {
                peer.fed = Stripes::NONE;
                peer.unqueue(|_, asked| asked);
                peer.connection
            })
            .collect();
        for connection in gone {
            self.tell_child(connection, false);
        }
        if !self.uplink.is_round_due(now) {
            return;
        }
        self.displaced = false;
        let (mut served, mut late) = (0, 0);
        for peer in self.peers.values() {
            if let Some(since) = peer.outbox.waits_since() {
                served += 1;
                late += usize::from(since + LATE <= now);
            }
        }
        let round = Round {
            used: self.used_slots(),
            served: served.max(
                self.peers
                    .values()
                    .filter(|peer| !peer.fed.is_empty())
                    .count(),
            ),
            late,
            passing_on: self.passing_on,
            stripe_rate: self.stripe_rate(),
        };
        if self.uplink.judge(now, round) {
            // What was measured while it was full says nothing of the next round.
            self.passing_on /= 2;
        }
        self.shed();
    }

    /// Takes stripes back until no more is pushed than may be: from leaves first, then from those that get most.
    pub(super) fn shed(&mut self) {
        let mut excess = self
            .used_slots()
            .saturating_sub(self.slots().max(self.least_slots()));
        while excess > 0 {
            let victim = self
                .peers
                .values_mut()
                .filter(|peer| !peer.fed.is_empty())
                .max_by_key(|peer| (peer.standing.slots <= LEAF_SLOTS, peer.fed.len()));
            let Some(victim) = victim else {
                return;
            };
            let connection = victim.connection;
            take_one_back(victim);
            self.tell_child(connection, false);
            excess -= 1;
        }
    }

    /// Tells peers where we stand, where that has changed.
    pub(super) fn tell_standing(&mut self) {
        let own = self.standing();
        for peer in self.peers.values_mut() {
            if peer.is_ready() && peer.told_standing.is_none_or(|told| told.differs(&own)) {
                peer.told_standing = Some(own);
                peer.say_live(&LiveMessage::Standing(own));
            }
        }
    }

    fn standing(&self) -> Standing {
        let slots = self.slots();
        let narrow = |slots: usize| u8::try_from(slots).unwrap_or(u8::MAX);
        let mut standing = Standing::default();
        standing.upload_off = self.upload_off;
        standing.slots = narrow(slots);
        standing.spare = narrow(slots.saturating_sub(self.used_slots()));
        standing.hunger = self.hunger.level();
        if let Some(on_air) = &self.on_air {
            for (place, supply) in on_air.supplies.iter().enumerate() {
                let delay = match self.role() {
                    Role::Streamer => Some(Duration::ZERO),
                    Role::Viewer => supply.delay(self.now),
                };
                standing.set_delay(place, delay.map(|delay| delay + self.passing_on));
            }
        }
        standing
    }
}

/// Stops pushing one stripe to a peer.
fn take_one_back(peer: &mut Peer) {
    let taken = Stripes::each().find(|(_, stripe)| peer.fed.contains(*stripe));
    if let Some((_, stripe)) = taken {
        peer.fed = peer.fed.without(stripe);
        peer.unqueue(|piece, asked| asked || Stripes::of(piece) != stripe);
    }
}
