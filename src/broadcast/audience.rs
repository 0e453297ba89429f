//! Who carries the stream, as far as the streamer sees it: the viewers that are connected to it, and what they say of
//! themselves. Neither names nor addresses.

use std::time::Duration;

use swarm::PeerStats;

/// A viewer that is connected to the streamer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Tells it from the others for as long as it is connected.
    pub serial: u64,
    /// How many of the stream's [`Neighbour::PARTS`] it gets from the streamer; the rest it gets from viewers.
    pub parts: usize,
    /// How many parts it passes on to other viewers, all of them together, as it says.
    pub passes_on: usize,
    /// How long after the streamer it has the stream, as it says.
    pub delay: Option<Duration>,
    /// Whether it passes nothing on, by choice.
    pub upload_off: bool,
}

impl Neighbour {
    /// Into how many parts the stream is dealt.
    pub const PARTS: usize = swarm::wire::Stripes::COUNT as usize;

    pub(super) fn of(peer: &PeerStats) -> Self {
        Self {
            serial: peer.connection.0,
            parts: peer.stripes_to,
            passes_on: peer.passes_on,
            delay: peer.delay,
            upload_off: peer.upload_off,
        }
    }
}
