//! The sound half of capture: which source a picked sound is.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;

use super::error::SourceError;
use super::gone::Notice;
use super::naming;
use super::outlet::{Deliveries, SoundOutlet};
use super::reporting::Reporting;
use super::source::{Nothing, Source};
use super::supervision::Half;
use super::{Input, MediaReceiver, SoundSource, SourceState, VideoSource};
use super::{computer_sound, microphone, test_source};
use crate::texts::Message;

/// What is to be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SoundJob {
    /// Nothing.
    Silence,
    /// What comes with the picture, from the picture's own pipeline.
    OfPicture,
    /// The test source's.
    Beep,
    /// A microphone.
    Microphone(Option<String>),
    /// What the computer plays.
    Computer,
}

impl SoundJob {
    pub(super) fn of(input: &Input) -> Self {
        match (&input.sound, &input.video) {
            (SoundSource::Own, VideoSource::Test | VideoSource::BusyTest) => Self::Beep,
            (SoundSource::Own, VideoSource::File(_)) => Self::OfPicture,
            (SoundSource::None | SoundSource::Own, _) => Self::Silence,
            (SoundSource::Microphone(device), _) => Self::Microphone(device.clone()),
            (SoundSource::Computer, _) => Self::Computer,
        }
    }
}

/// Opens sounds.
pub(super) struct SoundHalf {
    pub(super) receiver: Arc<dyn MediaReceiver>,
    pub(super) reporting: Arc<Reporting>,
}

#[async_trait]
impl Half for SoundHalf {
    type Job = SoundJob;

    async fn open(
        &self,
        job: &SoundJob,
        deliveries: Arc<Deliveries>,
    ) -> Result<Box<dyn Source>, SourceError> {
        let heard = Arc::new(AtomicBool::new(true));
        let outlet = SoundOutlet::new(self.receiver.clone(), heard, deliveries);
        match job {
            SoundJob::Silence | SoundJob::OfPicture => Ok(Box::new(Nothing)),
            SoundJob::Beep => Ok(Box::new(test_source::start_sound(outlet)?)),
            SoundJob::Microphone(device) => microphone::open(device.as_deref(), outlet).await,
            SoundJob::Computer => computer_sound::open(outlet).await,
        }
    }

    fn name(&self, job: &SoundJob) -> Message {
        match job {
            SoundJob::Microphone(_) => Message::new("name-microphone"),
            SoundJob::Computer => naming::computer_sound(),
            SoundJob::Silence | SoundJob::OfPicture | SoundJob::Beep => Message::new("name-sound"),
        }
    }

    fn say(&self, state: SourceState) {
        self.reporting.sound(state);
    }

    async fn notify_viewers(&self, _job: &SoundJob, _notice: Notice) {
        // Silence says it.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_sound_is_what_the_picture_has() {
        let of = |video, sound| SoundJob::of(&Input { video, sound });
        let file = VideoSource::File("clip.mp4".into());
        assert_eq!(of(VideoSource::Test, SoundSource::Own), SoundJob::Beep);
        assert_eq!(of(file.clone(), SoundSource::Own), SoundJob::OfPicture);
        assert_eq!(
            of(VideoSource::Camera(None), SoundSource::Own),
            SoundJob::Silence
        );
        assert_eq!(of(file, SoundSource::None), SoundJob::Silence);
    }
}
