//! Puts together what the picture, the sound and the overlay say of themselves.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::{CaptureState, SourceState};

/// All states, for whoever watches.
pub(super) struct Reporting {
    each: Mutex<Each>,
    combined: watch::Sender<CaptureState>,
}

struct Each {
    picture: SourceState,
    sound: SourceState,
    overlay: SourceState,
    overlay_is_shown: bool,
    /// Whether the sound comes with the picture, so that what is said of the one holds for the other.
    sound_is_the_pictures: bool,
}

impl Reporting {
    pub(super) fn new() -> Self {
        let each = Each {
            picture: SourceState::Opening,
            sound: SourceState::Opening,
            overlay: SourceState::Opening,
            overlay_is_shown: false,
            sound_is_the_pictures: false,
        };
        let combined = watch::Sender::new(each.combined());
        Self {
            each: Mutex::new(each),
            combined,
        }
    }

    pub(super) fn watch(&self) -> watch::Receiver<CaptureState> {
        self.combined.subscribe()
    }

    pub(super) fn picture(&self, state: SourceState) {
        self.change(|each| each.picture = state);
    }

    pub(super) fn sound(&self, state: SourceState) {
        self.change(|each| each.sound = state);
    }

    pub(super) fn overlay(&self, state: SourceState) {
        self.change(|each| each.overlay = state);
    }

    /// Whether there is an overlay at all.
    pub(super) fn overlay_is_shown(&self, it_is: bool) {
        self.change(|each| {
            if it_is && !each.overlay_is_shown {
                each.overlay = SourceState::Opening;
            }
            each.overlay_is_shown = it_is;
        });
    }

    pub(super) fn all(&self, state: SourceState) {
        self.change(|each| {
            each.picture = state.clone();
            each.overlay = state.clone();
            each.sound = state;
        });
    }

    pub(super) fn sound_is_the_pictures(&self, it_is: bool) {
        self.change(|each| each.sound_is_the_pictures = it_is);
    }

    fn change(&self, change: impl FnOnce(&mut Each)) {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut each);
        let combined = each.combined();
        // Under the lock, so that the last word stays the last.
        self.combined.send_if_modified(|said| {
            let is_new = *said != combined;
            *said = combined;
            is_new
        });
    }
}

impl Each {
    fn combined(&self) -> CaptureState {
        let sound = if self.sound_is_the_pictures {
            &self.picture
        } else {
            &self.sound
        };
        CaptureState {
            video: self.picture.clone(),
            sound: sound.clone(),
            overlay: self.overlay_is_shown.then(|| self.overlay.clone()),
        }
    }
}
