//! What the supervision knows of an opened source, whatever its kind.

use async_trait::async_trait;

use super::error::SourceError;
use super::pipeline::{SourcePipeline, Stopped};
use super::worker::Worker;

/// An opened source. It delivers by itself; dropping it ends it.
#[async_trait]
pub(super) trait Source: Send {
    /// Waits until it cannot go on, and says why.
    async fn failure(&mut self) -> SourceError;

    /// What must come for it to be well.
    fn expects(&self) -> Expects {
        Expects::Steady
    }
}

/// What must come from a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expects {
    /// Something all the time.
    Steady,
    /// Something at first; later there may be pauses, as in a file whose sound is longer than its picture.
    First,
    /// Nothing.
    Nothing,
}

/// A source that is one pipeline, and nothing else.
pub(super) struct Device {
    pub(super) pipeline: SourcePipeline,
    /// Words for why it stopped.
    pub(super) explain: Box<dyn Fn(Stopped) -> SourceError + Send + Sync>,
}

#[async_trait]
impl Source for Device {
    async fn failure(&mut self) -> SourceError {
        let stopped = self.pipeline.stopped().await;
        (self.explain)(stopped)
    }
}

#[async_trait]
impl Source for Worker {
    async fn failure(&mut self) -> SourceError {
        Self::failure(self).await
    }
}

/// No source: silence is filled in by the receiver.
pub(super) struct Nothing;

#[async_trait]
impl Source for Nothing {
    async fn failure(&mut self) -> SourceError {
        std::future::pending().await
    }

    fn expects(&self) -> Expects {
        Expects::Nothing
    }
}
