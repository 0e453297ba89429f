//! What the engine can be asked to do.

use std::path::PathBuf;

use swarm::Details;

use super::{Listed, Reach};
use crate::capture::{Input, Overlay};
use crate::recording::RecordingOptions;
use crate::segmenter::{Bitrate, Encoding};

/// What the engine can be asked to do. What comes of it shows in the next [`super::Snapshot`].
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Show, and while live send, this picture and sound from now on.
    SetInput(Input),
    /// Show, and while live send, this second picture over a corner of the first from now on, or none.
    SetOverlay(Overlay),
    /// Encode like this from the next Start on. While live it is kept for the next broadcast.
    SetEncoding(Encoding),
    /// Find out which encoders this machine has: see [`super::Snapshot::encoders`].
    FindEncoders,
    /// What people are told of the broadcast; while live viewers see it at once.
    SetDetails(Details),
    /// Send at most so much, all viewers together, from now on; `None` for what the connection is found to carry.
    SetUploadLimit(Option<Bitrate>),
    /// Reach viewers beyond this network like this, from the next Start on: trackers are not changed under those who
    /// watch.
    SetReach(Box<Reach>),
    /// Have the hub, if the page is one's, list the broadcast from now on, or no more.
    SetListed(Listed),
    /// Have viewers get the page at this port, or the next free one, from the next Start on; `None` for the usual one.
    SetPort(Option<u16>),
    /// Save a copy of the channel's key, by which the channel moves to another computer. Whether that went well is a hint.
    SaveChannel {
        /// Into which file.
        to: PathBuf,
        /// Whether a file that is there already may be replaced.
        replace: bool,
    },
    /// Take the channel of such a copy over; the key of the channel until now is kept. Not while live.
    LoadChannel(PathBuf),
    /// Go live.
    Start,
    /// Have viewers wait, with the last picture before their eyes, until [`Command::Continue`]. Nothing is sent meanwhile.
    /// Does nothing unless live.
    Pause,
    /// Go on after [`Command::Pause`].
    Continue,
    /// Send silence instead of any sound, or sound again. It holds from one broadcast to the next.
    SetMuted(bool),
    /// Record into a file, from now on while live, or else with the next broadcast. A recording that goes on is completed
    /// first.
    Record(RecordingOptions),
    /// Record no more: the file is completed.
    StopRecording,
    /// End the broadcast.
    Stop,
    /// End the broadcast if there is one, and the engine.
    Quit,
}
