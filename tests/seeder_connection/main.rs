//! Connections over real WebRTC between two ends in this process, on loopback.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod addresses;
mod ending;
mod pair;
mod transfer;
