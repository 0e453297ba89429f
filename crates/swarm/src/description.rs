//! What a broadcast is, signed by its streamer.

use bytes::Bytes;

use crate::{BroadcastId, UnixMillis};

/// What the streamer says of a broadcast. A newer revision of the same broadcast replaces an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Which run from Start to Stop this is.
    pub broadcast: BroadcastId,
    /// Grows by one with each change.
    pub revision: u32,
    /// Whether segments are to be expected.
    pub state: BroadcastState,
    /// When it started, by the streamer's wall clock.
    pub started_at: UnixMillis,
    /// A title, possibly empty. At most [`Description::MAX_TITLE_CHARS`] characters.
    pub title: String,
    /// The parameter for MSE, such as `avc1.640028,mp4a.40.2` (RFC 6381).
    pub codecs: String,
    /// The stream's rate in bits a second, sound and picture.
    pub bits_per_second: u64,
    /// How long a segment plays, in milliseconds, if nothing special happens.
    pub segment_millis: u32,
    /// `ftyp` and `moov` (ISO/IEC 14496-12).
    pub init_segment: Bytes,
}

impl Description {
    /// The longest title, in characters.
    pub const MAX_TITLE_CHARS: usize = 255;
}

/// Whether segments are to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BroadcastState {
    /// Segments come.
    Live,
    /// The streamer has paused; segments will come again.
    Paused,
    /// There will be no more segments.
    Ended,
}
