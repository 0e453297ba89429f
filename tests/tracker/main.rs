//! The tracker at `/announce`, over real sockets.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

mod hostile;
mod meeting;
mod peer;
mod stock;
