//! Keeps what capture delivers, for tests to look at.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use liveontorrent::capture::{
    Capture, CaptureState, Input, MediaReceiver, Picture, PictureFormat, Sound, SoundSource,
    VideoSource,
};
use liveontorrent::segmenter::Resolution;

/// Longer than anything takes here, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub const FORMAT: PictureFormat = PictureFormat {
    resolution: Resolution {
        width: 640,
        height: 360,
    },
    frames_per_second: 30,
};

#[derive(Default)]
pub struct Collected {
    pub pictures: Vec<Picture>,
    pub sounds: Vec<Sound>,
}

#[derive(Default)]
pub struct Collector {
    collected: Mutex<Collected>,
    changed: Condvar,
}

impl Collector {
    /// Waits until `find` finds what it looks for.
    pub fn wait_for<T>(&self, what: &str, mut find: impl FnMut(&Collected) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut collected = self.collected.lock().unwrap();
        loop {
            if let Some(found) = find(&collected) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited too long for {what}");
            collected = self.changed.wait_timeout(collected, left).unwrap().0;
        }
    }

    /// Waits until so many more pictures have come, and returns the last.
    pub fn picture_after(&self, more: usize) -> Picture {
        let before = self.collected.lock().unwrap().pictures.len();
        self.wait_for("pictures", |collected| {
            (collected.pictures.len() >= before + more)
                .then(|| collected.pictures.last().unwrap().clone())
        })
    }
}

impl MediaReceiver for Collector {
    fn picture(&self, picture: Picture) {
        let mut collected = self.collected.lock().unwrap();
        // Later tests look at the newest only; a minute of pictures would be gigabytes.
        let len = collected.pictures.len();
        if len >= 100 {
            let old = &mut collected.pictures[len - 100];
            old.buffer = gst::Buffer::new();
        }
        collected.pictures.push(picture);
        self.changed.notify_all();
    }

    fn sound(&self, sound: Sound) {
        self.collected.lock().unwrap().sounds.push(sound);
        self.changed.notify_all();
    }
}

/// Starts to capture into a collector.
pub fn capture(video: VideoSource, sound: SoundSource) -> (Capture, Arc<Collector>) {
    let collector = Arc::new(Collector::default());
    let input = Input { video, sound };
    let capture = Capture::start(input, FORMAT, collector.clone(), false);
    (capture, collector)
}

/// Waits until capture says what is looked for.
pub fn wait_for_state(
    capture: &Capture,
    what: &str,
    find: impl Fn(&CaptureState) -> bool,
) -> CaptureState {
    let deadline = Instant::now() + PATIENCE;
    let states = capture.states();
    loop {
        let state = states.borrow().clone();
        if find(&state) {
            return state;
        }
        assert!(
            Instant::now() < deadline,
            "waited too long for {what}: {state:?}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
