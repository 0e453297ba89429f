//! The live swarm as a state machine without I/O.
//!
//! [`Swarm`] is all of a peer's thinking: which trackers and peers to talk to, what to say to them, what to
//! believe, what to ask for, what to pass on and what to play. It opens no socket, reads no clock, draws no
//! randomness of its own and spawns nothing. A *driver* does that: `src/seeder/` in the desktop app, the
//! viewer page through `crates/swarm-web`, a simulator with virtual time.
//!
//! # The invariant
//!
//! Every call that takes `now` may queue [`Action`]s. After each such call the driver drains
//! [`Swarm::poll`] until it returns `None`, then sleeps no longer than [`Swarm::next_wake`] and
//! calls [`Swarm::handle`] with [`Event::Tick`]. Time never runs backwards.
//!
//! # How a stream spreads
//!
//! Each broadcast's pieces are dealt to stripes, and each stripe spreads over a tree that grows and mends itself: peers
//! keep a few neighbours ([HyParView](https://asc.di.fct.unl.pt/~jleitao/pdf/dsn07-leitao.pdf)'s partial view, here with
//! offers that neighbours carry for each other), get each stripe pushed by one of them and learn from the others who
//! else has what ([PlumTree](https://asc.di.fct.unl.pt/~jleitao/pdf/srds07-leitao.pdf)'s eager and lazy push).
//!
//! # What is not here
//!
//! SDP and ICE (opaque strings here), encoding and decoding of pictures, and everything that a person sees.

pub mod announcement;
mod category;
pub mod checks;
mod description;
mod details;
mod donation;
mod event;
mod hearsay;
mod identity;
mod link;
mod outbox;
mod pacer;
mod peer;
mod peers;
mod playhead;
pub mod record;
mod signature;
mod store;
mod swarm;
mod time;
pub mod torrent;
mod trackers;
mod uplink;
mod window;
pub mod wire;

pub use category::{Category, UnknownCategory};
pub use description::{BroadcastState, Description};
pub use details::Details;
pub use donation::{DonationLink, DonationLinkError};
pub use event::{
    Action, Event, PeerStats, PieceState, Playback, Role, Segment, SegmentPieces, Stats, Status,
    TrackerState, TrackerStats,
};
pub use identity::{
    BroadcastId, ChannelId, ConnectionId, InfoHash, PeerId, PieceIndex, SegmentNumber, TrackerId,
};
pub use link::{LinkError, ShareLink, is_stun_server, tracker_beside};
pub use swarm::{Config, Swarm};
pub use time::{Time, UnixMillis};
