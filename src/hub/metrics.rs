//! Figures for Prometheus, on an address of their own: numbers only, of nobody in particular.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use catalogue::Refusal;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::HubError;
use super::desk::{Desk, Outcome};
use crate::server::Census;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// What has been counted since the hub began.
#[derive(Clone, Default)]
pub(super) struct Counters {
    cards: Family<OutcomeLabel, Counter>,
    mirrorings: Family<OutcomeLabel, Counter>,
}

impl Counters {
    pub(super) fn took(&self, outcome: Outcome) {
        self.card(match outcome {
            Outcome::Listed => "listed",
            Outcome::Withdrawn => "withdrawn",
        });
    }

    pub(super) fn refused(&self, refusal: &Refusal) {
        self.card(refusal.code());
    }

    pub(super) fn mirrored(&self, well: bool) {
        let outcome = if well { "read" } else { "failed" };
        let label = OutcomeLabel { outcome };
        self.mirrorings.get_or_create(&label).inc();
    }

    fn card(&self, outcome: &'static str) {
        self.cards.get_or_create(&OutcomeLabel { outcome }).inc();
    }
}

/// Serves figures.
pub(super) struct MetricsServer {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Figures {
    desk: Arc<Desk>,
    census: Arc<dyn Fn() -> Census + Send + Sync>,
}

impl MetricsServer {
    pub(super) async fn start(
        address: SocketAddr,
        desk: Arc<Desk>,
        census: Arc<dyn Fn() -> Census + Send + Sync>,
    ) -> Result<Self, HubError> {
        let wrong = |source| HubError::Metrics { address, source };
        let listener = TcpListener::bind(address).await.map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        let router = Router::new()
            .route("/metrics", get(report))
            .with_state(Figures { desk, census });
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
            if let Err(error) = serving.await {
                tracing::warn!("figures are no longer served: {error}");
            }
        };
        Ok(Self {
            address,
            stop,
            serving: tokio::spawn(serving),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn shutdown(mut self) {
        self.stop.cancel();
        // Whoever still reads its figures has a moment for it.
        let patience = std::time::Duration::from_secs(1);
        let _ = tokio::time::timeout(patience, &mut self.serving).await;
    }
}

impl Drop for MetricsServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn report(State(Figures { desk, census }): State<Figures>) -> Response {
    let mut registry = Registry::with_prefix("liveontorrent");
    let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "Which version runs", version);
    let mut gauge = |name, help, value: usize| {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    };
    let Census {
        swarms,
        peers,
        connections,
    } = census();
    gauge("channels", "Channels that are listed", desk.channels());
    gauge("swarms", "Swarms at the tracker", swarms);
    gauge("peers", "Places of peers in swarms at the tracker", peers);
    gauge("connections", "Connections to the tracker", connections);
    let uptime: Gauge = Gauge::default();
    uptime.set(i64::try_from(desk.uptime().as_secs()).unwrap_or(i64::MAX));
    registry.register_with_unit("uptime", "How long the hub runs", Unit::Seconds, uptime);
    let Counters { cards, mirrorings } = desk.counters().clone();
    registry.register("cards", "Cards by what has come of them", cards);
    registry.register("mirrorings", "Readings of other hubs' lists", mirrorings);
    let mut text = String::new();
    if encode(&mut text, &registry).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], text).into_response()
}
