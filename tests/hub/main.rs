//! The hub over HTTP, as streamers, visitors, other hubs and people with bad intentions meet it.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

mod acme;
mod encrypted;
#[cfg(unix)]
mod handover;
mod hostile;
mod listing;
mod mirroring;
mod operating;

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use catalogue::{Card, CardSigner, channel_to_text};
use image::{DynamicImage, Rgb, RgbImage};
use liveontorrent::http_client::HttpClient;
use liveontorrent::hub::{Hub, HubOptions};
use liveontorrent::server::{Listen, ServerOptions};
use liveontorrent::thumbnail;
use serde_json::Value;
use swarm::{BroadcastId, Details, UnixMillis};

fn options() -> HubOptions {
    HubOptions {
        server: ServerOptions {
            listen: Listen::At(SocketAddr::from(([127, 0, 0, 1], 0))),
            ..ServerOptions::default()
        },
        ..HubOptions::default()
    }
}

async fn hub() -> Hub {
    Hub::start(options()).await.unwrap()
}

/// Somebody with a browser or a program, who knows a hub.
struct Visitor {
    url: String,
    client: HttpClient,
}

impl Visitor {
    fn to(hub: &Hub) -> Self {
        Self {
            url: format!("http://{}/", hub.address()),
            client: HttpClient::new().unwrap(),
        }
    }

    async fn get(&self, path: &str) -> (u16, Bytes) {
        let url = format!("{}{path}", self.url);
        let (status, body) = self.client.get(&url, 1 << 20).await.unwrap();
        (status.as_u16(), body)
    }

    async fn bring(&self, card: Bytes) -> (u16, Value) {
        let url = format!("{}catalogue", self.url);
        let (status, body) = self.client.post(&url, card, 1 << 16).await.unwrap();
        (status.as_u16(), serde_json::from_slice(&body).unwrap())
    }

    /// Brings a card, which has to be taken.
    async fn list(&self, card: Bytes) {
        let (status, answer) = self.bring(card).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Brings a card, which has to be refused. Returns with which status, and the word for it.
    #[track_caller]
    fn refused((status, answer): (u16, Value)) -> (u16, String) {
        let code = answer["refused"]["code"].as_str().map(str::to_owned);
        let reason = answer["refused"]["reason"].as_str().unwrap_or_default();
        assert!(!reason.is_empty(), "it says why: {answer}");
        (status, code.unwrap())
    }

    async fn catalogue(&self, query: &str) -> Value {
        let (status, body) = self.get(&format!("catalogue.json{query}")).await;
        assert_eq!(status, 200);
        serde_json::from_slice(&body).unwrap()
    }

    async fn titles(&self, query: &str) -> Vec<String> {
        let list = self.catalogue(query).await;
        let channels = list["channels"].as_array().unwrap();
        let title = |channel: &Value| channel["title"].as_str().unwrap().to_owned();
        channels.iter().map(title).collect()
    }
}

/// The streamer of the channel with this key.
fn streamer(key: u8) -> CardSigner {
    CardSigner::new(&[key; 32])
}

fn key_of(key: u8) -> String {
    channel_to_text(&streamer(key).channel())
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixMillis(since.as_millis() as u64)
}

fn earlier(seconds: u64) -> UnixMillis {
    UnixMillis(now().0 - 1000 * seconds)
}

/// What a streamer says just now.
fn card(title: &str) -> Card {
    Card {
        withdrawn: false,
        started_at: earlier(60),
        viewers: 3,
        details: Details::titled(title),
        ..Card::withdrawal(BroadcastId(7), now())
    }
}

fn picture(width: u32, height: u32) -> Bytes {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90]));
    thumbnail::encode(&DynamicImage::from(picture)).unwrap()
}
