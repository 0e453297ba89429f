//! `/catalogue.atom`: who is live, as a feed (RFC 4287) with one entry for each broadcast.

use atom_syndication::{Category, Entry, Feed, FixedDateTime, Link, Person, Text};
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::DateTime;
use swarm::{ShareLink, UnixMillis};

use super::answers::{Asked, Misasked, Shown, asked};

/// Where a hub is, if it is asked without saying: feeds' addresses are whole.
const NOWHERE: &str = "http://localhost/";

pub(super) async fn atom(
    State(shown): State<Shown>,
    headers: HeaderMap,
    asking: Result<extract::Query<Asked>, QueryRejection>,
) -> Result<Response, Misasked> {
    let query = asked(asking)?;
    let url = shown.url(&headers);
    let entries = shown.desk.find(&query).entries;
    let entries: Vec<Entry> = entries.iter().map(|listed| entry(&url, listed)).collect();
    let operator = &shown.signboard.operator.name;
    let feed = Feed {
        title: if operator.is_empty() {
            "Live on Torrent: who is live".into()
        } else {
            text(&format!("Who is live at {operator}"))
        },
        id: format!("{url}catalogue.atom"),
        updated: time(shown.desk.now().wall),
        links: vec![
            link("self", &format!("{url}catalogue.atom")),
            link("alternate", &url),
        ],
        entries,
        ..Feed::default()
    };
    let Ok(written) = feed.write_to(Vec::new()) else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let headers = [
        (CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, written).into_response())
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

fn entry(url: &str, listed: &catalogue::Entry) -> Entry {
    let (card, details) = (&listed.card, &listed.card.details);
    let watch = ShareLink {
        page: url.to_owned(),
        channel: listed.channel,
        trackers: card.trackers.clone(),
        stun: card.stun.clone(),
        page_is_static: false,
    };
    let title = if details.title.is_empty() {
        "Without a title"
    } else {
        &details.title
    };
    let author = if details.author.is_empty() {
        "Anonymous"
    } else {
        &details.author
    };
    let mut categories: Vec<_> = details.keywords.iter().map(|word| category(word)).collect();
    categories.extend(details.category.map(|known| category(known.name())));
    if details.sensitive {
        categories.push(category("sensitive"));
    }
    Entry {
        title: text(title),
        id: format!(
            "urn:liveontorrent:{}:{}",
            catalogue::channel_to_text(&listed.channel),
            card.broadcast
        ),
        // A feed's reader is told of a broadcast once, not whenever its viewers are counted.
        updated: time(card.started_at),
        published: Some(time(card.started_at)),
        authors: vec![Person {
            name: clean(author),
            ..Person::default()
        }],
        categories,
        links: vec![link("alternate", &watch.to_string())],
        summary: (!details.description.is_empty()).then(|| text(&details.description)),
        ..Entry::default()
    }
}

fn link(rel: &str, href: &str) -> Link {
    Link {
        rel: rel.to_owned(),
        href: href.to_owned(),
        ..Link::default()
    }
}

fn category(term: &str) -> Category {
    Category {
        term: clean(term),
        ..Category::default()
    }
}

fn text(text: &str) -> Text {
    Text::plain(clean(text))
}

/// Without the characters that cannot be in XML 1.0, however they are written (section 2.2).
fn clean(text: &str) -> String {
    let is_fine = |char: &char| !matches!(char, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_fine).collect()
}

fn time(at: UnixMillis) -> FixedDateTime {
    let millis = i64::try_from(at.0).unwrap_or(0);
    let at = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    at.fixed_offset()
}
