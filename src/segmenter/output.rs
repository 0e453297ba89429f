//! What the segmenter makes.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

/// What the segmenter makes, in order: one init segment, then media segments until it is stopped.
#[derive(Clone, Debug)]
pub enum Output {
    /// `ftyp` and `moov`, once.
    Init(InitSegment),
    /// `moof` and `mdat`.
    Media(MediaSegment),
}

/// What a player needs before the first media segment.
#[derive(Clone, Debug)]
pub struct InitSegment {
    /// `ftyp` and `moov` (ISO/IEC 14496-12).
    pub bytes: Bytes,
    /// The parameter for MSE, such as `avc1.640028,mp4a.40.2` (RFC 6381).
    pub codecs: String,
}

/// One CMAF chunk.
#[derive(Clone, Debug)]
pub struct MediaSegment {
    /// `moof` and `mdat` (ISO/IEC 14496-12).
    pub bytes: Bytes,
    /// Its place on the broadcast's time line (`baseMediaDecodeTime`).
    pub presentation_time: Duration,
    /// How long it plays.
    pub duration: Duration,
    /// Whether it begins with a key frame.
    pub key_frame: bool,
    /// When its last frame was captured.
    pub captured_at: SystemTime,
}
