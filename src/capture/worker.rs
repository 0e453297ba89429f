//! A thread of its own for a source that makes its pictures or sound itself, rather than a GStreamer element.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::error::SourceError;
use crate::texts::Message;

/// A thread that takes one step after another until it is dropped or a step fails.
pub(super) struct Worker {
    /// Dropped to stop the thread.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    failure: oneshot::Receiver<SourceError>,
}

impl Worker {
    /// Starts one. `step` says how long to wait for the next.
    pub(super) fn start(
        name: &str,
        mut step: impl FnMut() -> Result<Duration, SourceError> + Send + 'static,
    ) -> Result<Self, SourceError> {
        let (stop, stopped) = mpsc::channel();
        let (fail, failure) = oneshot::channel();
        let run = move || {
            loop {
                match step() {
                    Ok(wait) => match stopped.recv_timeout(wait) {
                        Err(mpsc::RecvTimeoutError::Timeout) => {}
                        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
                    },
                    Err(error) => {
                        // Nobody listens any more when it is being dropped.
                        let _ = fail.send(error);
                        return;
                    }
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(run)
            .map_err(|error| SourceError::Failed {
                source_name: Message::new("name-program"),
                reason: format!("no thread can be started ({error})"),
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
            failure,
        })
    }

    /// Waits for a step to fail.
    pub(super) async fn failure(&mut self) -> SourceError {
        match (&mut self.failure).await {
            Ok(error) => error,
            // The thread ended without a word, which it does only when it is told to.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic has been reported on standard error already.
            let _ = thread.join();
        }
    }
}
