//! Who pushes stripes to us: subscriptions, as they are asked for, granted and lost. Whom to ask is decided in
//! `choosing`, what a parent owes in `supply`, what to do about pieces that do not come in `repairing`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::choosing::{Choosing, Load};
use super::{OnAir, Swarm};
use crate::peer::Peer;
use crate::wire::{Branch, LiveMessage, Message, Stripes};
use crate::{BroadcastState, ConnectionId, SegmentNumber, Time};

/// How many parents tell of new segments: one may be lost without any being missed.
const HERALDS: usize = 2;
/// How long a piece may be here before its segment is told of, until everyone is asked to tell.
const UNTOLD: Duration = Duration::from_millis(300);

impl Swarm {
    /// Finds a parent for each stripe that has none or could have a better one, and tells peers what has changed.
    pub(super) fn subscribe(&mut self) {
        if self.secret.is_some() {
            return;
        }
        if self.stands_aside() {
            return self.tell_parents();
        }
        let now = self.now;
        let is_known_to_be_worthy = self.standing().is_known_to_be_worthy();
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        for supply in &mut on_air.supplies {
            for mute in [supply.dismissed.take(), supply.ignored_by.take()] {
                if let Some(peer) = mute.and_then(|mute| self.peers.get_mut(&mute)) {
                    peer.failed_us(now);
                }
            }
        }
        let choosing = Choosing {
            peers: &self.peers,
            broadcast: on_air.description.broadcast,
            now,
            patience: on_air.patience(),
            has_begun: on_air.playhead.next().is_some(),
            stands_still: on_air.stands_still(now),
            is_known_to_be_worthy,
            own_branch: Branch::of(&self.peer_id),
        };
        let mut pending = BTreeMap::new();
        for (place, stripe) in Stripes::each() {
            choosing.review(&mut on_air.supplies[place], place, stripe);
            let supply = &on_air.supplies[place];
            for of in supply
                .current
                .into_iter()
                .chain(supply.next.map(|next| next.0))
            {
                let load: &mut Load = pending.entry(of).or_default();
                load.stripes += 1;
                load.unanswered += usize::from(supply.current != Some(of));
            }
        }
        let comes = on_air.comes();
        let mut moves = 0;
        for (place, stripe) in Stripes::each() {
            let supply = &mut on_air.supplies[place];
            if let Some(parent) = choosing.choose(supply, place, stripe, &pending, moves) {
                moves += usize::from(supply.current.is_some());
                supply.next = Some((parent, now));
                let load = pending.entry(parent).or_default();
                load.stripes += 1;
                load.unanswered += 1;
            }
        }
        self.tell_parents();
        // Whoever lives on us, or is about to, must know at once what we have lost; and whoever waits, what has come.
        let before = std::mem::replace(&mut self.comes, comes);
        if before != comes {
            self.tell_standing();
        }
    }

    fn tell_parents(&mut self) {
        let Some(on_air) = &self.on_air else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        let heralds = if self.stands_aside() {
            Some([None; HERALDS])
        } else {
            on_air.heralds(self.now)
        };
        let orphan_to_be = on_air.supplies.iter().any(|supply| supply.near_streamer);
        for peer in self.peers.values_mut() {
            let interested = heralds.is_none_or(|heralds| heralds.contains(&Some(peer.connection)));
            // The streamer keeps the connection to those who may have to turn to it.
            let interested = interested || peer.streamer && orphan_to_be;
            if peer.is_ready() && peer.told_interest != interested {
                peer.told_interest = interested;
                peer.say(if interested {
                    &Message::Interested
                } else {
                    &Message::NotInterested
                });
            }
            if !peer.can_give(broadcast) {
                peer.parent.subscribed = Stripes::NONE;
                continue;
            }
            let stripes = Stripes::each()
                .filter(|(place, _)| on_air.supplies[*place].is_from(peer.connection))
                .fold(Stripes::NONE, |all, (_, stripe)| all.with(stripe));
            let before = std::mem::replace(&mut peer.parent.subscribed, stripes);
            if stripes == before {
                continue;
            }
            // What it is told now it need not push.
            let new = stripes.without(before);
            let from = on_air.wanted_from(new);
            if let Some(from) = from {
                on_air.tell_of(peer, new, from);
            }
            peer.tell_news();
            peer.say_live(&LiveMessage::Subscribe { stripes, from });
        }
    }

    pub(super) fn heard_feed(
        &mut self,
        connection: ConnectionId,
        granted: Stripes,
        surplus: Stripes,
        offered: Stripes,
    ) {
        let now = self.now;
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        let parent = &mut peer.parent;
        parent.granted = granted;
        parent.surplus = surplus;
        parent.offered = offered;
        let way = peer.shortest_way();
        for (place, stripe) in Stripes::each() {
            let supply = &mut on_air.supplies[place];
            if granted.contains(stripe) {
                if supply.next.is_some_and(|(next, _)| next == connection) {
                    supply.take(connection, now);
                }
                continue;
            }
            if supply.current == Some(connection) {
                supply.lose(now);
            }
            // An answer cannot have come sooner than this; what came is about an earlier question.
            let refused = supply
                .next
                .is_some_and(|(next, asked_at)| next == connection && asked_at + way <= now);
            if refused {
                supply.next = None;
                peer.parent.refused = peer.parent.refused.with(stripe);
                peer.parent.refused_at = now;
            }
        }
        self.subscribe();
    }

    /// A parent is gone.
    pub(super) fn lose_parent(&mut self, connection: ConnectionId) {
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        on_air.asked.retain(|_, asked| asked.of != connection);
        for supply in &mut on_air.supplies {
            if supply.current == Some(connection) {
                supply.lose(now);
            }
            if supply.next.is_some_and(|(next, _)| next == connection) {
                supply.next = None;
            }
            if supply.former == Some(connection) {
                supply.former = None;
            }
        }
    }

    /// A peer takes part in the same broadcast as we do, which has just begun: what it pushed to us in the one before is
    /// asked for again.
    pub(super) fn resume_with(&mut self, connection: ConnectionId) {
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        for supply in &mut on_air.supplies {
            if supply.former == Some(connection) {
                supply.former = None;
                if supply.current.is_none() && supply.next.is_none() {
                    supply.next = Some((connection, now));
                }
            }
        }
    }
}

impl OnAir {
    /// The stripes that a peer pushes to us.
    pub(super) fn stripes_from(&self, connection: ConnectionId) -> Stripes {
        Stripes::each()
            .filter(|(place, _)| self.supplies[*place].current == Some(connection))
            .fold(Stripes::NONE, |all, (_, stripe)| all.with(stripe))
    }

    /// The stripes that come, and are said to.
    fn comes(&self) -> Stripes {
        Stripes::each()
            .filter(|(place, _)| self.supplies[*place].delay().is_some())
            .fold(Stripes::NONE, |all, (_, stripe)| all.with(stripe))
    }

    /// The parents who are to tell of new segments: the two who have any stripe soonest. Whoever tells them is nearer
    /// still to the streamer, so that nobody waits for news in a circle. `None` where everyone is to: with fewer
    /// parents, or when pieces come of a segment that nobody has told of.
    fn heralds(&self, now: Time) -> Option<[Option<ConnectionId>; HERALDS]> {
        if self.early.oldest().is_some_and(|at| at + UNTOLD <= now) {
            return None;
        }
        let mut parents: Vec<(Duration, ConnectionId)> = self
            .supplies
            .iter()
            .filter_map(|supply| Some((supply.delay()?, supply.current?)))
            .collect();
        parents.sort_unstable();
        let mut heralds = [None; HERALDS];
        for place in 0..HERALDS {
            let next = parents
                .iter()
                .find(|(_, parent)| !heralds.contains(&Some(*parent)));
            heralds[place] = Some(next?.1);
        }
        Some(heralds)
    }

    /// Tells a peer of what we have of some stripes from a segment on.
    fn tell_of(&self, peer: &mut Peer, stripes: Stripes, from: SegmentNumber) {
        for held in self.store.since(from) {
            for piece in held.announcement.pieces() {
                if stripes.contains(Stripes::of(piece)) && self.store.piece(piece).is_some() {
                    peer.tell_later(piece);
                }
            }
        }
    }

    /// How long a neighbour may say nothing. Peers tell what they have several times a second, where there is
    /// something to tell: with each segment.
    pub(super) fn patience(&self) -> Duration {
        let segment = Duration::from_millis(self.description.segment_millis.into());
        Duration::from_millis(500) + segment.min(Duration::from_secs(2)) * 2
    }

    /// Whether the streamer is gone: parents who have always passed everything on have nothing, and nobody has said that the
    /// broadcast is over. Whoever lives on liars would think so too soon.
    pub(super) fn stands_still(&self, now: Time) -> bool {
        let newest = self.store.newest();
        let proven = self.supplies.iter().filter(|supply| supply.is_proven());
        self.description.state == BroadcastState::Live
            && newest.is_some_and(|held| held.announced_at + self.patience() <= now)
            && proven.count() * 2 > self.supplies.len()
    }

    /// From which segment on newly subscribed stripes are wanted: from the first that lacks something of them. `None`,
    /// the newest key frame, before anything was played.
    ///
    /// What is on its way from an earlier parent may come twice. Without it, a piece that a slow parent has not pushed yet
    /// when a faster one, which has pushed it to its children already, takes over, would come from neither.
    fn wanted_from(&self, stripes: Stripes) -> Option<SegmentNumber> {
        let next = self.playhead.next()?;
        let newest = self.store.newest()?.announcement.number;
        let lacks = |piece| stripes.contains(Stripes::of(piece));
        let first = self
            .store
            .since(next)
            .find(|held| !held.is_complete() && held.missing_pieces().any(lacks));
        Some(first.map_or(newest.next(), |held| held.announcement.number))
    }
}
