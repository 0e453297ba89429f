//! What the engine can be asked to do.

use swarm::Details;

use crate::capture::Input;
use crate::segmenter::{Bitrate, Encoding};

/// What the engine can be asked to do. What comes of it shows in the next [`super::Snapshot`].
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show, and while live send, this picture and sound from now on.
    SetInput(Input),
    /// Encode like this from the next Start on. While live it is kept for the next broadcast.
    SetEncoding(Encoding),
    /// What people are told of the broadcast; while live viewers see it at once.
    SetDetails(Details),
    /// Send at most so much, all viewers together, from now on; `None` for what the connection is found to carry.
    SetUploadLimit(Option<Bitrate>),
    /// Go live.
    Start,
    /// End the broadcast.
    Stop,
    /// End the broadcast if there is one, and the engine.
    Quit,
}
