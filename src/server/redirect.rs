//! Leads those who come by plain HTTP on to HTTPS (308, RFC 9110 section 15.4.9).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{HOST, LOCATION};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

/// The port that an address with HTTPS need not name.
const HTTPS_PORT: u16 = 443;

/// Where they are led.
#[derive(Debug)]
pub(super) struct Destination {
    /// Such as `https://hub.example/`, if it is told.
    pub(super) to: Option<String>,
    /// Or else this port of the host that they have asked for.
    pub(super) port: u16,
}

pub(super) fn router(destination: Destination) -> Router {
    Router::new()
        .fallback(lead_on)
        .with_state(Arc::new(destination))
}

async fn lead_on(
    State(destination): State<Arc<Destination>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let target = destination.target(&uri, &headers);
    match target.map(HeaderValue::try_from) {
        Some(Ok(target)) => (StatusCode::PERMANENT_REDIRECT, [(LOCATION, target)]).into_response(),
        _ => (StatusCode::BAD_REQUEST, "Come by https.\n").into_response(),
    }
}

impl Destination {
    fn target(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        if let Some(to) = &self.to {
            return Some(format!("{}{path}", to.trim_end_matches('/')));
        }
        let host: Authority = headers.get(HOST)?.to_str().ok()?.parse().ok()?;
        // Without the port, and without what would come before an `@`.
        let host = host.host();
        Some(match self.port {
            HTTPS_PORT => format!("https://{host}{path}"),
            port => format!("https://{host}:{port}{path}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(to: Option<&str>, port: u16, host: &'static str) -> Option<String> {
        let destination = Destination {
            to: to.map(str::to_owned),
            port,
        };
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
        destination.target(&Uri::from_static("/live/?search=jazz"), &headers)
    }

    #[test]
    fn who_comes_by_http_is_led_to_the_same_place_by_https() {
        for (port, host, expected) in [
            (443, "hub.example", "https://hub.example/live/?search=jazz"),
            (
                443,
                "hub.example:80",
                "https://hub.example/live/?search=jazz",
            ),
            (8443, "[::1]:8080", "https://[::1]:8443/live/?search=jazz"),
            (
                443,
                "you@hub.example",
                "https://hub.example/live/?search=jazz",
            ),
        ] {
            assert_eq!(
                target(None, port, host).as_deref(),
                Some(expected),
                "{host}"
            );
        }
        let told = target(Some("https://hub.example/"), 8443, "10.0.0.7");
        assert_eq!(
            told.as_deref(),
            Some("https://hub.example/live/?search=jazz")
        );
        assert_eq!(target(None, 443, "a b"), None);
    }
}
