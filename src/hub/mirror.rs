//! Lists here what another hub lists: its cards are fetched as they were signed, and checked like any others. What a hub
//! makes up is not listed anywhere else.

use std::sync::Arc;
use std::time::Duration;

use catalogue::{MAX_CARD_LEN, Origin, channel_from_text, channel_to_text};
use futures_util::StreamExt;
use futures_util::stream;
use hyper::{StatusCode, Uri};
use serde::Deserialize;
use swarm::{ChannelId, UnixMillis};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::HubError;
use super::desk::Desk;
use crate::http_client::{HttpClient, HttpError};

/// How often the other list is read. Three times within the life of a card, so that one reading may fail.
const INTERVAL: Duration = Duration::from_secs(15);
/// Channels that are asked for.
const MOST: usize = 1000;
/// The longest list that is read: a channel takes less than 8 KB in it, with the longest texts.
const MAX_LIST_LEN: usize = 8 * 1024 * MOST;
/// Cards that are fetched at the same time.
const AT_ONCE: usize = 4;

/// Another hub.
pub(super) struct Mirror {
    /// Ends in `/`.
    url: String,
    client: HttpClient,
    desk: Arc<Desk>,
}

/// What of another hub's list is looked at; all else is in the cards.
#[derive(Deserialize)]
struct List {
    channels: Vec<Channel>,
}

#[derive(Deserialize)]
struct Channel {
    channel: String,
    issued: u64,
}

/// Why another hub's list cannot be read.
#[derive(Debug, thiserror::Error)]
enum MirrorError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("it answers {0}")]
    Status(StatusCode),
    #[error("its list cannot be read: {0}")]
    List(#[from] serde_json::Error),
}

/// Those whose addresses are told.
pub(super) fn all(urls: &[String], desk: &Arc<Desk>) -> Result<Vec<Mirror>, HubError> {
    if urls.is_empty() {
        return Ok(Vec::new());
    }
    let client = HttpClient::new().map_err(HubError::Client)?;
    let mirrors = urls.iter();
    mirrors
        .map(|url| Mirror::new(url, client.clone(), Arc::clone(desk)))
        .collect()
}

impl Mirror {
    pub(super) fn new(url: &str, client: HttpClient, desk: Arc<Desk>) -> Result<Self, HubError> {
        let wrong = || HubError::Mirror(url.to_owned());
        let parsed: Uri = url.parse().map_err(|_| wrong())?;
        let is_web = matches!(parsed.scheme_str(), Some("http" | "https"));
        if !is_web || parsed.host().is_none_or(str::is_empty) || parsed.query().is_some() {
            return Err(wrong());
        }
        Ok(Self {
            url: format!("{}/", url.trim_end_matches('/')),
            client,
            desk,
        })
    }

    /// Reads the other list again and again, until told to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut was_well = true;
        let reading = async {
            loop {
                ticks.tick().await;
                let read = self.read().await;
                self.desk.counters().mirrored(read.is_ok());
                match read {
                    Err(error) if was_well => {
                        tracing::warn!("{} is not mirrored: {error}", self.url);
                        was_well = false;
                    }
                    Err(_) => {}
                    Ok(()) => was_well = true,
                }
            }
        };
        stop.run_until_cancelled(reading).await;
    }

    async fn read(&self) -> Result<(), MirrorError> {
        let url = format!("{}catalogue.json?most={MOST}", self.url);
        let (status, body) = self.client.get(&url, MAX_LIST_LEN).await?;
        if status != StatusCode::OK {
            return Err(MirrorError::Status(status));
        }
        let list: List = serde_json::from_slice(&body)?;
        let news = list.channels.into_iter().take(MOST).filter_map(|listed| {
            let channel = channel_from_text(&listed.channel)?;
            let heard = self.desk.last_heard(&channel);
            let is_news = heard.is_none_or(|heard| heard < UnixMillis(listed.issued));
            is_news.then_some(channel)
        });
        stream::iter(news)
            .for_each_concurrent(AT_ONCE, |channel| self.fetch(channel))
            .await;
        Ok(())
    }

    /// A card that is gone meanwhile, or refused here, is no reason to stop.
    async fn fetch(&self, channel: ChannelId) {
        let url = format!("{}catalogue/{}.card", self.url, channel_to_text(&channel));
        match self.client.get(&url, MAX_CARD_LEN).await {
            Ok((StatusCode::OK, card)) => {
                if let Err(refusal) = self.desk.take(Origin::Mirror, card).await {
                    tracing::debug!("{channel} is not mirrored: {refusal}");
                }
            }
            Ok((status, _)) => tracing::debug!("{channel} is not mirrored: {status}"),
            Err(error) => tracing::debug!("{channel} is not mirrored: {error}"),
        }
    }
}
