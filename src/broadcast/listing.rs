//! Has the broadcast listed at a hub: signs a card and brings it there, again and again while live, and takes it off the
//! list at the end.
//!
//! Not here: what is listed (the engine says), and what a hub makes of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use catalogue::{Card, CardSigner, MAX_THUMBNAIL_LEN};
use hyper::StatusCode;
use image::DynamicImage;
use serde::{Deserialize, Serialize};
use swarm::{BroadcastId, Details, UnixMillis};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::program::Program;
use crate::capture::{PictureFormat, still};
use crate::http_client::{HttpClient, HttpError};
use crate::texts::Message;
use crate::thumbnail;

/// How often a card is renewed. A hub that has lost its list, by a restart, lists the channel again within 10 s of its
/// return; and a thumbnail older than that does not show what is on.
const RENEWAL: Duration = Duration::from_secs(8);
/// How soon it is tried again where the hub does not answer.
const RETRY: Duration = Duration::from_secs(3);
/// The pause between two cards when what they say changes: as often as hubs take them in the long run.
const CHANGE: Duration = Duration::from_secs(4);
/// How long taking it off the list may take at the end. It expires by itself in a minute.
const FAREWELL: Duration = Duration::from_secs(3);
/// The longest answer of a hub.
const MAX_ANSWER_LEN: usize = 16 * 1024;
/// The longest reason of a hub's that is shown, in characters.
const MAX_REASON_CHARS: usize = 200;

/// Whether people find the broadcast on the front page of the hub whose link is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listed {
    /// Whether they do; or else only who has the link finds it.
    pub wanted: bool,
    /// Whether they see no picture of it. It holds on while it is not listed, so that listing it again shows none.
    pub without_picture: bool,
}

/// How it stands with the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ListingState {
    /// It is not to be listed, or has not been yet.
    #[default]
    NotListed,
    /// It is.
    Listed,
    /// It is not, for this reason; it is tried again.
    Failed(Message),
}

/// What is said of a live broadcast.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) broadcast: BroadcastId,
    pub(super) started_at: UnixMillis,
    pub(super) details: Details,
    pub(super) paused: bool,
    pub(super) viewers: usize,
    /// The format of the picture that is on; `None` where none is to be shown.
    pub(super) picture: Option<PictureFormat>,
}

impl Said {
    /// Whether there is news in it that should not wait for the next renewal.
    fn is_news_after(&self, before: &Self) -> bool {
        let viewers = before.viewers;
        Self {
            viewers,
            ..self.clone()
        } != *before
    }
}

/// Where it is to be listed, and what is always said.
#[derive(Debug)]
pub(super) struct Place {
    /// The hub's page.
    pub(super) page: String,
    pub(super) trackers: Vec<String>,
    pub(super) stun: Vec<String>,
}

/// Has broadcasts listed at a hub.
pub(super) struct Publisher {
    said: watch::Sender<Option<Said>>,
    state: watch::Receiver<ListingState>,
    task: JoinHandle<()>,
}

impl Publisher {
    pub(super) fn start(
        place: Place,
        signer: CardSigner,
        program: Arc<Program>,
    ) -> Result<Self, HttpError> {
        let (said, wanted) = watch::channel(None);
        let (state, states) = watch::channel(ListingState::NotListed);
        let publishing = Publishing {
            url: format!("{}catalogue", folder(&place.page)),
            place,
            signer,
            program,
            client: HttpClient::new()?,
            wanted,
            state,
            listed: None,
            thumbnail: None,
            clock: Clock::default(),
        };
        Ok(Self {
            said,
            state: states,
            task: tokio::spawn(publishing.run()),
        })
    }

    /// What is to be said from now on; `None` to be taken off the list.
    pub(super) fn say(&self, said: Option<Said>) {
        self.said.send_if_modified(|before| {
            let is_news = match (&said, &*before) {
                (Some(said), Some(before)) => said.is_news_after(before),
                (None, None) => false,
                _ => true,
            };
            *before = said;
            is_news
        });
    }

    pub(super) fn state(&self) -> ListingState {
        self.state.borrow().clone()
    }

    /// Takes the broadcast off the list and ends.
    pub(super) async fn close(self) {
        let Self { said, mut task, .. } = self;
        said.send_replace(None);
        drop(said);
        if timeout(FAREWELL, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// The task's state.
struct Publishing {
    url: String,
    place: Place,
    signer: CardSigner,
    program: Arc<Program>,
    client: HttpClient,
    wanted: watch::Receiver<Option<Said>>,
    state: watch::Sender<ListingState>,
    /// The broadcast that the hub has been told of.
    listed: Option<BroadcastId>,
    /// The last picture: while paused nobody is shown a newer one.
    thumbnail: Option<Bytes>,
    clock: Clock,
}

/// What comes of a card.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{0}")]
    Refused(String),
    #[error("it is no hub (it answers {0}); look at its address")]
    NoHub(StatusCode),
}

impl From<&Failure> for Message {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Http(HttpError::Unreachable(why)) => {
                Self::new("why-hub-unreachable").with("why", why.as_str())
            }
            Failure::Http(HttpError::NoAnswer) => Self::new("why-hub-silent"),
            Failure::NoHub(status) => Self::new("why-no-hub").with("status", status.to_string()),
            // The hub's own words, and what no streamer can do anything about.
            Failure::Refused(_) | Failure::Http(_) => Self::verbatim(failure),
        }
    }
}

/// What a hub answers.
#[derive(Deserialize)]
struct Answer {
    now: u64,
    refused: Option<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    reason: String,
}

impl Publishing {
    async fn run(mut self) {
        let mut due = Instant::now();
        loop {
            let wanted = self.wanted.borrow_and_update().clone();
            let wait = match wanted {
                Some(said) => self.renew(&said).await,
                None => {
                    self.withdraw().await;
                    None
                }
            };
            let sent = Instant::now();
            if let Some(wait) = wait {
                due = sent + wait;
            }
            tokio::select! {
                changed = self.wanted.changed() => {
                    if changed.is_err() {
                        // Nobody has anything more to say; what was said last has been followed.
                        return;
                    }
                    let is_over = self.wanted.borrow().is_none();
                    if wait.is_some() && !is_over {
                        // What is said meanwhile is in the same card; that it is over does not wait.
                        let until = due.min(sent + CHANGE);
                        tokio::select! {
                            () = sleep_until(until) => {}
                            _ = self.wanted.wait_for(Option::is_none) => {}
                        }
                    }
                }
                () = sleep_until(due), if wait.is_some() => {}
            }
        }
    }

    /// Brings a card. Returns after how long the next one is due.
    async fn renew(&mut self, said: &Said) -> Option<Duration> {
        self.look(said).await;
        let card = Card {
            issued_at: UnixMillis(0),
            broadcast: said.broadcast,
            withdrawn: false,
            paused: said.paused,
            started_at: said.started_at,
            viewers: u32::try_from(said.viewers).unwrap_or(u32::MAX),
            details: said.details.clone(),
            trackers: self.place.trackers.clone(),
            stun: self.place.stun.clone(),
            thumbnail: self.thumbnail.clone(),
        };
        match self.bring(card).await {
            Ok(()) => {
                self.listed = Some(said.broadcast);
                self.show(ListingState::Listed);
                Some(RENEWAL)
            }
            Err(failure) => {
                self.show(ListingState::Failed((&failure).into()));
                Some(match failure {
                    Failure::Http(_) => RETRY,
                    Failure::Refused(_) | Failure::NoHub(_) => RENEWAL,
                })
            }
        }
    }

    async fn withdraw(&mut self) {
        self.thumbnail = None;
        self.show(ListingState::NotListed);
        if let Some(broadcast) = self.listed.take() {
            let card = Card::withdrawal(broadcast, UnixMillis(0));
            if let Err(failure) = self.bring(card).await {
                tracing::debug!("the hub is not told that it is over: {failure}");
            }
        }
    }

    /// Takes a new picture of what is on.
    async fn look(&mut self, said: &Said) {
        let Some(format) = said.picture else {
            self.thumbnail = None;
            return;
        };
        let standing = self.program.standing();
        let Some(picture) = standing.filter(|_| !said.paused) else {
            return;
        };
        let drawing = tokio::task::spawn_blocking(move || {
            let pixels = still(&picture, format, thumbnail::WIDTH)?;
            thumbnail::encode(&DynamicImage::from(pixels)).ok()
        });
        // A picture that cannot be drawn is none, and so is one that no hub takes.
        let drawn = drawing.await.ok().flatten();
        self.thumbnail = drawn.filter(|jpeg| jpeg.len() <= MAX_THUMBNAIL_LEN);
    }

    /// Signs and brings a card, once more where the hub's clock and ours are found to differ.
    async fn bring(&mut self, card: Card) -> Result<(), Failure> {
        let refused = match self.bring_now(&card).await? {
            Some((refused, theirs)) if matches!(&*refused.code, "stale" | "ahead") => {
                self.clock.set(theirs);
                self.bring_now(&card).await?.map(|(refused, _)| refused)
            }
            other => other.map(|(refused, _)| refused),
        };
        match refused {
            None => Ok(()),
            Some(refused) => {
                let reason = refused.reason.chars().filter(|char| !char.is_control());
                Err(Failure::Refused(reason.take(MAX_REASON_CHARS).collect()))
            }
        }
    }

    async fn bring_now(&mut self, card: &Card) -> Result<Option<(Refused, UnixMillis)>, Failure> {
        let card = Card {
            issued_at: self.clock.next(),
            ..card.clone()
        };
        let signed = self.signer.sign(&card);
        let (status, body) = self.client.post(&self.url, signed, MAX_ANSWER_LEN).await?;
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| Failure::NoHub(status))?;
        Ok(answer
            .refused
            .map(|refused| (refused, UnixMillis(answer.now))))
    }

    fn show(&self, state: ListingState) {
        self.state.send_if_modified(|shown| {
            let is_new = *shown != state;
            *shown = state;
            is_new
        });
    }
}

/// The hub's clock, as far as it is known, and never the same time twice.
#[derive(Debug, Default)]
struct Clock {
    ahead_millis: i64,
    last: u64,
}

impl Clock {
    fn set(&mut self, theirs: UnixMillis) {
        let theirs = i64::try_from(theirs.0).unwrap_or(i64::MAX);
        self.ahead_millis = theirs.saturating_sub(ours());
        self.last = 0;
    }

    fn next(&mut self) -> UnixMillis {
        let now = ours().saturating_add(self.ahead_millis);
        self.last = u64::try_from(now).unwrap_or(0).max(self.last + 1);
        UnixMillis(self.last)
    }
}

fn ours() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since_epoch.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// Where a page's own things are: its address up to the last `/`.
fn folder(page: &str) -> &str {
    page.rsplit_once('/')
        .map_or(page, |(folder, _)| &page[..folder.len() + 1])
}

#[cfg(test)]
mod tests;
