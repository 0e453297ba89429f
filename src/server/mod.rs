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
mod export;
mod health;
mod hub;
mod listener;
mod options;
mod page;
mod reach;
mod redirect;
mod tls;
mod tracker;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::connections::Connections;
use self::hub::Hub;
use self::listener::Bound;

pub(crate) use self::admission::Permit;
pub(crate) use self::page::{Page, gzip, serve as serve_page, takes_gzip, viewer_index};
pub(crate) use self::reach::towards_elsewhere;

pub use self::error::ServerError;
pub use self::export::{ExportError, Exported, export_page};
pub use self::options::{DEFAULT_PORT, Door, Limits, Listen, Redirect, ServerOptions};
pub use self::tls::{AcmeOptions, Tls, TlsError, Validity};
pub use self::tracker::Census;

/// A running server. Dropping it ends it abruptly; [`Server::shutdown`] lets everyone know.
pub struct Server {
    addresses: Vec<SocketAddr>,
    port_was_taken: Option<u16>,
    speaks_tls: bool,
    hub: Arc<Hub>,
    stop: CancellationToken,
    accepting: JoinHandle<()>,
    /// Where those who come by plain HTTP are led on, and what does it.
    redirecting: Option<(SocketAddr, JoinHandle<()>)>,
    housekeeping: JoinHandle<()>,
}

impl Server {
    /// Binds the port and serves from then on.
    ///
    /// # Errors
    ///
    /// When no port can be had, or the page that is built in cannot be read; the message says what to do.
    pub async fn start(options: ServerOptions) -> Result<Self, ServerError> {
        Self::start_with(options, Router::new()).await
    }

    /// The same, with more to be found there. Whatever answers finds a [`Permit`] among the request's extensions.
    pub(crate) async fn start_with(
        options: ServerOptions,
        more: Router,
    ) -> Result<Self, ServerError> {
        let page = Arc::new(Page::load()?);
        let hub = Arc::new(Hub::new(options.limits.clone())?);
        let (listeners, port_was_taken) = listen(&options)?;
        let addresses: Vec<_> = listeners
            .iter()
            .map(|listener| listener.local_addr().map_err(ServerError::Listener))
            .collect::<Result<_, _>>()?;
        let stop = CancellationToken::new();
        let tls = options.tls.as_ref().map(Tls::config);
        let speaks_tls = tls.is_some();
        let connections = Connections::new(options.limits, tls, stop.clone());
        let redirecting = match options.redirect {
            Some(Redirect { from, to }) => {
                let listener = listener::open(&from)?;
                let port = addresses.first().map_or(0, SocketAddr::port);
                let router = redirect::router(redirect::Destination { to, port });
                let unencrypted = connections.unencrypted();
                Some((
                    listener.local_addr().map_err(ServerError::Listener)?,
                    tokio::spawn(unencrypted.run(vec![listener], router)),
                ))
            }
            None => None,
        };
        let router = Router::new()
            .route("/announce", get(announce::upgrade))
            .with_state(announce::Shared {
                hub: Arc::clone(&hub),
                sockets: connections.sockets(),
                stop: stop.clone(),
            })
            .route("/health", get(health::report).with_state(Arc::clone(&hub)))
            .merge(more)
            .fallback_service(get(page::serve).with_state(page))
            .layer(axum::middleware::map_response(page::harden));
        Ok(Self {
            addresses,
            port_was_taken,
            speaks_tls,
            accepting: tokio::spawn(connections.run(listeners, router)),
            redirecting,
            housekeeping: tokio::spawn(hub::keep_house(Arc::clone(&hub), stop.clone())),
            hub,
            stop,
        })
    }

    /// Where the server listens. The address is `[::]` or `0.0.0.0` when it listens on all of this machine's.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// Where those who come by plain HTTP are led on to HTTPS, if anywhere.
    pub fn redirect_address(&self) -> Option<SocketAddr> {
        self.redirecting.as_ref().map(|(address, _)| *address)
    }

    /// What tells how much there is at the tracker, also when the server itself is out of reach.
    pub(crate) fn census_taker(&self) -> impl Fn() -> Census + Send + Sync + use<> {
        let hub = Arc::clone(&self.hub);
        move || hub.census()
    }

    /// The port that was to be used, when another program had it and the next free one was taken instead.
    pub fn port_was_taken(&self) -> Option<u16> {
        self.port_was_taken
    }

    /// The page's address for other machines on this network, ending in `/`. It is looked up on each call, because
    /// machines move between networks.
    pub fn page_url(&self) -> String {
        self.url_at(self.address())
    }

    /// The page's addresses, one for each at which the server listens.
    pub fn page_urls(&self) -> Vec<String> {
        self.addresses
            .iter()
            .map(|address| self.url_at(*address))
            .collect()
    }

    fn url_at(&self, listening: SocketAddr) -> String {
        let scheme = if self.speaks_tls { "https" } else { "http" };
        reach::page_url(scheme, listening)
    }

    /// Stops accepting, tells every peer at the tracker that the server goes away (WebSocket close 1001), and returns
    /// when all connections are closed, after about two seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        // None of them panics on its own account; a panic would already have been shown by its hook.
        let _ = (&mut self.accepting).await;
        if let Some((_, redirecting)) = &mut self.redirecting {
            let _ = redirecting.await;
        }
        let _ = (&mut self.housekeeping).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        self.accepting.abort();
        if let Some((_, redirecting)) = &self.redirecting {
            redirecting.abort();
        }
        self.housekeeping.abort();
    }
}

/// All places at which to listen, and the default port when another program had it.
fn listen(options: &ServerOptions) -> Result<(Vec<TcpListener>, Option<u16>), ServerError> {
    if !options.given.is_empty() {
        let given = options.given.iter().map(|given| listener::adopt(given));
        let given = given.collect::<Result<_, _>>();
        return Ok((given.map_err(ServerError::Listener)?, None));
    }
    let Bound {
        listener,
        port_was_taken,
    } = listener::bind(options.listen)?;
    let mut listeners = vec![listener];
    for address in &options.also {
        listeners.push(listener::open(&Door::At(*address))?);
    }
    Ok((listeners, port_was_taken))
}
