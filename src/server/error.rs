//! Why the server cannot start.

use std::io;
use std::net::{IpAddr, SocketAddr};

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another program listens where this one was told to.
    #[error(
        "{0} is taken by another program; close that program, or choose another port with --listen"
    )]
    Taken(SocketAddr),
    /// Ports below 1024 are for privileged programs.
    #[error("this user may not listen on {0}; choose a port from 1024 up with --listen")]
    Forbidden(SocketAddr),
    /// The address told is not one of this machine's.
    #[error(
        "this machine has no address {0}; choose one of its own with --listen, or 0.0.0.0 for all of them"
    )]
    NotOurs(IpAddr),
    /// All the ports that are tried by default are in use.
    #[error("the ports {first} to {last} are all taken; choose another with --listen")]
    NoFreePort {
        /// The first port that was tried.
        first: u16,
        /// The last port that was tried.
        last: u16,
    },
    /// Listening failed for another reason.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A listener was had but cannot be used.
    #[error("the listening socket failed: {0}; start the program again")]
    Listener(io::Error),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// A file of the page cannot be compressed.
    #[error("the viewer page's {file} cannot be prepared: {source}; install the program again")]
    Page {
        /// Which file.
        file: String,
        /// Why.
        source: io::Error,
    },
}
