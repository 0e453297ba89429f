//! Sources and devices: screen, camera, file, test source and sound, as raw frames and samples.
//!
//! Not here: encoding (`segmenter`), and what is done with frames.

mod input;

pub use input::{Input, ScreenArea, SoundSource, VideoSource};
