//! The program's own connections, from its very source: building the whole program for them would take a window too.

#[path = "../../../src/seeder/connection/mod.rs"]
pub mod connection;
#[path = "../../../src/seeder/ice_server.rs"]
mod ice_server;
#[path = "../../../src/seeder/network.rs"]
mod network;
#[path = "../../../src/seeder/port_range.rs"]
mod port_range;
#[path = "../../../src/seeder/tracker_part.rs"]
mod tracker_part;

pub use ice_server::IceServer;
pub use network::{LocalAddresses, NetworkOptions};
pub use port_range::PortRange;
pub use tracker_part::TrackerPart;

/// This host's address only.
pub fn network() -> std::sync::Arc<NetworkOptions> {
    std::sync::Arc::new(NetworkOptions {
        addresses: LocalAddresses::Only(vec![super::signalling::address()]),
        ..NetworkOptions::default()
    })
}
