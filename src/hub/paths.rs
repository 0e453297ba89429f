//! The STUN and TURN servers that the hub's viewer page tells browsers of.
//!
//! A page that everybody may open holds no lasting password: each that is handed out carries its own end in its user name,
//! and only the TURN server and the hub know the secret that it is made with (draft-uberti-behave-turn-rest; coturn's
//! `use-auth-secret`).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::BASE64;
use flate2::Compression;
use ring::hmac;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::seeder::StunServer;
use crate::server::{gzip, takes_gzip, viewer_index};

/// For how long a password is good: longer than most people watch. Whoever stays on loses only the way through TURN.
const GOOD_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// What browsers and ours take as a port where none is said.
const DEFAULT_PORT: u16 = 3478;
const DEFAULT_TLS_PORT: u16 = 5349;
/// Where it goes in the page.
const BEFORE: &str = "</head>";

/// What browsers are told.
#[derive(Clone, Debug, Default)]
pub struct PagePaths {
    /// STUN servers.
    pub stun: Vec<StunServer>,
    /// TURN servers, and the secret that they share with the hub.
    pub turn: Option<(Vec<TurnUrl>, TurnSecret)>,
}

/// A TURN server's address as browsers take it (RFC 7065).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurnUrl(String);

/// What a TURN server shares with the hub (coturn's `static-auth-secret`).
#[derive(Clone)]
pub struct TurnSecret(Arc<Zeroizing<String>>);

/// What is wrong with what the hub is told of TURN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TurnUrlError {
    /// Not an address.
    #[error(
        "'{0}' is no TURN server's address; write turn:HOST:PORT, turn:HOST:PORT?transport=tcp or turns:HOST:PORT"
    )]
    Address(String),
    /// No secret.
    #[error("the TURN server's secret is empty; give the one that it has as static-auth-secret")]
    NoSecret,
}

impl std::str::FromStr for TurnUrl {
    type Err = TurnUrlError;

    fn from_str(text: &str) -> Result<Self, TurnUrlError> {
        let error = || TurnUrlError::Address(text.to_owned());
        let (scheme, rest) = text.trim().split_once(':').ok_or_else(error)?;
        let port = match scheme {
            "turn" => DEFAULT_PORT,
            "turns" => DEFAULT_TLS_PORT,
            _ => return Err(error()),
        };
        let (host, transport) = match rest.split_once('?') {
            None => (rest, ""),
            Some((host, query @ ("transport=udp" | "transport=tcp"))) => (host, query),
            Some(_) => return Err(error()),
        };
        let host = match swarm::is_stun_server(host) {
            true => host.to_owned(),
            false => format!("{host}:{port}"),
        };
        if !swarm::is_stun_server(&host) {
            return Err(error());
        }
        let question = if transport.is_empty() { "" } else { "?" };
        Ok(Self(format!("{scheme}:{host}{question}{transport}")))
    }
}

impl TurnSecret {
    /// A secret as it stands in a file or the environment: space around it is none of it.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn new(text: &str) -> Result<Self, TurnUrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TurnUrlError::NoSecret);
        }
        Ok(Self(Arc::new(Zeroizing::new(text.to_owned()))))
    }

    /// A user name that says until when it is good, and its password.
    fn credentials(&self, now: SystemTime) -> (String, String) {
        let until = now.duration_since(UNIX_EPOCH).unwrap_or_default() + GOOD_FOR;
        let username = until.as_secs().to_string();
        // What the draft asks for. SHA-1's weakness is none of HMAC's.
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.as_bytes());
        let password = BASE64.encode(hmac::sign(&key, username.as_bytes()).as_ref());
        (username, password)
    }
}

impl fmt::Debug for TurnSecret {
    /// It must not get into logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnSecret")
    }
}

/// An entry of WebRTC's `RTCConfiguration.iceServers`.
#[derive(Serialize)]
struct IceServer {
    urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
}

impl PagePaths {
    fn is_empty(&self) -> bool {
        self.stun.is_empty() && self.turn.is_none()
    }

    fn ice_servers(&self, now: SystemTime) -> Vec<IceServer> {
        let stun = self.stun.iter().map(|server| IceServer {
            urls: vec![format!("stun:{server}")],
            username: None,
            credential: None,
        });
        let turn = self.turn.iter().map(|(urls, secret)| {
            let (username, credential) = secret.credentials(now);
            IceServer {
                urls: urls.iter().map(|TurnUrl(url)| url.clone()).collect(),
                username: Some(username),
                credential: Some(credential),
            }
        });
        stun.chain(turn).collect()
    }

    /// The line that `assets/viewer/swarm/meeting-places.js` reads.
    fn meta(&self, now: SystemTime) -> String {
        // Names, numbers and addresses: nothing here fails to be JSON.
        let servers = serde_json::to_string(&self.ice_servers(now)).unwrap_or_default();
        let servers = servers.replace('&', "&amp;").replace('\'', "&#39;");
        format!("<meta name=\"ice-servers\" content='{servers}'>\n")
    }
}

/// The viewer page with that line, instead of the one without; nothing where there is nothing to tell.
pub(super) fn routes(paths: PagePaths) -> Router {
    let Some(page) = viewer_index().filter(|_| !paths.is_empty()) else {
        return Router::new();
    };
    let page = Arc::new((page, paths));
    Router::new()
        .route("/", get(index))
        .route("/index.html", get(index))
        .with_state(page)
}

/// Made for each visitor: passwords end.
async fn index(State(page): State<Arc<(String, PagePaths)>>, request: HeaderMap) -> Response {
    let (page, paths) = page.as_ref();
    let meta = paths.meta(SystemTime::now());
    let page = page.replacen(BEFORE, &format!("{meta}{BEFORE}"), 1);
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (VARY, "accept-encoding"),
    ];
    if !takes_gzip(&request) {
        return (headers, page).into_response();
    }
    match gzip(page.as_bytes(), Compression::fast()) {
        Ok(gzipped) => (headers, [(CONTENT_ENCODING, "gzip")], gzipped).into_response(),
        // Writing into memory does not fail.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_password_is_good_for_a_day_and_is_what_turn_servers_expect() {
        let secret = TurnSecret::new(" north \n").unwrap();
        let (username, password) = secret.credentials(at(1_700_000_000));
        assert_eq!(username, "1700086400");
        // printf 1700086400 | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(password, "K+RlgFj3QLvB7WAVHfjfgMgyBeA=");
        assert_ne!(secret.credentials(at(1_700_000_001)).1, password);
        assert!(!format!("{secret:?}").contains("north"));
        assert_eq!(TurnSecret::new(" \n").unwrap_err(), TurnUrlError::NoSecret);
    }

    #[test]
    fn addresses_of_turn_servers_are_completed_or_refused() {
        for (given, url) in [
            ("turn:t.example", "turn:t.example:3478"),
            (
                "turn:t.example:3479?transport=tcp",
                "turn:t.example:3479?transport=tcp",
            ),
            ("turns:t.example", "turns:t.example:5349"),
            ("turn:[2001:db8::1]:3478", "turn:[2001:db8::1]:3478"),
        ] {
            assert_eq!(given.parse(), Ok(TurnUrl(url.to_owned())));
        }
        for wrong in [
            "",
            "t.example",
            "stun:t.example",
            "turn:",
            "turn:t.example?transport=sctp",
            "turn:a b",
            "turn:t.example'>",
        ] {
            assert!(wrong.parse::<TurnUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_page_is_told_of_each_server() {
        let paths = PagePaths {
            stun: vec!["s.example:3478".parse().unwrap()],
            turn: Some((
                vec!["turn:t.example".parse().unwrap()],
                TurnSecret::new("north").unwrap(),
            )),
        };
        let meta = paths.meta(at(1_700_000_000));
        assert_eq!(
            meta,
            "<meta name=\"ice-servers\" content='[{\"urls\":[\"stun:s.example:3478\"]},\
             {\"urls\":[\"turn:t.example:3478\"],\"username\":\"1700086400\",\"credential\":\"K+RlgFj3QLvB7WAVHfjfgMgyBeA=\"}]'>\n"
        );
    }
}
