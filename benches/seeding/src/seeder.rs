//! The program's own connections, from its very source: building the whole program for them would take a window too.

#[path = "../../../src/seeder/connection/mod.rs"]
pub mod connection;
#[path = "../../../src/seeder/network.rs"]
mod network;

pub use network::{IceServer, LocalAddresses, NetworkOptions};

/// This host's address only.
pub fn network() -> std::sync::Arc<NetworkOptions> {
    std::sync::Arc::new(NetworkOptions {
        addresses: LocalAddresses::Only(vec![super::signalling::address()]),
        ..NetworkOptions::default()
    })
}
