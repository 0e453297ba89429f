//! The picture half of capture: which source a picked picture is.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;

use super::error::SourceError;
use super::gone::{self, Notice};
use super::naming;
use super::outlet::{Deliveries, PictureOutlet, Place, SoundOutlet};
use super::reporting::Reporting;
use super::source::Source;
use super::stage::Stage;
use super::supervision::Half;
use super::test_source::Detail;
use super::{Input, MediaReceiver, PictureFormat, SourceState, VideoSource};
use super::{camera, file, screen, test_source};
use crate::texts::Message;

/// What is to be seen, and how.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PictureJob {
    pub(super) source: VideoSource,
    pub(super) format: PictureFormat,
}

impl PictureJob {
    pub(super) fn of(input: &Input, format: PictureFormat) -> Self {
        Self {
            source: input.video.clone(),
            format,
        }
    }
}

/// Opens pictures.
pub(super) struct PictureHalf {
    pub(super) receiver: Arc<dyn MediaReceiver>,
    pub(super) stage: Arc<Stage>,
    pub(super) reporting: Arc<Reporting>,
    /// Whether the own sound of the source is picked.
    pub(super) own_sound_is_heard: Arc<AtomicBool>,
}

impl PictureHalf {
    fn outlet(&self, format: PictureFormat, deliveries: Arc<Deliveries>) -> PictureOutlet {
        PictureOutlet::new(self.stage.clone(), Place::Beneath, format, deliveries)
    }

    /// For a file's own sound. It may have pauses or be missing, so it does not count as a sign of life.
    fn own_sound(&self, deliveries: &Deliveries) -> SoundOutlet {
        SoundOutlet::new(
            self.receiver.clone(),
            self.own_sound_is_heard.clone(),
            Arc::new(deliveries.companion()),
        )
    }
}

#[async_trait]
impl Half for PictureHalf {
    type Job = PictureJob;

    async fn open(
        &self,
        job: &PictureJob,
        deliveries: Arc<Deliveries>,
    ) -> Result<Box<dyn Source>, SourceError> {
        let own_sound = self.own_sound(&deliveries);
        let outlet = self.outlet(job.format, deliveries);
        open(&job.source, outlet, own_sound).await
    }

    fn name(&self, job: &PictureJob) -> Message {
        name(&job.source)
    }

    fn say(&self, state: SourceState) {
        self.reporting.picture(state);
    }

    async fn notify_viewers(&self, job: &PictureJob, notice: Notice) {
        let format = job.format;
        let drawn = tokio::task::spawn_blocking(move || gone::draw(notice, format)).await;
        match drawn {
            Ok(Ok(picture)) => self.stage.show_beneath(picture, format),
            Ok(Err(error)) => tracing::warn!(%error, "viewers cannot be told about the source"),
            Err(error) => tracing::warn!(%error, "viewers cannot be told about the source"),
        }
    }
}

/// Opens what shows pictures, whatever its kind. A file's sound goes to `own_sound`.
pub(super) async fn open(
    source: &VideoSource,
    outlet: PictureOutlet,
    own_sound: SoundOutlet,
) -> Result<Box<dyn Source>, SourceError> {
    let format = outlet.format();
    match source {
        VideoSource::Test => test_picture(format, Detail::Plain, outlet),
        VideoSource::BusyTest => test_picture(format, Detail::Busy, outlet),
        VideoSource::Screen(area) => screen::open(area, format, Arc::new(outlet)).await,
        VideoSource::Camera(id) => camera::open(id.as_deref(), format, outlet).await,
        VideoSource::File(path) => file::open(path, format, outlet, own_sound).await,
    }
}

/// Its name, to begin a sentence with.
pub(super) fn name(source: &VideoSource) -> Message {
    match source {
        VideoSource::Test | VideoSource::BusyTest => Message::new("name-test"),
        VideoSource::Screen(area) => naming::screen(area),
        VideoSource::Camera(_) => Message::new("name-camera"),
        VideoSource::File(path) => naming::file(path),
    }
}

fn test_picture(
    format: PictureFormat,
    detail: Detail,
    outlet: PictureOutlet,
) -> Result<Box<dyn Source>, SourceError> {
    Ok(Box::new(test_source::start_picture(
        format, detail, outlet,
    )?))
}
