//! Who is live, as JSON, and the picture and card of each channel.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use catalogue::{Entry, Query, Sort, channel_from_text, channel_to_text};
use flate2::Compression;
use serde::{Deserialize, Serialize};
use swarm::Category;

use super::desk::Desk;
use super::options::Signboard;
use crate::server::{gzip, takes_gzip};

/// Channels in one answer, if no number is asked for: as many as a person looks through.
const USUAL_PAGE: usize = 200;
/// The most channels in one answer, however many are asked for.
const MAX_PAGE: usize = 1000;
/// The longest text that is searched for, in characters. Chosen: nobody types more.
const MAX_SEARCH_CHARS: usize = 200;
/// How much of a description is in the list, in characters. The whole of it is told to those who watch.
const SUMMARY_CHARS: usize = 280;

/// What is shown to everyone.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) desk: Arc<Desk>,
    pub(super) signboard: Arc<Signboard>,
    /// Whether this hub itself speaks HTTPS.
    pub(super) secure: bool,
}

/// What is asked for, as it stands in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    category: Option<String>,
    search: String,
    sort: Option<String>,
    skip: usize,
    most: Option<usize>,
}

/// Why an address asks for nothing that could be answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Misasked {
    #[error(transparent)]
    Category(#[from] swarm::UnknownCategory),
    #[error(transparent)]
    Sort(#[from] catalogue::UnknownSort),
    #[error("{0}")]
    Address(String),
}

impl Asked {
    pub(super) fn query(self) -> Result<Query, Misasked> {
        let category = self.category.filter(|name| !name.is_empty());
        let category = category
            .map(|name| Category::from_name(&name))
            .transpose()?;
        let sort = self.sort.filter(|name| !name.is_empty());
        let sort = sort.map(|name| Sort::from_name(&name)).transpose()?;
        Ok(Query {
            category,
            words: self.search.chars().take(MAX_SEARCH_CHARS).collect(),
            sort: sort.unwrap_or_default(),
            skip: self.skip,
            most: self.most.unwrap_or(USUAL_PAGE).min(MAX_PAGE),
        })
    }
}

impl IntoResponse for Misasked {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, format!("{self}\n")).into_response()
    }
}

/// Reads what is asked for.
pub(super) fn asked(
    asked: Result<extract::Query<Asked>, QueryRejection>,
) -> Result<Query, Misasked> {
    match asked {
        Ok(extract::Query(asked)) => asked.query(),
        Err(rejected) => Err(Misasked::Address(rejected.body_text())),
    }
}

#[derive(Serialize)]
struct List<'a> {
    /// By this hub's wall clock, in milliseconds since 1970.
    now: u64,
    operator: &'a str,
    contact: &'a str,
    /// How many channels match, on all pages.
    found: usize,
    channels: Vec<Channel<'a>>,
}

#[derive(Serialize)]
struct Channel<'a> {
    /// As share links spell it.
    channel: String,
    broadcast: String,
    title: &'a str,
    author: &'a str,
    summary: String,
    category: Option<Category>,
    keywords: &'a [String],
    sensitive: bool,
    paused: bool,
    viewers: u32,
    /// Milliseconds since 1970.
    started: u64,
    /// When the card was made, in the same.
    issued: u64,
    trackers: &'a [String],
    stun: &'a [String],
    /// Where its picture is, from here.
    thumbnail: Option<String>,
}

impl<'a> Channel<'a> {
    fn of(entry: &'a Entry) -> Self {
        let (card, name) = (&entry.card, channel_to_text(&entry.channel));
        let details = &card.details;
        let issued = card.issued_at.0;
        Self {
            broadcast: card.broadcast.to_string(),
            title: &details.title,
            author: &details.author,
            summary: details.description.chars().take(SUMMARY_CHARS).collect(),
            category: details.category,
            keywords: &details.keywords,
            sensitive: details.sensitive,
            paused: card.paused,
            viewers: card.viewers,
            started: card.started_at.0,
            issued,
            trackers: &card.trackers,
            stun: &card.stun,
            thumbnail: entry
                .picture
                .as_ref()
                .map(|_| format!("catalogue/{name}.jpg?{issued}")),
            channel: name,
        }
    }
}

/// `/catalogue.json`.
pub(super) async fn json(
    State(shown): State<Shown>,
    request: HeaderMap,
    asking: Result<extract::Query<Asked>, QueryRejection>,
) -> Result<Response, Misasked> {
    let listing = shown.desk.find(&asked(asking)?);
    let operator = &shown.signboard.operator;
    let list = List {
        now: shown.desk.now().wall.0,
        operator: &operator.name,
        contact: &operator.contact,
        found: listing.found,
        channels: listing
            .entries
            .iter()
            .map(|entry| Channel::of(entry))
            .collect(),
    };
    let Ok(text) = serde_json::to_vec(&list) else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    Ok(sent(&request, "application/json", text))
}

/// Sends a text as small as whoever asks takes it. Nobody keeps it: in a moment it is another.
pub(super) fn sent(request: &HeaderMap, kind: &'static str, plain: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (VARY, "accept-encoding"),
    ];
    if takes_gzip(request)
        && let Ok(gzipped) = gzip(&plain, Compression::fast())
    {
        return (headers, [(CONTENT_ENCODING, "gzip")], gzipped).into_response();
    }
    (headers, plain).into_response()
}

/// `/catalogue/KEY.jpg` and `/catalogue/KEY.card`.
pub(super) async fn file(State(shown): State<Shown>, Path(name): Path<String>) -> Response {
    let found = name.split_once('.').and_then(|(key, ending)| {
        let entry = shown.desk.get(&channel_from_text(key)?)?;
        match ending {
            // The address changes with each picture; a hub that lists the channel no longer shows it no longer.
            "jpg" => Some(("image/jpeg", "private, max-age=60", entry.picture.clone()?)),
            "card" => Some(("application/octet-stream", "no-store", entry.signed.clone())),
            _ => None,
        }
    });
    match found {
        Some(found) => found_file(found),
        None => (StatusCode::NOT_FOUND, "This is not listed.\n").into_response(),
    }
}

fn found_file((kind, caching, bytes): (&'static str, &'static str, Bytes)) -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static(caching)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, bytes).into_response()
}

/// Whoever makes a front page of their own may read this from it: it is public, and nobody's cookie is needed.
pub(super) async fn open_to_all(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
