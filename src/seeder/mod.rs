//! The swarm's native driver: the channel's key, WebRTC connections, tracker sockets.
//!
//! [`Driver`] owns a [`swarm::Swarm`] and does what it says. Each [`connection`] and each [`tracker_socket`] is a task
//! of its own, so that nobody waits for a slow peer or tracker.
//!
//! [`StockSeeder`] is beside it: the same segments for stock WebTorrent clients.
//!
//! Not here: what to say to whom (`crates/swarm` decides all of that).

mod channel_key;
pub mod connection;
mod driver;
mod ice_server;
mod identity;
mod key_copy;
mod network;
mod playback_queue;
mod port_range;
mod reachability;
mod shared_port;
mod stock;
mod tracker_part;
pub mod tracker_socket;

pub use channel_key::{ChannelKey, KeyError};
pub use driver::{Driver, DriverStats, TrackerProgress, TrackerStatus};
pub use ice_server::{IceServer, IceServerError, StunServer, TurnServer};
pub use identity::fresh_identity;
pub use key_copy::{KeyCopyError, TakenOver};
pub use network::{LocalAddresses, NetworkOptions};
pub use port_range::{PortRange, PortRangeError};
pub use reachability::{Reachability, ReachabilityWatch};
pub use shared_port::{SharedPort, SharedPortError};
pub use stock::{StockSeeder, magnet_link};
pub use tracker_part::TrackerPart;
