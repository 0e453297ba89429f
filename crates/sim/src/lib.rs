//! Thousands of peers in virtual time: the very `swarm::Swarm` that browsers and the app run, between modelled uplinks,
//! paths, NATs, trackers and people who come and go. Seeded, so that a run can be repeated to the last event.
//!
//! [`World::run`] makes a [`Report`] out of a [`Scenario`]. `docs/SIMULATOR.md` says what is modelled and where the
//! numbers come from.
//!
//! Not here: any decision of a peer.

mod agenda;
mod attackers;
mod board;
mod connecting;
mod coordinator;
pub mod costs;
mod downlink;
mod host;
pub mod plot;
mod pulse;
mod report;
mod scenario;
mod shard;
mod source;
mod stand_in;
mod terrain;
mod tracker;
mod transport;
mod windows;
mod world;

pub use report::Report;
pub use scenario::{Scenario, ScenarioError};
pub use world::World;
