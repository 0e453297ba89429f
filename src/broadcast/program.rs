//! What is on: passes captured media to the encoder while a broadcast is live, and remembers the picture that stands.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::capture::{LevelMeter, MediaReceiver, Picture, Sound, SoundLevel};
use crate::segmenter::Segmenter;

/// Stands between capture, which always runs, and the segmenter, which runs while live.
#[derive(Default)]
pub(super) struct Program {
    state: Mutex<State>,
    meter: LevelMeter,
}

#[derive(Default)]
struct State {
    segmenter: Option<Arc<Segmenter>>,
    /// A source that does not move sends its picture once; a broadcast that begins later needs it.
    standing: Option<Picture>,
    muted: bool,
}

impl Program {
    /// From now on media goes to this segmenter, beginning with the picture that stands.
    pub(super) fn begin(&self, segmenter: Arc<Segmenter>) {
        let mut state = self.state();
        if let Some(picture) = state.standing.clone() {
            segmenter.picture(picture);
        }
        state.segmenter = Some(segmenter);
    }

    /// From now on media goes nowhere.
    pub(super) fn end(&self) {
        self.state().segmenter = None;
    }

    /// The broadcast stands still from now on.
    pub(super) fn pause(&self) {
        if let Some(segmenter) = &self.state().segmenter {
            segmenter.pause();
        }
    }

    /// It goes on, beginning with the picture that stands, which may have come meanwhile.
    pub(super) fn resume(&self) {
        let state = self.state();
        let Some(segmenter) = &state.segmenter else {
            return;
        };
        segmenter.resume();
        if let Some(picture) = state.standing.clone() {
            segmenter.picture(picture);
        }
    }

    /// Whether sound is kept back. The segmenter fills in silence.
    pub(super) fn set_muted(&self, muted: bool) {
        self.state().muted = muted;
    }

    pub(super) fn is_muted(&self) -> bool {
        self.state().muted
    }

    /// The pictures' size changes: the one that stands would not fit.
    pub(super) fn forget_picture(&self) {
        self.state().standing = None;
    }

    /// The picture that stands, if there is one.
    pub(super) fn standing(&self) -> Option<Picture> {
        self.state().standing.clone()
    }

    /// How loud the picked sound is, whether it is kept back or not.
    pub(super) fn levels(&self) -> watch::Receiver<SoundLevel> {
        self.meter.levels()
    }

    /// To be called now and then: sound that has ended is silence.
    pub(super) fn look_at_the_meter(&self) {
        self.meter.look();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Fields that are each whole at any time; a panic elsewhere leaves nothing half-done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MediaReceiver for Program {
    fn picture(&self, picture: Picture) {
        let segmenter = {
            let mut state = self.state();
            state.standing = Some(picture.clone());
            state.segmenter.clone()
        };
        if let Some(segmenter) = segmenter {
            segmenter.picture(picture);
        }
    }

    fn sound(&self, sound: Sound) {
        self.meter.hear(&sound);
        let segmenter = {
            let state = self.state();
            state.segmenter.clone().filter(|_| !state.muted)
        };
        if let Some(segmenter) = segmenter {
            segmenter.sound(sound);
        }
    }
}
