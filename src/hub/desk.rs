//! Where cards arrive, whoever brings them: the one catalogue, the clocks, and the thumbnails' way through the decoder.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use catalogue::{
    Catalogue, Entry, Limits, Listing, Now, Origin, Policy, Query, Refusal, SignedCard,
};
use swarm::{ChannelId, Time, UnixMillis};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::metrics::Counters;
use crate::thumbnail;

/// How often what was not renewed is looked for.
const HOUSEKEEPING: Duration = Duration::from_secs(1);

/// Where cards arrive.
pub(super) struct Desk {
    catalogue: Mutex<Catalogue>,
    counters: Counters,
    /// Decoders that are at work at the same time.
    decoders: Semaphore,
    started: Instant,
}

/// What has come of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Listed,
    Withdrawn,
}

impl Desk {
    pub(super) fn new(limits: Limits, policy: Policy) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            catalogue: Mutex::new(Catalogue::new(limits, policy)),
            counters: Counters::default(),
            decoders: Semaphore::new(processors),
            started: Instant::now(),
        }
    }

    pub(super) fn now(&self) -> Now {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = since_epoch.unwrap_or_default().as_millis();
        Now {
            time: Time::from_epoch(self.started.elapsed()),
            wall: UnixMillis(u64::try_from(millis).unwrap_or(u64::MAX)),
        }
    }

    pub(super) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether this origin may bring a card now, which is asked before it is read.
    pub(super) fn knock(&self, origin: Origin) -> Result<(), Refusal> {
        let now = self.now();
        let answer = self.catalogue().knock(now, origin);
        answer.inspect_err(|refusal| self.counters.refused(refusal))
    }

    /// Lists what a card says, or says why not. Nothing that is listed already suffers from a refusal.
    pub(super) async fn take(&self, origin: Origin, bytes: Bytes) -> Result<Outcome, Refusal> {
        let taken = self.try_take(origin, bytes).await;
        match &taken {
            Ok(outcome) => self.counters.took(*outcome),
            Err(refusal) => self.counters.refused(refusal),
        }
        taken
    }

    async fn try_take(&self, origin: Origin, bytes: Bytes) -> Result<Outcome, Refusal> {
        let signed = SignedCard::open(&bytes)?;
        let outcome = if signed.card().withdrawn {
            Outcome::Withdrawn
        } else {
            Outcome::Listed
        };
        let now = self.now();
        let checked = self.catalogue().check(now, origin, signed)?;
        let picture = match checked.thumbnail() {
            Some(thumbnail) => Some(self.picture(thumbnail.clone()).await?),
            None => None,
        };
        let now = self.now();
        self.catalogue().list(now, checked, picture);
        Ok(outcome)
    }

    /// A picture of our own making: nothing of a stranger's file but its pixels is ever sent to anyone.
    async fn picture(&self, thumbnail: Bytes) -> Result<Bytes, Refusal> {
        // The semaphore is never closed.
        let turn = self.decoders.acquire().await;
        let drawn = tokio::task::spawn_blocking(move || thumbnail::redraw(&thumbnail)).await;
        drop(turn);
        match drawn {
            Ok(Ok(picture)) => Ok(picture),
            Ok(Err(error)) => Err(Refusal::Thumbnail(error.to_string())),
            // A decoder that panics has met what it does not understand.
            Err(_) => Err(Refusal::Thumbnail("it cannot be decoded".to_owned())),
        }
    }

    pub(super) fn find(&self, query: &Query) -> Listing {
        let now = self.now();
        self.catalogue().find(now.time, query)
    }

    pub(super) fn get(&self, channel: &ChannelId) -> Option<Arc<Entry>> {
        let now = self.now();
        self.catalogue().get(now.time, channel)
    }

    pub(super) fn last_heard(&self, channel: &ChannelId) -> Option<UnixMillis> {
        self.catalogue().last_heard(channel)
    }

    pub(super) fn set_policy(&self, policy: Policy) {
        self.catalogue().set_policy(policy);
    }

    pub(super) fn channels(&self) -> usize {
        self.catalogue().len()
    }

    fn catalogue(&self) -> MutexGuard<'_, Catalogue> {
        // It has no step after which it could be left half-changed by a panic that matters.
        self.catalogue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes what was not renewed off the list, until the hub stops.
pub(super) async fn keep_house(desk: Arc<Desk>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(HOUSEKEEPING);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let now = desk.now();
        desk.catalogue().expire(now.time);
    }
}
