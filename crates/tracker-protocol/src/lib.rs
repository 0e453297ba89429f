//! The WebTorrent tracker protocol: JSON text over a WebSocket, as npm `bittorrent-tracker` 11 speaks it.
//!
//! A peer announces itself under an info-hash together with WebRTC offers; the tracker hands each offer to another
//! peer of that swarm and carries the answer back. This crate holds what is said and nothing else: [`ClientMessage`]
//! goes to a tracker, [`ServerMessage`] comes from one, both with a strict `parse` and a `to_text`.
//!
//! It does no I/O and keeps no state, so that the tracker in the app, the native peer and the viewer page (as
//! WebAssembly) all use it. Who gets which offer is the tracker's business, not this crate's.
//!
//! # What strict means
//!
//! Whatever arrives may come from anyone. A text is refused when it is longer than [`MAX_MESSAGE_LEN`], is not JSON,
//! lacks a field that its kind needs, or has one of the wrong shape. Fields that are not known are passed over,
//! as BEP 3 asks of everyone.

mod binary;
mod client;
mod error;
mod limits;
mod server;
mod session;

pub use binary::{InfoHash, OfferId, PeerId};
pub use client::{Announce, AnnounceEvent, Answer, ClientMessage, Offer};
pub use error::ProtocolError;
pub use limits::{
    DEFAULT_INTERVAL, MAX_INTERVAL, MAX_MESSAGE_LEN, MAX_OFFERS, MAX_SCRAPE_HASHES, MAX_SDP_LEN,
    MAX_TEXT_LEN,
};
pub use server::{AnnounceReply, ScrapeCounts, ServerMessage};
