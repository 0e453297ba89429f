//! Encoders, and fragmented MP4 segments out of raw frames and samples.
//!
//! A frame's way: [`Segmenter`] is handed pictures and sound as they are captured → `timeline` gives every slot a picture
//! and every moment its sound → `pipeline` encodes them → `cutter` marks where segments begin → `isofmp4mux` writes
//! them → `assembly` reads back what was written and passes it on. Since every moment has its picture and its sound,
//! nothing in the pipeline ever waits for a source, whatever that does.
//!
//! Not here: where frames come from (`capture`), and where segments go (`seeder`).

mod aac;
mod assembly;
mod branches;
mod cadence;
mod cutter;
mod encoder_list;
mod encoding;
mod error;
pub(crate) mod fragments;
mod h264;
mod output;
mod picture_format;
mod pipeline;
mod presets;
mod running;
mod spelling;
mod startup;
mod timeline;
mod trial;

pub(crate) use aac::BITS_PER_SECOND as SOUND_BITS_PER_SECOND;
pub use encoder_list::{EncoderState, FoundEncoder, available_encoders, find_encoders};
pub use encoding::{Bitrate, EncoderChoice, Encoding, Resolution};
pub use error::SegmenterError;
pub use output::{InitSegment, MediaSegment, Output};
pub use presets::{PRESETS, Preset};
pub use running::{Segmenter, SegmenterStats};
pub use spelling::Misspelt;
