//! When there is recorded, and what: at most one file at a time, which begins and ends with the broadcast, or within it.

use std::path::PathBuf;

use super::Recording;
use crate::recording::{Recorder, RecordingError, RecordingOptions};
use crate::segmenter::{InitSegment, MediaSegment};

/// The recording that is wanted, and the one that goes on.
#[derive(Default)]
pub(super) struct Recordings {
    wanted: Wanted,
    running: Option<Recorder>,
    /// What the broadcast that is on began with.
    init: Option<InitSegment>,
}

#[derive(Default)]
enum Wanted {
    #[default]
    Nothing,
    /// As soon as there is a key frame.
    File(RecordingOptions),
    /// Not before the person has said that the file there may be replaced.
    Answer(RecordingOptions),
    /// It is there, whole.
    Done(PathBuf),
}

impl Recordings {
    /// Records into a file from the next key frame on, now or when a broadcast begins.
    pub(super) fn begin(&mut self, options: RecordingOptions) {
        self.wanted = if options.is_in_the_way() {
            Wanted::Answer(options)
        } else {
            Wanted::File(options)
        };
    }

    /// A broadcast begins.
    pub(super) fn init(&mut self, init: InitSegment) {
        self.init = Some(init);
    }

    /// The next segment of the broadcast.
    ///
    /// # Errors
    ///
    /// When the recording could not begin, or has ended by itself.
    pub(super) fn segment(&mut self, segment: &MediaSegment) -> Result<(), RecordingError> {
        if let Some(recorder) = &self.running {
            if recorder.record(segment.clone()) {
                return Ok(());
            }
            // Its thread has ended, or is as slow as the disk; the latter is left to end by itself.
            return match self.running.take() {
                Some(recorder) => recorder.give_up(),
                None => Ok(()),
            };
        }
        let Some(init) = self.init.clone().filter(|_| segment.key_frame) else {
            return Ok(());
        };
        match std::mem::take(&mut self.wanted) {
            Wanted::File(options) => {
                let recorder = Recorder::start(options, init)?;
                // The queue is empty.
                recorder.record(segment.clone());
                self.running = Some(recorder);
            }
            other => self.wanted = other,
        }
        Ok(())
    }

    /// There will be no more segments, or they are not wanted: what is recorded is completed.
    pub(super) async fn end(&mut self) -> Result<(), RecordingError> {
        self.init = None;
        self.complete().await
    }

    /// Nothing is recorded any more.
    pub(super) async fn stop(&mut self) -> Result<(), RecordingError> {
        self.wanted = Wanted::Nothing;
        self.complete().await
    }

    async fn complete(&mut self) -> Result<(), RecordingError> {
        let Some(recorder) = self.running.take() else {
            return Ok(());
        };
        let path = recorder.path().to_owned();
        match tokio::task::spawn_blocking(move || recorder.finish()).await {
            Ok(finished) => finished?,
            // The task is never cancelled; what else ends it is a panic, which goes on here.
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        };
        self.wanted = Wanted::Done(path);
        Ok(())
    }

    /// What a person is shown.
    pub(super) fn shown(&self) -> Recording {
        if let Some(recorder) = &self.running {
            return Recording::Running(recorder.path().to_owned(), recorder.progress());
        }
        match &self.wanted {
            Wanted::Nothing => Recording::Off,
            Wanted::File(options) => Recording::Ready(options.path.clone()),
            Wanted::Answer(options) => Recording::InTheWay(options.path.clone()),
            Wanted::Done(path) => Recording::Done(path.clone()),
        }
    }
}
