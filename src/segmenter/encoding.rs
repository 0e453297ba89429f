//! How a broadcast is encoded, as the streamer chose it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A rate of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bitrate(u64);

impl Bitrate {
    /// So many bits a second.
    pub const fn from_bits_per_second(bits: u64) -> Self {
        Self(bits)
    }

    /// So many kilobits (1,000 bits) a second.
    pub const fn from_kilobits_per_second(kilobits: u64) -> Self {
        Self(kilobits * 1000)
    }

    /// Bits a second.
    pub const fn bits_per_second(self) -> u64 {
        self.0
    }
}

/// A frame's size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Pixels from left to right, even.
    pub width: u32,
    /// Pixels from top to bottom, even.
    pub height: u32,
}

/// Which encoder to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncoderChoice {
    /// The best that this machine has.
    #[default]
    Automatic,
    /// Intel's and AMD's hardware.
    VaApi,
    /// NVIDIA's hardware.
    Nvenc,
    /// The hardware of small boards.
    V4l2,
    /// x264, in software.
    X264,
    /// Cisco's OpenH264, in software.
    OpenH264,
}

/// How a broadcast is encoded. It cannot change while a broadcast is live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    /// The picture's size; sources of another shape get black bars.
    pub resolution: Resolution,
    /// Frames a second, 5 to 60.
    pub frames_per_second: u32,
    /// The picture's rate; sound comes on top.
    pub video_bitrate: Bitrate,
    /// How long a segment plays: 100 ms to 2 s.
    pub segment_duration: Duration,
    /// From key frame to key frame: 0.5 to 10 s.
    pub key_frame_interval: Duration,
    /// Which encoder.
    pub encoder: EncoderChoice,
}

impl Default for Encoding {
    fn default() -> Self {
        Self {
            resolution: Resolution {
                width: 1280,
                height: 720,
            },
            frames_per_second: 30,
            video_bitrate: Bitrate::from_kilobits_per_second(2500),
            segment_duration: Duration::from_millis(250),
            key_frame_interval: Duration::from_secs(2),
            encoder: EncoderChoice::Automatic,
        }
    }
}
