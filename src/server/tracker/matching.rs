//! Who gets a peer's offers.
//!
//! A peer that lacks something is matched with those who have everything first (here: a viewer with the streamer), and
//! the other way round, because only they are sure to be of use to each other. Offers that are left go to the peers of
//! its own kind. Among equals chance decides. Nobody gets two of one announce, and nobody their own.

use rand::Rng;
use rand::seq::index;
use tracker_protocol::PeerId;

use super::swarms::{Peer, Roster, Swarm};

/// Up to `wanted` peers to hand offers of `from` to, each another, in the order in which they are to get them.
pub(super) fn takers(
    swarm: &Swarm,
    from: PeerId,
    from_is_complete: bool,
    wanted: usize,
    rng: &mut impl Rng,
) -> Vec<Peer> {
    let rosters = if from_is_complete {
        [&swarm.incomplete, &swarm.complete]
    } else {
        [&swarm.complete, &swarm.incomplete]
    };
    let mut takers = Vec::with_capacity(wanted);
    for roster in rosters {
        draw(roster, from, wanted - takers.len(), rng, &mut takers);
    }
    takers
}

/// Draws up to `wanted` peers other than `from`.
fn draw(roster: &Roster, from: PeerId, wanted: usize, rng: &mut impl Rng, takers: &mut Vec<Peer>) {
    if wanted == 0 {
        return;
    }
    // One more is drawn, in case `from` is among them.
    let drawn = index::sample(rng, roster.len(), roster.len().min(wanted + 1));
    takers.extend(
        drawn
            .into_iter()
            .filter_map(|place| roster.at(place))
            .filter(|peer| peer.id != from)
            .take(wanted),
    );
}
