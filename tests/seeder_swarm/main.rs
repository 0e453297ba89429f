//! Drivers that meet at a real tracker and stream over real WebRTC, on loopback.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod broadcasting;
mod party;
mod trackers;
