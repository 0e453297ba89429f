//! How a broadcast is encoded, as the streamer chose it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SegmenterError;

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

    /// Whole bytes a second.
    pub const fn bytes_per_second(self) -> u64 {
        self.0 / 8
    }
}

/// A frame's size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// Pixels from left to right, even, 64 to 3840.
    pub width: u32,
    /// Pixels from top to bottom, even, 64 to 2160.
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
    /// The picture's rate, 100 kbit/s to 50 Mbit/s; sound comes on top.
    pub video_bitrate: Bitrate,
    /// How long a segment plays: 100 ms to 2 s.
    pub segment_duration: Duration,
    /// From key frame to key frame: 0.5 to 10 s.
    pub key_frame_interval: Duration,
    /// Which encoder.
    pub encoder: EncoderChoice,
}

impl Encoding {
    pub(super) const LEAST_BITRATE: Bitrate = Bitrate::from_kilobits_per_second(100);
    pub(super) const MOST_BITRATE: Bitrate = Bitrate::from_kilobits_per_second(50_000);

    /// Says what cannot be broadcast and what could be instead.
    pub fn check(&self) -> Result<(), SegmenterError> {
        let Resolution { width, height } = self.resolution;
        let even = width.is_multiple_of(2) && height.is_multiple_of(2);
        if !even || !(64..=3840).contains(&width) || !(64..=2160).contains(&height) {
            return Err(SegmenterError::Resolution(self.resolution));
        }
        if !(5..=60).contains(&self.frames_per_second) {
            return Err(SegmenterError::FramesPerSecond(self.frames_per_second));
        }
        if !(Self::LEAST_BITRATE..=Self::MOST_BITRATE).contains(&self.video_bitrate) {
            return Err(SegmenterError::VideoBitrate(self.video_bitrate));
        }
        let milliseconds = |from, to| Duration::from_millis(from)..=Duration::from_millis(to);
        if !milliseconds(100, 2000).contains(&self.segment_duration) {
            let duration = self.segment_duration.as_millis();
            return Err(SegmenterError::SegmentDuration(duration));
        }
        if !milliseconds(500, 10_000).contains(&self.key_frame_interval) {
            let interval = self.key_frame_interval.as_millis();
            return Err(SegmenterError::KeyFrameInterval(interval));
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: impl FnOnce(&mut Encoding)) -> Result<(), SegmenterError> {
        let mut encoding = Encoding::default();
        change(&mut encoding);
        encoding.check()
    }

    #[test]
    fn the_default_and_the_ends_of_the_ranges_can_be_broadcast() {
        changed(|_| ()).unwrap();
        changed(|encoding| {
            encoding.frames_per_second = 5;
            encoding.segment_duration = Duration::from_millis(100);
            encoding.key_frame_interval = Duration::from_millis(500);
        })
        .unwrap();
        changed(|encoding| {
            encoding.frames_per_second = 60;
            encoding.segment_duration = Duration::from_secs(2);
            encoding.key_frame_interval = Duration::from_secs(10);
        })
        .unwrap();
    }

    #[test]
    fn what_cannot_be_broadcast_is_said_with_what_can() {
        let wrong = [
            changed(|encoding| encoding.resolution.width = 1281),
            changed(|encoding| encoding.resolution.height = 4320),
            changed(|encoding| encoding.frames_per_second = 0),
            changed(|encoding| encoding.frames_per_second = 61),
            changed(|encoding| encoding.video_bitrate = Bitrate::from_bits_per_second(0)),
            changed(|encoding| encoding.segment_duration = Duration::from_millis(99)),
            changed(|encoding| encoding.key_frame_interval = Duration::from_secs(11)),
        ];
        for error in wrong.map(Result::unwrap_err) {
            assert!(error.to_string().contains("; choose "), "{error}");
        }
    }
}
