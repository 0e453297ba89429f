//! What the server is told, and how much it takes from anyone.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use super::Tls;

/// The port that is tried first: the usual one for an HTTP server that is not privileged.
pub const DEFAULT_PORT: u16 = 8080;

/// Where to listen, and how much to take from anyone.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// Where to listen.
    pub listen: Listen,
    /// Where else, exactly there.
    pub also: Vec<SocketAddr>,
    /// Sockets that whoever has started the program listens at already, and keeps listening at when it ends. Where there
    /// are any, they are used in place of [`Self::listen`] and [`Self::also`].
    pub given: Vec<Arc<TcpListener>>,
    /// With which certificate HTTPS is spoken, at all of these; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Where those who come by plain HTTP are led on to HTTPS.
    pub redirect: Option<Redirect>,
    /// How much to take from anyone.
    pub limits: Limits,
}

/// Where those who come by plain HTTP are led on to HTTPS.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// Where they come.
    pub from: Door,
    /// The address to which they are led, such as `https://hub.example/`. `None`: the name that they have asked for, at the
    /// port at which the server listens first.
    pub to: Option<String>,
}

/// A place where connections come.
#[derive(Clone, Debug)]
pub enum Door {
    /// An address at which the program is to listen.
    At(SocketAddr),
    /// A socket that whoever has started the program listens at already.
    Given(Arc<TcpListener>),
}

/// Where to listen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listen {
    /// On all addresses, at [`DEFAULT_PORT`] or the next free port after it.
    #[default]
    Anywhere,
    /// On all addresses, at this port or the next free one after it.
    From(u16),
    /// Exactly here; port 0 is any free port.
    At(SocketAddr),
}

/// How much the server takes from anyone. Each default says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a message to the tracker. Default: the protocol's own limit.
    pub message_len: usize,
    /// Offers in one announce. Default: the protocol's own limit.
    pub offers_per_message: usize,
    /// Offers a second from one connection, ten seconds' worth at once. Default 10: a page that joins makes fewer
    /// than [`Self::offers_per_message`] and then one announce every few seconds at most, so that even a stock client
    /// that is in ten swarms passes.
    pub offers_per_second: u32,
    /// Messages a second from one connection, ten seconds' worth at once. Default 50: a streamer with 100 ms segments
    /// that are found by their own info-hashes too sends 20 (one begins, one ends), and 300 at once when it reconnects.
    pub messages_per_second: u32,
    /// Swarms that one connection is in. Default 512: 30 s of 100 ms segments, a torrent each, and their channel,
    /// with room for those that have just ended.
    pub swarms_per_connection: usize,
    /// Places in swarms in all. Default 100,000: some 300 bytes each, so 30 MB at worst.
    pub peers_in_all: usize,
    /// Connections of any kind from one IPv4 address or one IPv6 /64 network. Default 256: a school behind one
    /// address can watch.
    pub connections_per_address: usize,
    /// Connections of any kind in all. Default 900: a process on Debian may open 1,024 files, and capture and the
    /// streamer's own WebRTC connections need the rest.
    pub connections_in_all: usize,
    /// Messages that wait for one slow reader; further ones from other peers are lost. Default 256: as many viewers
    /// may find a streamer within one moment. With the longest message that is 4 MiB for a connection.
    pub outbox_len: usize,
    /// How long one message may take to leave before its reader is given up. Default 10 s; a whole page loads in that
    /// time on any line that could carry video.
    pub write_patience: Duration,
    /// How long a connection may be silent before it is closed. It is pinged three times in that time. Default 90 s:
    /// the radio of a phone that sleeps answers well within it.
    pub idle_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_len: tracker_protocol::MAX_MESSAGE_LEN,
            offers_per_message: tracker_protocol::MAX_OFFERS,
            offers_per_second: 10,
            messages_per_second: 50,
            swarms_per_connection: 512,
            peers_in_all: 100_000,
            connections_per_address: 256,
            connections_in_all: 900,
            outbox_len: 256,
            write_patience: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(90),
        }
    }
}
