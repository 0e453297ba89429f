//! What a stock WebTorrent client says to whoever has a segment's torrent, and what it is given: BitTorrent's wire
//! (BEP 3) with the extension protocol (BEP 10) and `ut_metadata` (BEP 9), as a state machine. Bytes in, bytes out.
//!
//! Not here: how it is met and by what its bytes come (the program's `seeder`), and the live swarm's own wire (`swarm`).

mod magnet;
mod metadata;
mod peer;

use bytes::Bytes;
use swarm::torrent::InfoDictionary;

pub use magnet::magnet_link;
pub use peer::{StockError, StockPeer};

/// A segment and its torrent.
#[derive(Debug)]
pub struct Torrent {
    /// The info dictionary, whose hash is the torrent's name.
    pub info: InfoDictionary,
    /// The segment.
    pub bytes: Bytes,
}

impl Torrent {
    /// The most bytes that one client is given, headers apart: everything once, again what it lost, and some grace.
    pub fn most_given(&self) -> usize {
        peer::most_given(self)
    }
}
