//! The engine: takes commands, runs capture, segmenter, seeder and server, and publishes a snapshot of its state.
//!
//! The window and the command line are two faces of it; what one can do, the other can.

mod command;
mod snapshot;

pub use command::Command;
pub use snapshot::{Hint, Live, Phase, Severity, Snapshot};
