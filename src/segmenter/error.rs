//! Why there are no segments.

use super::{Bitrate, EncoderChoice, Resolution};

/// Why the segmenter cannot start, or has ended by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmenterError {
    /// A size that cannot be encoded.
    #[error(
        "a picture of {0} cannot be encoded; choose even numbers from 64x64 to 3840x2160, such as 1280x720"
    )]
    Resolution(Resolution),
    /// A frame rate out of range.
    #[error("{0} frames a second cannot be broadcast; choose 5 to 60")]
    FramesPerSecond(u32),
    /// A bit rate out of range.
    #[error("a picture's rate of {0} cannot be broadcast; choose 100k to 50M")]
    VideoBitrate(Bitrate),
    /// A segment duration out of range.
    #[error("segments of {0} ms cannot be broadcast; choose 100 to 2000 ms")]
    SegmentDuration(u128),
    /// A key frame interval out of range.
    #[error("a key frame each {0} ms cannot be broadcast; choose 500 to 10000 ms")]
    KeyFrameInterval(u128),
    /// GStreamer does not start.
    #[error("GStreamer cannot be started: {0}; install GStreamer 1.22 or newer")]
    GStreamer(String),
    /// A part of GStreamer is missing.
    #[error("GStreamer's {element} is missing; install {package}")]
    Missing {
        /// The element.
        element: &'static str,
        /// Debian's package that has it.
        package: &'static str,
    },
    /// This machine lacks the encoder that was chosen.
    #[error("this machine cannot encode with {0}; choose another encoder, or automatic")]
    EncoderUnavailable(EncoderChoice),
    /// This machine has no encoder for H.264.
    #[error(
        "this machine has no encoder for H.264 video; install gstreamer1.0-plugins-ugly (x264)"
    )]
    NoVideoEncoder,
    /// This machine has no encoder for AAC.
    #[error("this machine has no encoder for AAC sound; install gstreamer1.0-libav")]
    NoSoundEncoder,
    /// Something in the pipeline failed while it ran.
    #[error("{element} failed: {reason}; start again, with another encoder if it happens again")]
    Failed {
        /// Which part.
        element: String,
        /// What it said.
        reason: String,
    },
    /// An encoder takes frames and gives nothing.
    #[error("the encoder {0} has stopped giving frames; choose another encoder and start again")]
    Stuck(&'static str),
    /// What the muxer wrote cannot be read.
    #[error("the muxer wrote what cannot be read: {0}; report this as a bug")]
    Unreadable(&'static str),
}
