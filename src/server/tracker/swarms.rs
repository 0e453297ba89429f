//! Who is in which swarm. Counts are exact, and any peer can be drawn at random without walking through all.

use std::collections::HashMap;
use std::time::Instant;

use tracker_protocol::{InfoHash, PeerId, ScrapeCounts};

use super::ConnectionId;

/// A peer in a swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    pub(super) id: PeerId,
    /// How it is reached.
    pub(super) connection: ConnectionId,
    /// When it last announced itself.
    pub(super) announced: Instant,
}

/// All swarms. One without peers is forgotten at once.
#[derive(Debug, Default)]
pub(super) struct Swarms {
    swarms: HashMap<InfoHash, Swarm>,
    peers: usize,
}

/// One swarm.
#[derive(Debug, Default)]
pub(super) struct Swarm {
    /// Peers that have everything: here, the streamer.
    pub(super) complete: Roster,
    /// Peers that do not: here, the viewers.
    pub(super) incomplete: Roster,
    downloaded: u64,
}

/// Peers in a list, so that one can be drawn, each with its place in it, so that one can be found.
#[derive(Debug, Default)]
pub(super) struct Roster {
    list: Vec<Peer>,
    places: HashMap<PeerId, usize>,
}

impl Swarms {
    pub(super) fn get(&self, info_hash: InfoHash) -> Option<&Swarm> {
        self.swarms.get(&info_hash)
    }

    /// The number of swarms.
    pub(super) fn len(&self) -> usize {
        self.swarms.len()
    }

    /// The number of peers, one that is in several swarms counted in each.
    pub(super) fn peers(&self) -> usize {
        self.peers
    }

    pub(super) fn connection_of(&self, info_hash: InfoHash, id: PeerId) -> Option<ConnectionId> {
        let swarm = self.swarms.get(&info_hash)?;
        let peer = swarm.complete.get(id).or_else(|| swarm.incomplete.get(id));
        peer.map(|peer| peer.connection)
    }

    /// Whether a peer has said that it has everything.
    pub(super) fn is_complete(&self, info_hash: InfoHash, id: PeerId) -> bool {
        let swarm = self.swarms.get(&info_hash);
        swarm.is_some_and(|swarm| swarm.complete.get(id).is_some())
    }

    pub(super) fn counts(&self, info_hash: InfoHash) -> ScrapeCounts {
        self.swarms
            .get(&info_hash)
            .map(|swarm| ScrapeCounts {
                complete: swarm.complete.len() as u64,
                incomplete: swarm.incomplete.len() as u64,
                downloaded: swarm.downloaded,
            })
            .unwrap_or_default()
    }

    /// Puts a peer into a swarm, in the stead of what was known of it.
    pub(super) fn put(&mut self, info_hash: InfoHash, peer: Peer, complete: bool) {
        let swarm = self.swarms.entry(info_hash).or_default();
        let (here, there) = if complete {
            (&mut swarm.complete, &mut swarm.incomplete)
        } else {
            (&mut swarm.incomplete, &mut swarm.complete)
        };
        let was_there = there.remove(peer.id);
        let was_here = here.put(peer);
        if !was_there && !was_here {
            self.peers += 1;
        }
    }

    pub(super) fn remove(&mut self, info_hash: InfoHash, id: PeerId) {
        let Some(swarm) = self.swarms.get_mut(&info_hash) else {
            return;
        };
        if swarm.complete.remove(id) || swarm.incomplete.remove(id) {
            self.peers -= 1;
        }
        if swarm.is_empty() {
            self.swarms.remove(&info_hash);
        }
    }

    /// Removes the peers whose last announce is older, and says which they were.
    pub(super) fn remove_older(&mut self, oldest: Instant) -> Vec<(InfoHash, Peer)> {
        let expired: Vec<_> = self
            .swarms
            .iter()
            .flat_map(|(info_hash, swarm)| {
                let peers = swarm.complete.list.iter().chain(&swarm.incomplete.list);
                peers.map(|peer| (*info_hash, *peer))
            })
            .filter(|(_, peer)| peer.announced < oldest)
            .collect();
        for (info_hash, peer) in &expired {
            self.remove(*info_hash, peer.id);
        }
        expired
    }

    /// A peer says that it has now got everything.
    pub(super) fn count_download(&mut self, info_hash: InfoHash) {
        if let Some(swarm) = self.swarms.get_mut(&info_hash) {
            swarm.downloaded += 1;
        }
    }
}

impl Swarm {
    fn is_empty(&self) -> bool {
        self.complete.len() == 0 && self.incomplete.len() == 0
    }
}

impl Roster {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The peer at a place from 0 to [`Self::len`]. Places change when a peer leaves.
    pub(super) fn at(&self, place: usize) -> Option<&Peer> {
        self.list.get(place)
    }

    fn get(&self, id: PeerId) -> Option<&Peer> {
        self.places.get(&id).and_then(|place| self.list.get(*place))
    }

    /// Puts a peer in, and says whether one of that name was there.
    fn put(&mut self, peer: Peer) -> bool {
        if let Some(place) = self.places.get(&peer.id) {
            self.list[*place] = peer;
            true
        } else {
            self.places.insert(peer.id, self.list.len());
            self.list.push(peer);
            false
        }
    }

    /// Takes a peer out, and says whether it was there. The last one moves to its place.
    fn remove(&mut self, id: PeerId) -> bool {
        let Some(place) = self.places.remove(&id) else {
            return false;
        };
        self.list.swap_remove(place);
        if let Some(moved) = self.list.get(place) {
            self.places.insert(moved.id, place);
        }
        true
    }
}
