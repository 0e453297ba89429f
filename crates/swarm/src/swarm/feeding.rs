//! Whom pieces are pushed to: which subscriptions are granted, and which are taken back when the uplink is full.
//!
//! A viewer grants what its uplink carries, first come, first served, except that one that passes on goes before one
//! that does not. The streamer's own rules are in `seeding`.

use std::time::Duration;

use super::Swarm;
use super::seeding::FIRST_PATIENCE;
use crate::peer::{Peer, Told};
use crate::uplink::Round;
use crate::wire::{LiveMessage, Standing, Stripes};
use crate::{ConnectionId, Role, SegmentNumber, Time};

/// A piece that has waited so long, with us or the driver, is late. A key frame's burst on an uplink that is used as it
/// should be drains in half of this.
const LATE: Duration = Duration::from_millis(700);
/// Bytes of messages that bring pieces for each byte of the stream. Small talk is counted apart.
const OVERHEAD: f64 = 1.01;
/// A child that has been silent for so long is fed no more. It says something at least each second.
const CHILD_PATIENCE: Duration = Duration::from_millis(4500);
/// How long one that does not live on us is told nothing new of where we stand.
const STRANGER_PAUSE: Duration = Duration::from_millis(1000);
/// How many stripes are taken from leaves in one round at the most.
const DISPLACED_AT_ONCE: usize = 4;
/// Whoever was met less than this ago is new, and puts out only those who have been pushed something for less than this: a
/// crowd of newcomers would put out those who watch before it can carry itself.
const NEW_FOR: Duration = Duration::from_secs(10);

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
        let is_viewer = self.secret.is_none();
        let Some((peer, _)) = self.in_context(connection) else {
            return;
        };
        let before = peer.fed;
        // Who lives on whom outlasts a broadcast that breaks off.
        let resumed = if is_viewer {
            std::mem::take(&mut peer.resumes)
        } else {
            Stripes::NONE
        };
        peer.fed = before.and(stripes);
        let kept = peer.fed;
        peer.unqueue(|piece, asked| asked || kept.contains(Stripes::of(piece)));
        for (place, stripe) in Stripes::each() {
            let wanted = stripes.contains(stripe) && !kept.contains(stripe);
            if wanted
                && (resumed.contains(stripe) || self.may_feed(connection, place, stripe))
                && let Some(peer) = self.peers.get_mut(&connection)
            {
                if peer.fed.is_empty() {
                    peer.fed_since = self.now;
                }
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
        let child = self.peers.get(&connection);
        let served_by_it =
            child.is_none_or(|peer| peer.choked || peer.parent.subscribed.contains(stripe));
        let on_air = self.on_air.as_ref();
        let own_delay = on_air.and_then(|on_air| on_air.supplies[place].delay());
        let Some(own_delay) = own_delay.filter(|_| !self.upload_off && !served_by_it) else {
            return false;
        };
        self.used_slots() < self.slots() || self.displace_leaf(connection, place, own_delay)
    }

    /// Takes a stripe back from a peer that passes little on, for one that passes on more. A few a round, so that not
    /// everything is turned over. `own_delay` is how long after the streamer we have the stripe that it asks for.
    fn displace_leaf(&mut self, for_whom: ConnectionId, place: usize, own_delay: Duration) -> bool {
        // One that has the stripe from elsewhere only looks for a better place; unless it gives up a better one, as it does
        // when the streamer asks it to.
        let Some(peer) = self.peers.get(&for_whom) else {
            return false;
        };
        let has_it = peer.standing.delay(place);
        let needs_it = has_it.is_none_or(|theirs| theirs < own_delay);
        let worthy = peer.standing.is_known_to_be_worthy() && needs_it;
        if !worthy || self.displaced >= DISPLACED_AT_ONCE {
            return false;
        }
        let new_from = |since: Time| since + NEW_FOR > self.now;
        let is_newcomer = new_from(peer.opened_at);
        let leaf = self
            .peers
            .values_mut()
            .filter(|peer| !peer.fed.is_empty() && peer.standing.is_leaf())
            .filter(|peer| !is_newcomer || new_from(peer.fed_since))
            .max_by_key(|peer| peer.fed.len());
        let Some(leaf) = leaf else {
            return false;
        };
        let connection = leaf.connection;
        take_one_back(leaf);
        self.displaced += 1;
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
        if self.on_air.is_none() {
            return;
        }
        let patience = match self.role() {
            Role::Streamer => FIRST_PATIENCE,
            Role::Viewer => CHILD_PATIENCE,
        };
        let gone: Vec<ConnectionId> = self
            .peers
            .values_mut()
            .filter(|peer| !peer.fed.is_empty() && peer.is_missed(now, patience))
            .map(|peer| {
                peer.fed = Stripes::NONE;
                peer.missed_at = Some(now);
                peer.unqueue(|_, asked| asked);
                peer.connection
            })
            .collect();
        for connection in gone {
            self.tell_child(connection, false);
        }
        let children = self.peers.values().filter(|peer| !peer.fed.is_empty());
        self.children = children.count();
        if !self.uplink.is_round_due(now) {
            return;
        }
        self.displaced = 0;
        let (mut served, mut late) = (0, 0);
        for peer in self.peers.values().filter(|peer| !peer.outbox.stalled) {
            if let Some(since) = peer.outbox.waits_since() {
                served += 1;
                late += usize::from(since + LATE <= now);
            }
        }
        let round = Round {
            used: self.used_slots(),
            served: served.max(self.children),
            late,
            passing_on: self.passing_on,
            stripe_rate: self.stripe_rate(),
        };
        let is_full = self.uplink.judge(now, round);
        if is_full {
            // What was measured while it was full says nothing of the next round.
            self.passing_on /= 2;
        }
        let slots = self.slots();
        // An estimate that wavers is no reason to take back what still leaves in time.
        let allowance = if is_full || slots == 0 {
            0
        } else {
            1 + slots / 6
        };
        self.shed(slots + allowance);
    }

    /// Takes stripes back until no more than so many are pushed: from leaves first, then from those that get most.
    pub(super) fn shed(&mut self, most: usize) {
        let mut excess = self
            .used_slots()
            .saturating_sub(most.max(self.least_slots()));
        while excess > 0 {
            let victim = self
                .peers
                .values_mut()
                .filter(|peer| !peer.fed.is_empty())
                .max_by_key(|peer| (peer.standing.is_leaf(), peer.fed.len()));
            let Some(victim) = victim else {
                return;
            };
            let connection = victim.connection;
            take_one_back(victim);
            self.tell_child(connection, false);
            excess -= 1;
        }
    }

    /// Tells peers where we stand, where that has changed: children soon, others now and then.
    pub(super) fn tell_standing(&mut self) {
        let own = self.standing();
        for peer in self.peers.values_mut().filter(|peer| peer.is_ready()) {
            let pause = if peer.fed.is_empty() {
                STRANGER_PAUSE
            } else {
                Duration::ZERO
            };
            let is_new = match &peer.told_standing {
                Some((told, at)) => {
                    let rested = *at + pause <= self.now || own.has_more_than(told);
                    rested && told.differs(&own)
                }
                None => true,
            };
            if is_new {
                peer.told_standing = Some((own, self.now));
                peer.say_live(&LiveMessage::Standing(own));
            }
        }
    }

    pub(super) fn standing(&self) -> Standing {
        let slots = self.slots();
        let narrow = |slots: usize| u8::try_from(slots).unwrap_or(u8::MAX);
        let mut standing = Standing::default();
        standing.upload_off = self.upload_off;
        standing.slots = narrow(slots);
        standing.spare = narrow(slots.saturating_sub(self.used_slots()));
        standing.untested = self.role() == Role::Viewer && !self.uplink.is_tested();
        standing.stands_aside = self.stands_aside();
        let leaves = self.peers.values().filter(|peer| peer.standing.is_leaf());
        standing.leaves = narrow(leaves.map(|peer| peer.fed.len()).sum());
        standing.hunger = self.hunger.level();
        standing.aside = self.others_aside.level();
        // One that passes nothing on has no delay to tell, and need not say each time that it changes.
        if let Some(on_air) = self.on_air.as_ref().filter(|_| slots > 0) {
            for (place, supply) in on_air.supplies.iter().enumerate() {
                let (delay, branch) = match self.role() {
                    Role::Streamer => (Some(Duration::ZERO), self.seeding.branch(place)),
                    Role::Viewer => (supply.delay(), supply.branch()),
                };
                standing.set_delay(place, delay.map(|delay| delay + self.passing_on));
                standing.set_branch(place, branch);
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
