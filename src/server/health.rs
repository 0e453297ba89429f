//! `/health`: is it up, and how much is there.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde::Serialize;

use super::hub::Hub;

#[derive(Serialize)]
struct Health {
    name: &'static str,
    version: &'static str,
    uptime_seconds: u64,
    swarms: usize,
    /// A peer that is in several swarms counts in each.
    peers: usize,
    connections: usize,
}

pub(super) async fn report(State(hub): State<Arc<Hub>>) -> impl IntoResponse {
    let census = hub.census();
    let health = Health {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: hub.uptime().as_secs(),
        swarms: census.swarms,
        peers: census.peers,
        connections: census.connections,
    };
    ([(CACHE_CONTROL, "no-store")], Json(health))
}
