//! Reading what the muxer wrote: codecs, times and key frames as players will see them.
//!
//! Only what `isofmp4mux` writes for one H.264 and one AAC track is understood; anything else is refused.

mod boxes;
mod init;
mod runs;

pub(super) use boxes::Malformed;
pub(super) use init::{Kind, Track, codecs, tracks};
pub(super) use runs::{Run, runs};
