//! Sources and devices: screen, camera, file, test source and sound, as raw frames and samples.
//!
//! Not here: encoding (`segmenter`), and what is done with frames.

mod camera;
mod computer_sound;
mod devices;
mod error;
mod file;
mod frames;
mod gone;
mod input;
mod level;
mod media;
mod microphone;
mod naming;
mod outlet;
mod overlay;
mod pacer;
mod picture;
mod pipeline;
mod preview;
mod pulse;
mod reporting;
mod screen;
mod session;
mod sound;
mod source;
mod stage;
mod state;
mod still;
mod supervision;
mod test_source;
mod worker;

pub use devices::DeviceList;
pub use input::{Input, ScreenArea, SoundSource, VideoSource};
pub use level::{LevelMeter, Loudness, Peak, SoundLevel};
pub use media::{
    CHANNELS, MediaReceiver, Picture, PictureFormat, SAMPLE_RATE, Sound, clock, clock_time,
    wall_clock_time,
};
pub use overlay::{Corner, Overlay, OverlaySize};
pub use session::Capture;
pub use state::{CaptureState, Device, Devices, PreviewFrame, SourceState};
pub use still::still;
pub use test_source::read_strip;

/// Starts GStreamer, once; whoever makes the first pipeline does it.
fn init() -> Result<(), error::SourceError> {
    gst::init().map_err(|error| error::SourceError::GStreamer(error.to_string()))
}
