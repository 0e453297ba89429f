//! Raw pictures and sound, as every source delivers them, and the clock that stamps them.

use std::time::{Duration, SystemTime};

use gst::prelude::*;

use crate::segmenter::Resolution;

/// Samples a second of all sound in the program.
pub const SAMPLE_RATE: u32 = 48_000;
/// Left and right.
pub const CHANNELS: usize = 2;

/// How pictures are to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureFormat {
    /// Their size; sources of another shape get black bars.
    pub resolution: Resolution,
    /// How many a second at most.
    pub frames_per_second: u32,
}

/// One picture: planar YUV 4:2:0 (`I420`, BT.709 limited range) of the [`PictureFormat`]'s size, in GStreamer's default
/// strides. Whoever has it may keep it; nobody writes to it.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its planes. Time stamps in it mean nothing.
    pub buffer: gst::Buffer,
    /// When it was captured, on the [`clock`].
    pub captured_at: gst::ClockTime,
}

/// Some sound: [`SAMPLE_RATE`], [`CHANNELS`] interleaved, 32-bit floats between -1 and 1.
#[derive(Clone, Debug)]
pub struct Sound {
    /// The samples; a whole number of channel pairs.
    pub samples: Vec<f32>,
    /// When its first sample was captured, on the [`clock`].
    pub captured_at: gst::ClockTime,
}

/// Where captured media goes. It is called on GStreamer's streaming threads, so it must not block.
pub trait MediaReceiver: Send + Sync {
    /// A picture of the picked source, or one that says that the source is gone. Between two pictures the last one
    /// stands, so a picture that does not move need come only once.
    fn picture(&self, picture: Picture);
    /// Sound of the picked source. Where none comes there is silence.
    fn sound(&self, sound: Sound);
}

/// The clock of all pipelines: the system's monotonic one, so that times of different sources compare.
pub fn clock() -> gst::Clock {
    gst::SystemClock::obtain()
}

/// The time by [`clock`] now.
pub fn clock_time() -> gst::ClockTime {
    clock().time()
}

/// The wall-clock time of a moment by [`clock`].
pub fn wall_clock_time(at: gst::ClockTime) -> SystemTime {
    let (now, wall) = (clock_time(), SystemTime::now());
    if at <= now {
        wall - Duration::from(now - at)
    } else {
        wall + Duration::from(at - now)
    }
}
