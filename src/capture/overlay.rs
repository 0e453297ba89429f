//! A second picture, small, over a corner of the picked one: what is picked for it, where it lies, and what supervises
//! its source.
//!
//! Not here: drawing it (`stage`).

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::error::SourceError;
use super::gone::Notice;
use super::outlet::{Deliveries, PictureOutlet, Place, SoundOutlet};
use super::picture;
use super::reporting::Reporting;
use super::source::{Nothing, Source};
use super::stage::Stage;
use super::supervision::Half;
use super::{MediaReceiver, PictureFormat, SourceState, VideoSource};
use crate::segmenter::Resolution;
use crate::texts::Message;

/// A second picture over a corner of the picked one, such as the streamer's face over a screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overlay {
    /// Whether it is shown. Where it is not, its source is closed: no camera is on unseen.
    pub shown: bool,
    /// What is seen in it. What does not have the broadcast's shape is cut to it.
    pub source: VideoSource,
    /// In which corner.
    pub corner: Corner,
    /// How large.
    pub size: OverlaySize,
}

impl Default for Overlay {
    fn default() -> Self {
        Self {
            shown: false,
            source: VideoSource::Camera(None),
            corner: Corner::default(),
            size: OverlaySize::default(),
        }
    }
}

/// A corner of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Corner {
    /// Above, on the left.
    TopLeft,
    /// Above, on the right.
    TopRight,
    /// Below, on the left.
    BottomLeft,
    /// Below, on the right, where a screen has the least to show.
    #[default]
    BottomRight,
}

impl Corner {
    /// All of them, as one reads.
    pub const ALL: [Self; 4] = [
        Self::TopLeft,
        Self::TopRight,
        Self::BottomLeft,
        Self::BottomRight,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::TopLeft => "top-left",
            Self::TopRight => "top-right",
            Self::BottomLeft => "bottom-left",
            Self::BottomRight => "bottom-right",
        }
    }
}

/// How large an overlay is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverlaySize {
    /// A sixth of the picture's width.
    Small,
    /// A quarter of it.
    #[default]
    Medium,
    /// Three eighths of it.
    Large,
}

impl OverlaySize {
    /// All of them, from the smallest.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    /// Its size over a picture of that size: of the same shape, and even, as the colours of two rows and columns are one.
    pub(super) fn over(self, picture: Resolution) -> Resolution {
        let (part, of) = match self {
            Self::Small => (1, 6),
            Self::Medium => (1, 4),
            Self::Large => (3, 8),
        };
        let scaled = |length: u32| even(length * part / of).max(2);
        Resolution {
            width: scaled(picture.width),
            height: scaled(picture.height),
        }
    }
}

/// Where an overlay lies: its upper left pixel, and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) size: Resolution,
}

impl Area {
    /// Of an overlay over a picture of that size.
    pub(super) fn over(picture: Resolution, corner: Corner, size: OverlaySize) -> Self {
        let size = size.over(picture);
        // As wide as it is high, and so that neither hides what stands at the very edge.
        let margin = even(picture.width.min(picture.height) / 30);
        let far = |whole: u32, part: u32| even(whole.saturating_sub(part + margin));
        let (left, top) = (margin, margin);
        let right = far(picture.width, size.width);
        let bottom = far(picture.height, size.height);
        let (x, y) = match corner {
            Corner::TopLeft => (left, top),
            Corner::TopRight => (right, top),
            Corner::BottomLeft => (left, bottom),
            Corner::BottomRight => (right, bottom),
        };
        Self { x, y, size }
    }
}

fn even(length: u32) -> u32 {
    length / 2 * 2
}

/// The format in which an overlay's source delivers, whatever the size that is shown: one that is made larger need not be
/// opened anew.
pub(super) fn source_format(picture: PictureFormat) -> PictureFormat {
    PictureFormat {
        resolution: OverlaySize::Large.over(picture.resolution),
        ..picture
    }
}

/// What is to be opened.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OverlayJob {
    /// `None` while it is not shown.
    pub(super) source: Option<VideoSource>,
    /// Of its own pictures.
    pub(super) format: PictureFormat,
    /// Whether it is the camera that the picture beneath is of already: no camera can be opened twice.
    pub(super) is_beneath: bool,
}

impl OverlayJob {
    /// `format` is that of the whole picture.
    pub(super) fn of(overlay: &Overlay, beneath: &VideoSource, format: PictureFormat) -> Self {
        Self {
            source: overlay.shown.then(|| overlay.source.clone()),
            format: source_format(format),
            is_beneath: false,
        }
        .over(beneath)
    }

    /// The same over another picture.
    pub(super) fn over(self, beneath: &VideoSource) -> Self {
        let is_beneath =
            matches!(beneath, VideoSource::Camera(_)) && self.source.as_ref() == Some(beneath);
        Self { is_beneath, ..self }
    }
}

/// Opens overlays' sources.
pub(super) struct OverlayHalf {
    pub(super) stage: Arc<Stage>,
    pub(super) receiver: Arc<dyn MediaReceiver>,
    pub(super) reporting: Arc<Reporting>,
}

#[async_trait]
impl Half for OverlayHalf {
    type Job = OverlayJob;

    async fn open(
        &self,
        job: &OverlayJob,
        deliveries: Arc<Deliveries>,
    ) -> Result<Box<dyn Source>, SourceError> {
        let Some(source) = &job.source else {
            self.stage.remove_overlay();
            return Ok(Box::new(Nothing));
        };
        if job.is_beneath {
            return Err(SourceError::AlreadyBeneath);
        }
        let unheard = Arc::new(AtomicBool::new(false));
        let companion = Arc::new(deliveries.companion());
        let sound = SoundOutlet::new(self.receiver.clone(), unheard, companion);
        let outlet = PictureOutlet::new(self.stage.clone(), Place::Overlay, job.format, deliveries);
        picture::open(source, outlet, sound).await
    }

    fn name(&self, job: &OverlayJob) -> Message {
        let name = job.source.as_ref().map(picture::name);
        name.unwrap_or_else(|| Message::verbatim(""))
    }

    fn say(&self, state: SourceState) {
        self.reporting.overlay(state);
    }

    async fn notify_viewers(&self, _job: &OverlayJob, _notice: Notice) {
        // A face that stands still would look like one that is there.
        self.stage.remove_overlay();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_each_corner_and_size_it_lies_within_the_picture_on_even_pixels() {
        for (width, height) in [(64, 64), (426, 240), (854, 480), (1280, 720), (1080, 1920)] {
            for corner in Corner::ALL {
                for size in OverlaySize::ALL {
                    let area = Area::over(Resolution { width, height }, corner, size);
                    let numbers = [area.x, area.y, area.size.width, area.size.height];
                    assert!(numbers.iter().all(|n| n.is_multiple_of(2)), "{area:?}");
                    assert!(area.x + area.size.width <= width, "{area:?}");
                    assert!(area.y + area.size.height <= height, "{area:?}");
                    assert!(area.size.width >= 2 && area.size.height >= 2, "{area:?}");
                }
            }
        }
    }

    #[test]
    fn the_corners_do_not_touch_each_other() {
        let picture = Resolution {
            width: 1280,
            height: 720,
        };
        let [left, right] = [Corner::TopLeft, Corner::BottomRight]
            .map(|corner| Area::over(picture, corner, OverlaySize::Large));
        assert!(left.x + left.size.width < right.x);
        assert!(left.y + left.size.height < right.y);
    }

    #[test]
    fn a_camera_over_itself_is_known_and_another_one_or_a_file_is_not() {
        let format = PictureFormat {
            resolution: Resolution {
                width: 640,
                height: 360,
            },
            frames_per_second: 30,
        };
        let camera = |id: &str| VideoSource::Camera(Some(id.to_owned()));
        let job = |source: VideoSource, beneath: VideoSource| {
            let overlay = Overlay {
                shown: true,
                source,
                ..Overlay::default()
            };
            OverlayJob::of(&overlay, &beneath, format).is_beneath
        };
        assert!(job(camera("a"), camera("a")));
        assert!(!job(camera("b"), camera("a")));
        assert!(!job(VideoSource::Test, VideoSource::Test));
    }
}
