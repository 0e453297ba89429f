//! Capture at work: picture, sound and overlay, each supervised on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::overlay::{OverlayHalf, OverlayJob, source_format};
use super::picture::{PictureHalf, PictureJob};
use super::preview::Preview;
use super::reporting::Reporting;
use super::sound::{SoundHalf, SoundJob};
use super::stage::Stage;
use super::supervision::{Half, Pick, supervise};
use super::{
    CaptureState, Input, MediaReceiver, Overlay, PictureFormat, PreviewFrame, SourceState,
};
use crate::texts::Message;

/// A device that hangs while it is opened or closed is left behind after this long.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Runs the picked picture, sound and overlay and hands what they deliver to a receiver. It keeps at it: a source that fails is
/// tried again until it works or another one is picked. Dropping it ends all pipelines and threads.
pub struct Capture {
    picture: watch::Sender<Pick<PictureJob>>,
    sound: watch::Sender<Pick<SoundJob>>,
    overlay: watch::Sender<Pick<OverlayJob>>,
    stage: Arc<Stage>,
    own_sound_is_heard: Arc<AtomicBool>,
    reporting: Arc<Reporting>,
    preview: watch::Receiver<Option<Arc<PreviewFrame>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Capture {
    /// Opens `input` in the background, without an overlay. `preview`: whether preview frames are made.
    pub fn start(
        input: Input,
        format: PictureFormat,
        receiver: Arc<dyn MediaReceiver>,
        preview: bool,
    ) -> Self {
        let reporting = Arc::new(Reporting::new());
        let own_sound_is_heard = Arc::new(AtomicBool::new(false));
        let (frames, preview_frames) = watch::channel(None);
        let (picture, picture_picks) = watch::channel(Pick::first(PictureJob::of(&input, format)));
        let (sound, sound_picks) = watch::channel(Pick::first(SoundJob::of(&input)));
        let no_overlay = OverlayJob::of(&Overlay::default(), &input.video, format);
        let (overlay, overlay_picks) = watch::channel(Pick::first(no_overlay));
        let started = super::init();
        let preview = match &started {
            Ok(()) if preview => start_preview(frames),
            _ => None,
        };
        let stage = Arc::new(Stage::new(receiver.clone(), preview, format));
        let mut capture = Self {
            picture,
            sound,
            overlay,
            stage: stage.clone(),
            own_sound_is_heard: own_sound_is_heard.clone(),
            reporting: reporting.clone(),
            preview: preview_frames,
            threads: Vec::new(),
        };
        if let Err(error) = started {
            reporting.all(SourceState::Gone(error.message()));
            return capture;
        }
        capture.hear_own(&input);
        let picture = PictureHalf {
            receiver: receiver.clone(),
            stage: stage.clone(),
            reporting: reporting.clone(),
            own_sound_is_heard,
        };
        let sound = SoundHalf {
            receiver: receiver.clone(),
            reporting: reporting.clone(),
        };
        let overlay = OverlayHalf {
            stage,
            receiver,
            reporting,
        };
        capture.run("picture", picture, picture_picks);
        capture.run("sound", sound, sound_picks);
        capture.run("overlay", overlay, overlay_picks);
        capture
    }

    /// Changes to another input, or tries the same again at once. It does not wait. Where only one of picture and sound
    /// changes, the other goes on untouched.
    pub fn set_input(&self, input: Input) {
        let format = self.format();
        let (picture, sound) = (PictureJob::of(&input, format), SoundJob::of(&input));
        let again = self.picture.borrow().job == picture && self.sound.borrow().job == sound;
        self.hear_own(&input);
        // An overlay that was refused as the picture's own camera is tried over another one.
        let overlay = self.overlay.borrow().job.clone().over(&input.video);
        pick(&self.overlay, overlay, false);
        pick(&self.picture, picture, again);
        pick(&self.sound, sound, again);
    }

    /// Shows that overlay from now on, or none; or tries the same again at once. It does not wait. Another place or size
    /// does not touch the source, and nothing of it touches the picture beneath.
    pub fn set_overlay(&self, overlay: &Overlay) {
        let beneath = self.picture.borrow().job.source.clone();
        let job = OverlayJob::of(overlay, &beneath, self.format());
        let again = self.overlay.borrow().job == job;
        let place = overlay.shown.then_some((overlay.corner, overlay.size));
        self.stage.place(place);
        self.reporting.overlay_is_shown(overlay.shown);
        pick(&self.overlay, job, again);
    }

    /// The format in which pictures are delivered.
    pub fn format(&self) -> PictureFormat {
        self.picture.borrow().job.format
    }

    /// Delivers pictures in another format from now on. It does not wait.
    pub fn set_format(&self, format: PictureFormat) {
        let job = PictureJob {
            format,
            ..self.picture.borrow().job.clone()
        };
        self.stage.set_format(format);
        let overlay = OverlayJob {
            format: source_format(format),
            ..self.overlay.borrow().job.clone()
        };
        pick(&self.picture, job, false);
        pick(&self.overlay, overlay, false);
    }

    /// How the picked sources are doing.
    pub fn states(&self) -> watch::Receiver<CaptureState> {
        self.reporting.watch()
    }

    /// The newest preview frame; `None` before the first, and always where no preview is made.
    pub fn preview(&self) -> watch::Receiver<Option<Arc<PreviewFrame>>> {
        self.preview.clone()
    }

    fn hear_own(&self, input: &Input) {
        let is_heard = SoundJob::of(input) == SoundJob::OfPicture;
        self.own_sound_is_heard.store(is_heard, Ordering::Relaxed);
        self.reporting.sound_is_the_pictures(is_heard);
    }

    fn run<H: Half + Send + 'static>(
        &mut self,
        name: &str,
        half: H,
        picks: watch::Receiver<Pick<H::Job>>,
    ) {
        let reporting = self.reporting.clone();
        let run = move || match runtime() {
            Ok(runtime) => {
                runtime.block_on(supervise(half, picks));
                runtime.shutdown_timeout(SHUTDOWN);
            }
            Err(error) => cannot_run(&reporting, &error),
        };
        match std::thread::Builder::new().name(name.to_owned()).spawn(run) {
            Ok(thread) => self.threads.push(thread),
            Err(error) => cannot_run(&self.reporting, &error),
        }
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // All of them end when nobody can pick any more.
        let (picture, sound) = (self.picture.borrow().clone(), self.sound.borrow().clone());
        self.picture = watch::Sender::new(picture);
        self.sound = watch::Sender::new(sound);
        let overlay = self.overlay.borrow().clone();
        self.overlay = watch::Sender::new(overlay);
        for thread in self.threads.drain(..) {
            // A panic has been reported on standard error already.
            let _ = thread.join();
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn cannot_run(reporting: &Reporting, error: &std::io::Error) {
    reporting.all(SourceState::Gone(
        Message::new("source-no-thread").with("why", error.to_string()),
    ));
}

fn start_preview(frames: watch::Sender<Option<Arc<PreviewFrame>>>) -> Option<Arc<Preview>> {
    Preview::start(frames)
        .map(Arc::new)
        .inspect_err(|error| tracing::warn!(%error, "there is no preview"))
        .ok()
}

/// Changes what is picked; `again` also where it is the same.
fn pick<J: PartialEq>(picks: &watch::Sender<Pick<J>>, job: J, again: bool) {
    picks.send_if_modified(|pick| {
        let changed = pick.job != job;
        pick.job = job;
        pick.serial += u64::from(again);
        changed || again
    });
}
