//! Finds out which encoders this machine has, on a thread of its own, when somebody wants to know.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::segmenter::{FoundEncoder, find_encoders};

/// What was found; `None` before anybody looked.
pub(super) type Found = Option<Arc<[FoundEncoder]>>;

/// The search. Trying the encoders takes seconds at most, which its end waits for.
pub(super) struct EncoderSearch {
    found: watch::Sender<Found>,
    task: Option<JoinHandle<()>>,
}

impl EncoderSearch {
    pub(super) fn new() -> Self {
        Self {
            found: watch::channel(None).0,
            task: None,
        }
    }

    /// What was found last.
    pub(super) fn found(&self) -> watch::Receiver<Found> {
        self.found.subscribe()
    }

    /// Looks, unless it is being looked already.
    pub(super) fn look(&mut self) {
        if self.task.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let found = self.found.clone();
        self.task = Some(tokio::task::spawn_blocking(move || {
            found.send_replace(Some(find_encoders().into()));
        }));
    }

    /// Waits for a search that is on.
    pub(super) async fn close(self) {
        if let Some(task) = self.task {
            // A panic in it has been shown by its hook.
            let _ = task.await;
        }
    }
}
