//! `liveontorrent hub`: the viewer page, a tracker and the catalogue of who is live, in one process for the public.
//!
//! Nothing is written anywhere but a certificate that the hub has got itself, and nobody's address is kept longer than
//! their card is listed, or logged at all. The hub is no part of any broadcast: when it is gone, those who watch go on
//! watching.
//!
//! | where | what |
//! | --- | --- |
//! | `/` and what it loads | the viewer page (`server`), which hands on to `/live/` when a link names no channel |
//! | `/live/` | the front page |
//! | `/announce`, `/health` | the tracker (`server`) |
//! | `POST /catalogue` | a streamer's card |
//! | `/catalogue.json`, `/catalogue.atom`, `/catalogue.rss` | who is live |
//! | `/catalogue/KEY.jpg`, `/catalogue/KEY.card` | a channel's picture, and its card for other hubs |
//!
//! What is listed is decided in `crates/catalogue`.

mod answers;
mod desk;
mod error;
mod feed;
mod front_page;
mod lists;
mod metrics;
mod mirror;
mod options;
mod paths;
mod receiving;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::desk::Desk;
use self::metrics::MetricsServer;
use self::options::Signboard;
use crate::server::{Server, Tls, Validity};

pub use self::error::HubError;
pub use self::options::{HubOptions, Operator};
pub use self::paths::{PagePaths, TurnSecret, TurnUrl, TurnUrlError};
pub use catalogue::Limits as CatalogueLimits;

/// A running hub. Dropping it ends it abruptly; [`Hub::shutdown`] lets everyone know.
pub struct Hub {
    address: SocketAddr,
    /// Until it shuts down.
    server: Option<Server>,
    metrics: Option<MetricsServer>,
    desk: Arc<Desk>,
    lists: lists::Lists,
    tls: Option<Tls>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Hub {
    /// Reads the files it is told of, binds its ports and serves from then on.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or a port cannot be had; the message says what to do.
    pub async fn start(options: HubOptions) -> Result<Self, HubError> {
        let stop = CancellationToken::new();
        let lists = lists::Lists::new(options.allow, options.deny);
        let desk = Arc::new(Desk::new(options.catalogue, lists.read()?));
        let mirrors = mirror::all(&options.mirrors, &desk)?;
        let signboard = Signboard {
            operator: options.operator,
            url: options.url,
        };
        let tls = options.server.tls.clone();
        let routes = routes(&desk, signboard, tls.is_some())?.merge(paths::routes(options.paths));
        let server = Server::start_with(options.server, routes).await?;
        let metrics = match options.metrics {
            Some(address) => {
                let census = Arc::new(server.census_taker());
                Some(MetricsServer::start(address, Arc::clone(&desk), census).await?)
            }
            None => None,
        };
        let mut tasks = vec![tokio::spawn(desk::keep_house(
            Arc::clone(&desk),
            stop.clone(),
        ))];
        if let Some(tls) = tls.clone() {
            tasks.push(tokio::spawn(tls.keep_renewed(stop.clone())));
        }
        let mirroring = mirrors.into_iter();
        tasks.extend(mirroring.map(|mirror| tokio::spawn(mirror.run(stop.clone()))));
        Ok(Self {
            address: server.address(),
            server: Some(server),
            metrics,
            desk,
            lists,
            tls,
            stop,
            tasks,
        })
    }

    /// Where the hub listens first.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The addresses of its front page, one for each at which it listens.
    pub fn urls(&self) -> Vec<String> {
        let urls = self.server.as_ref().map(Server::page_urls);
        urls.unwrap_or_default()
    }

    /// From when to when its certificate holds, if it is one that the hub renews by itself.
    pub fn renewals(&self) -> Option<watch::Receiver<Option<Validity>>> {
        self.tls.as_ref().and_then(Tls::renewals)
    }

    /// Where those who come by plain HTTP are led on to HTTPS, if anywhere.
    pub fn redirect_address(&self) -> Option<SocketAddr> {
        self.server.as_ref().and_then(Server::redirect_address)
    }

    /// Where its figures are, if anywhere.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(MetricsServer::address)
    }

    /// Reads the lists of channels and the certificate again. What cannot be read stays as it was.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read.
    pub fn reload(&self) -> Result<(), HubError> {
        let certificate = self.tls.as_ref().map_or(Ok(()), Tls::reload);
        self.desk.set_policy(self.lists.read()?);
        Ok(certificate?)
    }

    /// Tells everyone that it goes away, and returns when all connections are closed, after about two seconds at most.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        for task in &mut self.tasks {
            // None panics on its own account; a panic would already have been shown by its hook.
            let _ = task.await;
        }
        if let Some(metrics) = self.metrics.take() {
            metrics.shutdown().await;
        }
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop.cancel();
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn routes(desk: &Arc<Desk>, signboard: Signboard, secure: bool) -> Result<Router, HubError> {
    let shown = answers::Shown {
        desk: Arc::clone(desk),
        signboard: Arc::new(signboard),
        secure,
    };
    let catalogue = Router::new()
        .route("/catalogue.json", get(answers::json))
        .route("/catalogue.atom", get(feed::atom))
        .route("/catalogue.rss", get(feed::rss))
        .route("/catalogue/{file}", get(answers::file))
        .with_state(shown)
        .layer(axum::middleware::map_response(answers::open_to_all));
    let receiving = Router::new()
        .route("/catalogue", post(receiving::card).put(receiving::card))
        .with_state(Arc::clone(desk));
    Ok(catalogue.merge(receiving).merge(front_page::routes()?))
}
