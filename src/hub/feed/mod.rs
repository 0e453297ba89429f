//! `/catalogue.atom` and `/catalogue.rss`: who is live, as feeds with one entry for each broadcast.

mod atom;
mod rss;

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, FixedOffset};
use swarm::{ShareLink, UnixMillis};

use super::answers::{Asked, Misasked, Shown, asked, sent};

/// Where a hub is, if it is asked without saying: feeds' addresses are whole.
const NOWHERE: &str = "http://localhost/";

/// What a feed says, in no format yet. All texts have only characters that XML can have.
struct News {
    title: String,
    /// The hub's own address, ending in `/`.
    hub: String,
    now: DateTime<FixedOffset>,
    broadcasts: Vec<Broadcast>,
}

/// One of its entries.
struct Broadcast {
    title: String,
    author: String,
    /// What it is about; empty where nobody says.
    description: String,
    /// The category, the keywords, and whether it is sensitive.
    terms: Vec<String>,
    /// Where it is watched.
    link: String,
    /// The same for all of one broadcast's life, and for no other.
    id: String,
    /// A feed's reader is told of a broadcast once, not whenever its viewers are counted.
    started: DateTime<FixedOffset>,
}

/// What is asked for, as axum hands it over.
type Asking = Result<extract::Query<Asked>, QueryRejection>;

pub(super) async fn atom(
    State(shown): State<Shown>,
    headers: HeaderMap,
    asking: Asking,
) -> Result<Response, Misasked> {
    let news = News::of(&shown, &headers, asking)?;
    let Some(text) = atom::write(news) else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    Ok(sent(&headers, "application/atom+xml; charset=utf-8", text))
}

pub(super) async fn rss(
    State(shown): State<Shown>,
    headers: HeaderMap,
    asking: Asking,
) -> Result<Response, Misasked> {
    let news = News::of(&shown, &headers, asking)?;
    let Some(text) = rss::write(news) else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    Ok(sent(&headers, "application/rss+xml; charset=utf-8", text))
}

impl News {
    fn of(shown: &Shown, headers: &HeaderMap, asking: Asking) -> Result<Self, Misasked> {
        let query = asked(asking)?;
        let hub = shown.url(headers);
        let entries = shown.desk.find(&query).entries;
        let broadcasts = entries.iter().map(|listed| Broadcast::of(&hub, listed));
        let operator = &shown.signboard.operator.name;
        Ok(Self {
            title: if operator.is_empty() {
                "Live on Torrent: who is live".to_owned()
            } else {
                clean(&format!("Who is live at {operator}"))
            },
            broadcasts: broadcasts.collect(),
            hub,
            now: time(shown.desk.now().wall),
        })
    }
}

impl Shown {
    /// The hub's own address: the one that it was told, or the one that it is asked under.
    fn url(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.signboard.url {
            return format!("{}/", url.trim_end_matches('/'));
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.and_then(|host| host.parse::<Authority>().ok());
        let scheme = if self.secure { "https" } else { "http" };
        host.map_or_else(|| NOWHERE.to_owned(), |host| format!("{scheme}://{host}/"))
    }
}

impl Broadcast {
    fn of(hub: &str, listed: &catalogue::Entry) -> Self {
        let (card, details) = (&listed.card, &listed.card.details);
        let watch = ShareLink {
            page: hub.to_owned(),
            channel: listed.channel,
            trackers: card.trackers.clone(),
            stun: card.stun.clone(),
            page_is_static: false,
        };
        let mut terms: Vec<_> = details.keywords.iter().map(|word| clean(word)).collect();
        terms.extend(details.category.map(|known| known.name().to_owned()));
        if details.sensitive {
            terms.push("sensitive".to_owned());
        }
        let or_else =
            |text: &str, nothing: &str| clean(if text.is_empty() { nothing } else { text });
        Self {
            title: or_else(&details.title, "Without a title"),
            author: or_else(&details.author, "Anonymous"),
            description: clean(&details.description),
            terms,
            link: watch.to_string(),
            id: format!(
                "urn:liveontorrent:{}:{}",
                catalogue::channel_to_text(&listed.channel),
                card.broadcast
            ),
            started: time(card.started_at),
        }
    }
}

/// Without the characters that cannot be in XML 1.0, however they are written (section 2.2).
fn clean(text: &str) -> String {
    let is_fine = |char: &char| !matches!(char, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_fine).collect()
}

fn time(at: UnixMillis) -> DateTime<FixedOffset> {
    let millis = i64::try_from(at.0).unwrap_or(0);
    let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    at.fixed_offset()
}
