//! The embedded hub on one port: the viewer page, a WebTorrent tracker at `/announce`, and `/health`.
//!
//! A viewer's browser gets the page from here and meets the streamer at the tracker; everything after that goes from
//! peer to peer. Nothing here knows what a broadcast is, and nothing here is private: the page and the tracker are
//! for whoever reaches the port, so requests are served whatever their `Host` says (DNS rebinding would gain nobody
//! anything).
//!
//! What decides ([`tracker`]) is apart from what talks to sockets ([`listener`], [`connections`], [`announce`]).

mod admission;
mod announce;
mod connections;
mod error;
mod health;
mod hub;
mod listener;
mod options;
mod page;
mod reach;
mod tracker;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::connections::Connections;
use self::hub::Hub;
use self::listener::Bound;
use self::page::Page;

pub use self::error::ServerError;
pub use self::options::{DEFAULT_PORT, Limits, Listen, ServerOptions};

/// A running server. Dropping it ends it abruptly; [`Server::shutdown`] lets everyone know.
pub struct Server {
    address: SocketAddr,
    port_was_taken: Option<u16>,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
    housekeeping: JoinHandle<()>,
}

impl Server {
    /// Binds the port and serves from then on.
    ///
    /// # Errors
    ///
    /// When no port can be had, or the page that is built in cannot be read; the message says what to do.
    pub async fn start(options: ServerOptions) -> Result<Self, ServerError> {
        let page = Arc::new(Page::load()?);
        let hub = Arc::new(Hub::new(options.limits.clone())?);
        let Bound {
            listener,
            port_was_taken,
        } = listener::bind(options.listen)?;
        let address = listener.local_addr().map_err(ServerError::Listener)?;
        let stop = CancellationToken::new();
        let connections = Connections::new(options.limits, stop.clone());
        let router = Router::new()
            .route("/announce", get(announce::upgrade))
            .with_state(announce::Shared {
                hub: Arc::clone(&hub),
                sockets: connections.sockets(),
                stop: stop.clone(),
            })
            .route("/health", get(health::report).with_state(Arc::clone(&hub)))
            .fallback_service(get(page::serve).with_state(page))
            .layer(axum::middleware::map_response(page::harden));
        Ok(Self {
            address,
            port_was_taken,
            accepting: tokio::spawn(connections.run(listener, router)),
            housekeeping: tokio::spawn(hub::keep_house(hub, stop.clone())),
            stop,
        })
    }

    /// Where the server listens. The address is `[::]` or `0.0.0.0` when it listens on all of this machine's.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port that was to be used, when another program had it and the next free one was taken instead.
    pub fn port_was_taken(&self) -> Option<u16> {
        self.port_was_taken
    }

    /// The page's address for other machines on this network, ending in `/`. It is looked up on each call, because
    /// machines move between networks.
    pub fn page_url(&self) -> String {
        reach::page_url(self.address)
    }

    /// Stops accepting, tells every peer at the tracker that the server goes away (WebSocket close 1001), and returns
    /// when all connections are closed, after about two seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        // Neither task panics on its own account; a panic would already have been shown by its hook.
        let _ = (&mut self.accepting).await;
        let _ = (&mut self.housekeeping).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        self.accepting.abort();
        self.housekeeping.abort();
    }
}
