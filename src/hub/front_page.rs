//! `/live/`: the front page, built into the program.

use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;

use super::HubError;
use crate::server::{Page, serve_page};

#[derive(rust_embed::Embed)]
#[folder = "assets/hub/"]
struct Assets;

pub(super) fn routes() -> Result<Router, HubError> {
    let page = Arc::new(Page::of::<Assets>()?);
    Ok(Router::new()
        .route("/live", get(|| async { Redirect::permanent("live/") }))
        .nest_service("/live/", get(serve_page).with_state(page)))
}
