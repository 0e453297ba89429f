//! Keeps a picked source going: opens it, notices when it fails or falls silent, says so, and tries again until it is
//! back or another one is picked.
//!
//! Picture and sound are supervised apart, each on its own thread, so that trouble with one does not touch the other.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::SourceState;
use super::error::SourceError;
use super::gone::Notice;
use super::outlet::Deliveries;
use super::source::{Expects, Source};
use crate::texts::Message;

/// How long after a failure the next attempt is made.
const RETRY: Duration = Duration::from_secs(1);
/// A running camera or screen that delivered nothing for this long is gone.
const STALL: Duration = Duration::from_secs(2);
/// Cameras take a second or two to their first picture.
const FIRST_DELIVERY: Duration = Duration::from_secs(5);
/// How often a source is looked at; short against the times above.
const LOOK: Duration = Duration::from_millis(50);
/// After this long viewers see that the source is being opened.
const SLOW_OPENING: Duration = Duration::from_millis(700);

/// What is picked, and how often it was picked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pick<J> {
    pub(super) job: J,
    /// Grows when the same is picked again, which opens a source anew that waits for a person.
    pub(super) serial: u64,
}

impl<J> Pick<J> {
    pub(super) fn first(job: J) -> Self {
        Self { job, serial: 0 }
    }
}

/// What is different between picture and sound.
#[async_trait]
pub(super) trait Half: Sync {
    /// What is to be opened, and how.
    type Job: Clone + PartialEq + Send + Sync;

    /// Opens it. It counts its deliveries in `deliveries`.
    async fn open(
        &self,
        job: &Self::Job,
        deliveries: Arc<Deliveries>,
    ) -> Result<Box<dyn Source>, SourceError>;
    /// The name of what is picked, to begin a sentence with.
    fn name(&self, job: &Self::Job) -> Message;
    /// Tells the program.
    fn say(&self, state: SourceState);
    /// Tells viewers that the picked source is not there, or not yet.
    async fn notify_viewers(&self, job: &Self::Job, notice: Notice);
}

/// Why a source is no longer at work.
enum Left {
    /// Another one was picked.
    Changed,
    /// Nobody picks any more.
    Over,
    /// It failed.
    Failed {
        error: SourceError,
        /// Whether something of it was seen or heard before.
        delivered: bool,
    },
}

/// Supervises what is picked until nobody picks any more.
pub(super) async fn supervise<H: Half>(half: H, mut picks: watch::Receiver<Pick<H::Job>>) {
    let mut retrying = false;
    loop {
        let pick = picks.borrow_and_update().clone();
        if !retrying {
            half.say(SourceState::Opening);
        }
        retrying = match work(&half, &pick.job, &mut picks, retrying).await {
            Left::Over => return,
            Left::Changed => false,
            Left::Failed { error, delivered } => {
                half.say(SourceState::Gone(error.message()));
                // While it is tried again and again in vain, viewers have been told.
                if delivered || !retrying {
                    half.notify_viewers(&pick.job, Notice::Gone).await;
                }
                match pause(&error, &pick, &mut picks).await {
                    Pause::TryAgain => true,
                    Pause::Picked => false,
                    Pause::Over => return,
                }
            }
        };
    }
}

/// Opens a source and stays with it for as long as it works.
async fn work<H: Half>(
    half: &H,
    job: &H::Job,
    picks: &mut watch::Receiver<Pick<H::Job>>,
    retrying: bool,
) -> Left {
    let deliveries = Arc::new(Deliveries::default());
    // Whatever ends it, and however slow it is to end: nothing of it is mixed with the next source.
    let _closed = Closed(&deliveries);
    let notice = async {
        sleep(SLOW_OPENING).await;
        if !retrying && deliveries.since_last().is_none() {
            half.notify_viewers(job, Notice::Opening).await;
        }
        std::future::pending().await
    };
    let at_work = async {
        match half.open(job, deliveries.clone()).await {
            Ok(source) => stay(half, job, source, &deliveries).await,
            Err(error) => error,
        }
    };
    tokio::select! {
        error = at_work => Left::Failed {
            error,
            delivered: deliveries.since_last().is_some(),
        },
        left = changed(job, picks) => left,
        left = notice => left,
    }
}

/// Watches an opened source until it fails.
async fn stay<H: Half>(
    half: &H,
    job: &H::Job,
    mut source: Box<dyn Source>,
    deliveries: &Deliveries,
) -> SourceError {
    let expects = source.expects();
    let mut is_running = false;
    let opened = Instant::now();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            error = source.failure() => return error,
            _ = look.tick() => {}
        }
        let since_last = deliveries.since_last();
        if !is_running && (since_last.is_some() || expects == Expects::Nothing) {
            is_running = true;
            half.say(SourceState::Running);
        }
        let silent = match (since_last, expects) {
            (_, Expects::Nothing) | (Some(_), Expects::First) => false,
            (None, _) => opened.elapsed() > FIRST_DELIVERY,
            (Some(since_last), Expects::Steady) => since_last > STALL,
        };
        if silent {
            return SourceError::Silent(half.name(job));
        }
    }
}

/// Waits until something else is picked.
async fn changed<J: PartialEq>(job: &J, picks: &mut watch::Receiver<Pick<J>>) -> Left {
    loop {
        if picks.changed().await.is_err() {
            return Left::Over;
        }
        if picks.borrow_and_update().job != *job {
            return Left::Changed;
        }
    }
}

/// What ends the pause after a failure.
enum Pause {
    TryAgain,
    Picked,
    Over,
}

async fn pause<J: PartialEq>(
    error: &SourceError,
    failed: &Pick<J>,
    picks: &mut watch::Receiver<Pick<J>>,
) -> Pause {
    let retry = async {
        if error.waits_for_the_person() {
            std::future::pending().await
        } else {
            sleep(RETRY).await
        }
    };
    tokio::pin!(retry);
    loop {
        tokio::select! {
            () = &mut retry => return Pause::TryAgain,
            picked = picks.changed() => match picked {
                Err(_) => return Pause::Over,
                Ok(()) if *picks.borrow_and_update() != *failed => return Pause::Picked,
                Ok(()) => {}
            },
        }
    }
}

/// Closes deliveries when it is dropped.
struct Closed<'a>(&'a Deliveries);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
