//! The engine: takes commands, runs capture, segmenter, seeder and server, and publishes a snapshot of its state.
//!
//! ```text
//! commands ─> Engine ─> Snapshot
//!               ├─ Capture ─ pictures, sound ─> Program ─> Segmenter   (while live)
//!               │                                             │ segments
//!               └─ Station (server, swarm: from the first Start on) <┘
//! ```
//!
//! The window and the command line are two faces of it; what one can do, the other can.

mod audience;
mod byte_rate;
mod choices;
mod command;
mod encoder_search;
mod engine;
mod health;
mod hints;
mod history;
mod journal;
mod listing;
mod moving;
mod on_air;
mod program;
mod reach;
mod reasons;
mod recordings;
mod redact;
mod snapshot;
mod station;

pub use audience::Neighbour;
pub use choices::{Choices, SettingsError};
pub use command::Command;
pub use engine::{Engine, EngineOptions};
pub use health::{Light, Vital};
pub use history::{Delay, Moment};
pub use journal::Entry;
pub use listing::{Listed, ListingState};
pub use reach::{
    AddressError, MAX_TRACKERS, PUBLIC_STUN_SERVERS, PUBLIC_TRACKERS, PageAddress, PagePlace,
    Reach, TrackerAddress, public_stun_servers,
};
pub use snapshot::{FoundAt, Hint, Live, Phase, Recording, Severity, Snapshot};
pub use station::StationError;
