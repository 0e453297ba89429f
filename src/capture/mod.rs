//! Sources and devices: screen, camera, file, test source and sound, as raw frames and samples.
//!
//! Not here: encoding (`segmenter`), and what is done with frames.

mod input;
mod media;
mod state;

pub use input::{Input, ScreenArea, SoundSource, VideoSource};
pub use media::{
    CHANNELS, MediaReceiver, Picture, PictureFormat, SAMPLE_RATE, Sound, clock, clock_time,
    wall_clock_time,
};
pub use state::{CaptureState, Device, Devices, PreviewFrame, SourceState};
