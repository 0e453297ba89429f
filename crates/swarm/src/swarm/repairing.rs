//! Requests for what should have been pushed and was not, and what is learnt of parents from it.
//!
//! Most neighbours do not say which pieces they have, since nearly all pieces come by themselves: who is pushed a stripe
//! is asked for its pieces, and says at once when it has none, and later when it does.

use std::time::Duration;

use super::Swarm;
use super::choosing::{LATELY, delay_of};
use crate::peer::Peer;
use crate::wire::Stripes;
use crate::{BroadcastId, ConnectionId, PieceIndex, Time};

/// How long after its announcement a piece that no viewer has is asked for from the streamer: time for one that has
/// been lost with a leaving peer to be seeded again first.
const STREAMER_GRACE: Duration = Duration::from_millis(1000);
/// How long an answer to a request is waited for, besides the way there and back, before somebody else is asked.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(500);
/// How long one that has rejected a request for a piece is not asked for it again.
const REJECTED_FOR: Duration = Duration::from_millis(400);
/// The most unanswered requests to one peer: two segments at 2.5 Mbit/s, so that what was asked for last still comes
/// before its deadline.
const MAX_REQUESTS: usize = 10;

/// A request that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) of: ConnectionId,
    pub(super) at: Time,
}

impl Swarm {
    /// A piece has come that was new. Returns from whom it was still asked for, if that is somebody else.
    pub(super) fn credit(&mut self, from: ConnectionId, piece: PieceIndex) -> Option<ConnectionId> {
        let now = self.now;
        let on_air = self.on_air.as_mut()?;
        let asked = on_air.asked.remove(&piece);
        let place = Stripes::place_of(piece);
        let announced_at = on_air.store.segment_of(piece)?.announced_at;
        let supply = &mut on_air.supplies[place];
        let answers = asked.is_some_and(|asked| asked.of == from);
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.has_passed_on = true;
            peer.parent.failures = 0;
            peer.parent.unanswered = 0;
            peer.asked -= usize::from(answers && peer.asked > 0);
        }
        if supply.current == Some(from) {
            supply.misses = 0;
            if !answers {
                supply.unpushed = 0;
                supply.learn_lag(now - announced_at);
            }
        } else if answers && supply.current.is_some() && supply.parent_lost_it.is_none() {
            supply.misses += 1;
        }
        asked.filter(|asked| asked.of != from).map(|asked| asked.of)
    }

    /// A piece has come from its parent when others had already been asked: the parent is late, and not mute.
    pub(super) fn excuse(&mut self, from: ConnectionId, piece: PieceIndex) {
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        let supply = &mut on_air.supplies[Stripes::place_of(piece)];
        if supply.current == Some(from) {
            supply.misses = 0;
            supply.unpushed = 0;
            if let Some(held) = on_air.store.segment_of(piece) {
                supply.learn_lag(now - held.announced_at);
            }
        }
    }

    pub(super) fn heard_reject(&mut self, connection: ConnectionId, piece: PieceIndex) {
        let now = self.now;
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        if on_air
            .asked
            .get(&piece)
            .is_some_and(|asked| asked.of == connection)
        {
            on_air.asked.remove(&piece);
            peer.asked = peer.asked.saturating_sub(1);
            peer.parent.rejected.insert(piece, now);
        }
    }

    /// Gives up requests that are not answered.
    fn drop_requests(&mut self) {
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        let peers = &mut self.peers;
        on_air.asked.retain(|_, asked| {
            let Some(peer) = peers.get_mut(&asked.of) else {
                return false;
            };
            let kept = asked.at + REQUEST_TIMEOUT + peer.way() * 2 > now;
            if !kept {
                peer.asked = peer.asked.saturating_sub(1);
                peer.left_unanswered(now);
            }
            kept
        });
    }

    /// Asks for what should have been pushed and was not.
    pub(super) fn repair(&mut self) {
        self.drop_requests();
        if self.stands_aside() {
            return;
        }
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
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
        let stands_still = on_air.stands_still(now);
        for held in on_air.store.since(from).filter(|held| !held.is_complete()) {
            for piece in held.missing_pieces() {
                let supply = &mut on_air.supplies[Stripes::place_of(piece)];
                let overdue = held.announced_at + supply.grace() <= now;
                if !overdue || on_air.asked.contains_key(&piece) {
                    continue;
                }
                let Some(offset) = held.announcement.offset_of(piece) else {
                    continue;
                };
                // What nobody has got of the last segment before the streamer was lost is nobody's fault.
                if !stands_still {
                    supply.is_not_pushed(piece, now);
                }
                let of_streamer = held.announced_at + STREAMER_GRACE <= now;
                let giver =
                    choose_giver(self.peers.values_mut(), broadcast, piece, of_streamer, now);
                if let Some(peer) = giver {
                    peer.request(piece, held.announcement.info.piece_len(offset));
                    let of = peer.connection;
                    on_air.asked.insert(piece, Asked { of, at: now });
                }
            }
        }
    }
}

/// Who is asked for a piece: somebody that is pushed its stripe and so has it or soon will, reliable ones first, then
/// with the fewest requests waiting; the streamer last, and only if `of_streamer`.
fn choose_giver<'a>(
    peers: impl Iterator<Item = &'a mut Peer>,
    broadcast: BroadcastId,
    piece: PieceIndex,
    of_streamer: bool,
    now: Time,
) -> Option<&'a mut Peer> {
    let place = Stripes::place_of(piece);
    peers
        .filter(|peer| {
            let rejected = peer.parent.rejected.get(&piece);
            peer.can_give(broadcast)
                && peer.asked < MAX_REQUESTS
                && rejected.is_none_or(|at| *at + REJECTED_FOR <= now)
                && if peer.streamer {
                    of_streamer
                } else {
                    peer.has(piece) || delay_of(peer, place).is_some()
                }
        })
        .min_by_key(|peer| {
            let doubtful =
                peer.is_avoided(now) || peer.standing.slots == 0 || peer.is_quiet(now, LATELY);
            let full = peer.standing.spare == 0;
            (
                doubtful || peer.parent.is_busy(now),
                peer.streamer,
                !peer.has_passed_on,
                !peer.has(piece),
                full,
                peer.asked,
                delay_of(peer, place).map(|delay| delay + peer.way()),
            )
        })
}
