//! Where a source delivers to: the receiver while the source is the picked one, and nowhere after that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::stage::Stage;
use super::{MediaReceiver, Picture, PictureFormat, Sound, clock_time};

/// For one opened source's pictures.
pub(super) struct PictureOutlet {
    stage: Arc<Stage>,
    place: Place,
    format: PictureFormat,
    deliveries: Arc<Deliveries>,
}

/// Where a source's pictures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// They are the picture.
    Beneath,
    /// They lie over a corner of it.
    Overlay,
}

/// For one opened source's sound.
pub(super) struct SoundOutlet {
    receiver: Arc<dyn MediaReceiver>,
    /// Whether this sound is the picked one; a file's own sound may not be.
    heard: Arc<AtomicBool>,
    deliveries: Arc<Deliveries>,
}

impl PictureOutlet {
    pub(super) fn new(
        stage: Arc<Stage>,
        place: Place,
        format: PictureFormat,
        deliveries: Arc<Deliveries>,
    ) -> Self {
        Self {
            stage,
            place,
            format,
            deliveries,
        }
    }

    /// How its pictures are to be.
    pub(super) fn format(&self) -> PictureFormat {
        self.format
    }

    /// Where they are shown.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Passes a picture on.
    pub(super) fn deliver(&self, picture: Picture) {
        if !self.deliveries.count() {
            return;
        }
        match self.place {
            Place::Beneath => self.stage.show_beneath(picture, self.format),
            Place::Overlay => self.stage.show_overlay(picture, self.format),
        }
    }
}

impl SoundOutlet {
    pub(super) fn new(
        receiver: Arc<dyn MediaReceiver>,
        heard: Arc<AtomicBool>,
        deliveries: Arc<Deliveries>,
    ) -> Self {
        Self {
            receiver,
            heard,
            deliveries,
        }
    }

    /// Passes sound on.
    pub(super) fn deliver(&self, sound: Sound) {
        if self.deliveries.count() && self.heard.load(Ordering::Relaxed) {
            self.receiver.sound(sound);
        }
    }
}

/// Whether and when a source delivered.
#[derive(Default)]
pub(super) struct Deliveries {
    /// When the last one was, in nanoseconds of the clock; 0 before the first.
    last: AtomicU64,
    /// Set when another source took over. One that is slow to end must not be mixed with the next.
    closed: Arc<AtomicBool>,
}

impl Deliveries {
    /// For what is closed together with this, and counted apart: the sound that belongs to a picture.
    pub(super) fn companion(&self) -> Self {
        Self {
            last: AtomicU64::default(),
            closed: self.closed.clone(),
        }
    }

    /// Counts one, unless closed.
    fn count(&self) -> bool {
        if self.closed.load(Ordering::Acquire) {
            return false;
        }
        let now = clock_time().nseconds().max(1);
        self.last.store(now, Ordering::Relaxed);
        true
    }

    /// Nothing more passes.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// How long ago the last one was; `None` before the first.
    pub(super) fn since_last(&self) -> Option<Duration> {
        match self.last.load(Ordering::Relaxed) {
            0 => None,
            last => {
                let now = clock_time().nseconds();
                Some(Duration::from_nanos(now.saturating_sub(last)))
            }
        }
    }
}
