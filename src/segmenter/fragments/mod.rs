//! Reading what the muxer wrote: codecs, times and key frames as players will see them.
//!
//! Only what `isofmp4mux` writes for one H.264 and one AAC track is understood; anything else is refused.

mod boxes;
mod init;
mod runs;

pub(crate) use boxes::{Box, Malformed, Reader, boxes, find};
pub(super) use init::codecs;
pub(crate) use init::{Kind, Track, tracks};
pub(super) use runs::{Run, runs};
pub(crate) use runs::{TrackRun, track_runs};
