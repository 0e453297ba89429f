//! Where pieces come from: subscriptions to stripes, and requests for what was not pushed.

use std::time::Duration;

use super::Swarm;
use crate::peer::Peer;
use crate::wire::{LiveMessage, Stripes};
use crate::{BroadcastId, ConnectionId, PieceIndex};

/// How long a piece that a parent should push is waited for before others are asked. A push is as fast as the path; a
/// third of what playing waits for leaves time for two more tries.
const PUSH_GRACE: Duration = Duration::from_millis(500);
/// How long an answer to a request is waited for before somebody else is asked.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(800);
/// The most unanswered requests to one peer: two segments at 2.5 Mbit/s, so that what was asked for last still comes
/// before its deadline.
const MAX_REQUESTS: usize = 10;

impl Swarm {
    /// Finds a parent for each stripe that has none, and tells peers what has changed.
    pub(super) fn subscribe(&mut self) {
        if self.secret.is_some() {
            return;
        }
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        let mut load = std::collections::BTreeMap::<ConnectionId, usize>::new();
        for (stripe, parent) in (0..).map(Stripes::one).zip(&mut on_air.parents) {
            let kept = parent
                .and_then(|parent| self.peers.get(&parent))
                .is_some_and(|peer| peer.can_give(broadcast));
            if !kept {
                *parent = choose_parent(self.peers.values(), broadcast, stripe, &load);
            }
            if let Some(parent) = parent {
                *load.entry(*parent).or_default() += 1;
            }
        }
        // What playing has passed need not be sent again; without it the peer begins at its newest key frame.
        let from = on_air.playhead.next();
        for peer in self.peers.values_mut() {
            if !peer.can_give(broadcast) {
                peer.subscribed = Stripes::NONE;
                continue;
            }
            let stripes = (0..)
                .map(Stripes::one)
                .zip(&on_air.parents)
                .filter(|(_, parent)| **parent == Some(peer.connection))
                .fold(Stripes::NONE, |all, (stripe, _)| all.with(stripe));
            if stripes != peer.subscribed {
                peer.subscribed = stripes;
                peer.say_live(&LiveMessage::Subscribe { stripes, from });
            }
        }
    }

    /// Asks for what should have been pushed and was not.
    pub(super) fn repair(&mut self) {
        let now = self.now;
        let Some(on_air) = &self.on_air else {
            return;
        };
        let from = on_air
            .playhead
            .next()
            .or_else(|| on_air.store.newest_key_frame());
        let Some(from) = from else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        for peer in self.peers.values_mut() {
            peer.requested
                .retain(|_, asked_at| *asked_at + REQUEST_TIMEOUT > now);
        }
        for held in on_air.store.since(from) {
            for piece in held.missing_pieces() {
                let pushed = on_air.parents[(piece.0 % Stripes::COUNT) as usize].is_some();
                if pushed && held.announced_at + PUSH_GRACE > now {
                    continue;
                }
                let Some(offset) = held.announcement.offset_of(piece) else {
                    continue;
                };
                if let Some(peer) = choose_giver(self.peers.values_mut(), broadcast, piece) {
                    peer.request(piece, held.announcement.info.piece_len(offset), now);
                }
            }
        }
    }
}

/// The streamer where it gives to us, or else the peer with the fewest stripes of ours yet. Never one that gets this
/// very stripe from us.
fn choose_parent<'a>(
    peers: impl Iterator<Item = &'a Peer>,
    broadcast: BroadcastId,
    stripe: Stripes,
    load: &std::collections::BTreeMap<ConnectionId, usize>,
) -> Option<ConnectionId> {
    peers
        .filter(|peer| peer.can_give(broadcast) && !peer.wants.contains(stripe))
        .min_by_key(|peer| {
            let load = load.get(&peer.connection).copied().unwrap_or(0);
            (!peer.streamer, load, peer.liveness.round_trip)
        })
        .map(|peer| peer.connection)
}

/// Who is asked for a piece: somebody that has it, with the fewest requests waiting, the streamer last. Nobody while
/// somebody has been asked already.
fn choose_giver<'a>(
    peers: impl Iterator<Item = &'a mut Peer>,
    broadcast: BroadcastId,
    piece: PieceIndex,
) -> Option<&'a mut Peer> {
    let mut best: Option<&mut Peer> = None;
    for peer in peers {
        if peer.requested.contains_key(&piece) {
            return None;
        }
        let able = peer.can_give(broadcast)
            && peer.has.contains(&piece)
            && peer.requested.len() < MAX_REQUESTS;
        let rank = |peer: &Peer| (peer.streamer, peer.requested.len());
        if able && best.as_ref().is_none_or(|best| rank(peer) < rank(best)) {
            best = Some(peer);
        }
    }
    best
}
