//! What is shown: the picked picture, and in a corner of it the overlay, where there is one.
//!
//! Each picture is put together when the one beneath comes. Beneath a picture that stands still, as a screen on which
//! nothing happens, the overlay's own pictures set the pace. It costs one copy of the picture, and scaling the overlay where
//! it is not shown as large as it is delivered; without an overlay, nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gst::ClockTime;

use super::error::SourceError;
use super::frames::FramePool;
use super::overlay::{Area, Corner, OverlaySize, source_format};
use super::pipeline::picture_info;
use super::preview::Preview;
use super::{MediaReceiver, Picture, PictureFormat, clock_time};
use crate::segmenter::Resolution;

/// Puts pictures together and passes them on.
pub(super) struct Stage {
    receiver: Arc<dyn MediaReceiver>,
    preview: Option<Arc<Preview>>,
    scene: Mutex<Scene>,
}

struct Scene {
    format: PictureFormat,
    /// The picture beneath, and when it came.
    beneath: Option<(Picture, ClockTime)>,
    /// The overlay's newest picture, as it was delivered.
    overlay: Option<gst::Buffer>,
    /// The same as large as it is shown.
    fitted: Option<(Resolution, gst::Buffer)>,
    /// Where it is shown.
    place: Option<(Corner, OverlaySize)>,
    drawing: Option<Drawing>,
    /// When the last picture that was passed on was captured.
    shown: ClockTime,
}

impl Stage {
    pub(super) fn new(
        receiver: Arc<dyn MediaReceiver>,
        preview: Option<Arc<Preview>>,
        format: PictureFormat,
    ) -> Self {
        let scene = Scene {
            format,
            beneath: None,
            overlay: None,
            fitted: None,
            place: None,
            drawing: None,
            shown: ClockTime::ZERO,
        };
        Self {
            receiver,
            preview,
            scene: Mutex::new(scene),
        }
    }

    /// Only pictures of this format are shown from now on.
    pub(super) fn set_format(&self, format: PictureFormat) {
        let mut scene = self.scene();
        if scene.format != format {
            scene.format = format;
            scene.beneath = None;
            scene.drawing = None;
            scene.take_overlay(None);
        }
    }

    /// Shows the overlay there, or not at all.
    pub(super) fn place(&self, place: Option<(Corner, OverlaySize)>) {
        let mut scene = self.scene();
        if scene.place != place {
            scene.place = place;
            if scene.overlay.is_some() {
                self.show(&mut scene, clock_time());
            }
        }
    }

    /// A picture of the picked source.
    pub(super) fn show_beneath(&self, picture: Picture, format: PictureFormat) {
        let mut scene = self.scene();
        if format == scene.format {
            let captured_at = picture.captured_at;
            scene.beneath = Some((picture, clock_time()));
            self.show(&mut scene, captured_at);
        }
    }

    /// A picture of the overlay's source.
    pub(super) fn show_overlay(&self, picture: Picture, format: PictureFormat) {
        let mut scene = self.scene();
        if format == source_format(scene.format) {
            scene.take_overlay(Some(picture.buffer));
            if scene.place.is_some() && scene.stands_still() {
                self.show(&mut scene, picture.captured_at);
            }
        }
    }

    /// The overlay's source has nothing to show.
    pub(super) fn remove_overlay(&self) {
        let mut scene = self.scene();
        if scene.overlay.is_some() {
            scene.take_overlay(None);
            self.show(&mut scene, clock_time());
        }
    }

    /// Passes on what there is to be seen. The scene stays locked meanwhile, so that pictures come in order; no receiver
    /// blocks.
    fn show(&self, scene: &mut Scene, captured_at: ClockTime) {
        // Two sources are not equally prompt.
        let captured_at = captured_at.max(scene.shown);
        if let Some(buffer) = scene.draw() {
            scene.shown = captured_at;
            let picture = Picture {
                buffer,
                captured_at,
            };
            if let Some(preview) = &self.preview {
                preview.push(&picture, scene.format);
            }
            self.receiver.picture(picture);
        }
    }

    fn scene(&self) -> MutexGuard<'_, Scene> {
        // A panic while drawing leaves pictures that are each whole.
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    fn take_overlay(&mut self, picture: Option<gst::Buffer>) {
        self.overlay = picture;
        self.fitted = None;
    }

    /// Whether nothing has come from beneath for longer than a source takes that is at work.
    fn stands_still(&self) -> bool {
        let frame = Duration::from_secs(1) / self.format.frames_per_second.max(1);
        let patience = ClockTime::from_nseconds(frame.as_nanos() as u64) * 3 / 2;
        self.beneath
            .as_ref()
            .is_some_and(|(_, came)| clock_time().saturating_sub(*came) > patience)
    }

    /// What is to be seen; nothing before the first picture.
    fn draw(&mut self) -> Option<gst::Buffer> {
        let (beneath, _) = self.beneath.as_ref()?;
        let beneath = beneath.buffer.clone();
        let (Some((corner, size)), Some(overlay)) = (self.place, self.overlay.clone()) else {
            return Some(beneath);
        };
        let area = Area::over(self.format.resolution, corner, size);
        let drawn = self.compose(&beneath, overlay, area);
        Some(drawn.unwrap_or_else(|error| {
            tracing::warn!(%error, "an overlay cannot be drawn");
            beneath
        }))
    }

    fn compose(
        &mut self,
        beneath: &gst::Buffer,
        overlay: gst::Buffer,
        area: Area,
    ) -> Result<gst::Buffer, SourceError> {
        let drawing = match &mut self.drawing {
            Some(drawing) if drawing.area.size == area.size => drawing,
            unfit => unfit.insert(Drawing::new(self.format, area)?),
        };
        drawing.area = area;
        let fitted = match &self.fitted {
            Some((size, fitted)) if *size == area.size => fitted.clone(),
            _ => {
                let fitted = drawing.fit(overlay)?;
                self.fitted = Some((area.size, fitted.clone()));
                fitted
            }
        };
        drawing.draw(beneath, &fitted)
    }
}

/// What it takes to draw overlays of one size.
struct Drawing {
    area: Area,
    delivered: gst_video::VideoInfo,
    fitted: gst_video::VideoInfo,
    /// `None` where it is shown as it is delivered.
    scaler: Option<gst_video::VideoConverter>,
    whole: FramePool,
}

impl Drawing {
    fn new(format: PictureFormat, area: Area) -> Result<Self, SourceError> {
        let delivered = picture_info(source_format(format))?;
        let fitted = picture_info(PictureFormat {
            resolution: area.size,
            ..format
        })?;
        let scaler = (delivered != fitted)
            .then(|| gst_video::VideoConverter::new(&delivered, &fitted, None))
            .transpose()
            .map_err(unfit)?;
        let whole = FramePool::new(gst_video::VideoFormat::I420, format.resolution)?;
        Ok(Self {
            area,
            delivered,
            fitted,
            scaler,
            whole,
        })
    }

    fn fit(&self, overlay: gst::Buffer) -> Result<gst::Buffer, SourceError> {
        let Some(scaler) = &self.scaler else {
            return Ok(overlay);
        };
        let from = gst_video::VideoFrame::from_buffer_readable(overlay, &self.delivered)
            .map_err(|_| unfit("it is smaller than it is said to be"))?;
        let room = gst::Buffer::with_size(self.fitted.size()).map_err(unfit)?;
        let mut to = gst_video::VideoFrame::from_buffer_writable(room, &self.fitted)
            .map_err(|_| unfit("there is no memory for it"))?;
        scaler.frame(&from, &mut to);
        Ok(to.into_buffer())
    }

    /// A copy of what is beneath, with the overlay over it.
    fn draw(
        &self,
        beneath: &gst::Buffer,
        overlay: &gst::Buffer,
    ) -> Result<gst::Buffer, SourceError> {
        let beneath = beneath.map_readable().map_err(unfit)?;
        let overlay = overlay.map_readable().map_err(unfit)?;
        let info = self.whole.info();
        let (whole, small) = (info.size(), self.fitted.size());
        let (Some(beneath), Some(overlay)) = (beneath.get(..whole), overlay.get(..small)) else {
            return Err(unfit("a picture is smaller than it is said to be"));
        };
        let (drawn, ()) = self.whole.fill(|memory| {
            memory[..whole].copy_from_slice(beneath);
            self.lay(overlay, info, memory);
        })?;
        Ok(drawn)
    }

    fn lay(&self, overlay: &[u8], info: &gst_video::VideoInfo, memory: &mut [u8]) {
        let Area { x, y, size } = self.area;
        // Brightness, and at half its width and height the two colours.
        for (plane, halves) in [(0, 1), (1, 2), (2, 2)] {
            let [x, y, width, height] =
                [x, y, size.width, size.height].map(|length| (length / halves) as usize);
            let (from, to) = (plane_of(&self.fitted, plane), plane_of(info, plane));
            for row in 0..height {
                let source = from.offset + row * from.stride;
                let target = to.offset + (y + row) * to.stride + x;
                memory[target..target + width].copy_from_slice(&overlay[source..source + width]);
            }
        }
    }
}

/// Where a plane begins, and how far it is from row to row; in bytes.
struct Plane {
    offset: usize,
    stride: usize,
}

fn plane_of(info: &gst_video::VideoInfo, plane: usize) -> Plane {
    Plane {
        offset: info.offset()[plane],
        // Negative only for pictures that are stored upside down, which I420 is not.
        stride: info.stride()[plane].unsigned_abs() as usize,
    }
}

fn unfit(error: impl std::fmt::Display) -> SourceError {
    SourceError::GStreamer(format!("the overlay cannot be drawn ({error})"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::capture::Sound;

    const FORMAT: PictureFormat = PictureFormat {
        resolution: Resolution {
            width: 320,
            height: 180,
        },
        frames_per_second: 30,
    };
    const GREY: [u8; 3] = [90, 128, 128];
    const RED: [u8; 3] = [63, 102, 240];

    #[derive(Default)]
    struct Shown(Mutex<Vec<Picture>>);

    impl MediaReceiver for Shown {
        fn picture(&self, picture: Picture) {
            self.0.lock().unwrap().push(picture);
        }

        fn sound(&self, _sound: Sound) {}
    }

    impl Shown {
        fn count(&self) -> usize {
            self.0.lock().unwrap().len()
        }

        /// The last picture's luma, U and V at a place.
        fn at(&self, x: u32, y: u32) -> [u8; 3] {
            let shown = self.0.lock().unwrap();
            let map = shown.last().unwrap().buffer.map_readable().unwrap();
            let info = picture_info(FORMAT).unwrap();
            [(0, 1), (1, 2), (2, 2)].map(|(plane, halves)| {
                let Plane { offset, stride } = plane_of(&info, plane);
                map[offset + (y / halves) as usize * stride + (x / halves) as usize]
            })
        }

        fn times_grow(&self) -> bool {
            let shown = self.0.lock().unwrap();
            shown
                .windows(2)
                .all(|pair| pair[0].captured_at <= pair[1].captured_at)
        }
    }

    fn stage() -> (Stage, Arc<Shown>) {
        gst::init().unwrap();
        let shown = Arc::new(Shown::default());
        (Stage::new(shown.clone(), None, FORMAT), shown)
    }

    fn picture(format: PictureFormat, colour: [u8; 3], captured_at: ClockTime) -> Picture {
        let info = picture_info(format).unwrap();
        let mut bytes = vec![0; info.size()];
        for (plane, colour) in colour.into_iter().enumerate() {
            let end = info.offset().get(plane + 1).copied().unwrap_or(info.size());
            bytes[info.offset()[plane]..end].fill(colour);
        }
        Picture {
            buffer: gst::Buffer::from_slice(bytes),
            captured_at,
        }
    }

    fn beneath(stage: &Stage, captured_at: ClockTime) {
        stage.show_beneath(picture(FORMAT, GREY, captured_at), FORMAT);
    }

    fn overlay(stage: &Stage, captured_at: ClockTime) {
        let format = source_format(FORMAT);
        stage.show_overlay(picture(format, RED, captured_at), format);
    }

    #[test]
    fn in_every_corner_and_size_just_the_overlays_pixels_are_its_own() {
        let (stage, shown) = stage();
        beneath(&stage, clock_time());
        overlay(&stage, clock_time());
        assert_eq!(shown.at(250, 140), GREY, "it was not asked for");
        for corner in Corner::ALL {
            for size in OverlaySize::ALL {
                stage.place(Some((corner, size)));
                beneath(&stage, clock_time());
                let area = Area::over(FORMAT.resolution, corner, size);
                let (right, bottom) = (area.x + area.size.width, area.y + area.size.height);
                let inside = [
                    (area.x, area.y),
                    (right - 1, area.y),
                    (right - 1, bottom - 1),
                ];
                for (x, y) in inside {
                    assert_eq!(shown.at(x, y), RED, "{corner:?} {size:?} {x} {y}");
                }
                let outside = [(area.x - 2, area.y), (right, bottom - 1), (area.x, bottom)];
                for (x, y) in outside {
                    assert_eq!(shown.at(x, y), GREY, "{corner:?} {size:?} {x} {y}");
                }
            }
        }
        stage.place(None);
        assert_eq!(shown.at(250, 140), GREY);
    }

    #[test]
    fn over_a_picture_that_moves_the_overlay_adds_no_pictures() {
        let (stage, shown) = stage();
        stage.place(Some(Default::default()));
        for _ in 0..5 {
            beneath(&stage, clock_time());
            overlay(&stage, clock_time());
        }
        assert_eq!(shown.count(), 5);
    }

    #[test]
    fn over_a_picture_that_stands_still_the_overlay_moves() {
        let (stage, shown) = stage();
        stage.place(Some(Default::default()));
        beneath(&stage, clock_time());
        for expected in 2..5 {
            std::thread::sleep(Duration::from_millis(60));
            // A camera's pictures come later than they were captured.
            overlay(
                &stage,
                clock_time().saturating_sub(ClockTime::from_mseconds(100)),
            );
            assert_eq!(shown.count(), expected);
        }
        assert!(shown.times_grow());
    }

    #[test]
    fn an_overlay_that_is_gone_leaves_the_picture_whole() {
        let (stage, shown) = stage();
        let area = Area::over(FORMAT.resolution, Corner::TopLeft, OverlaySize::Small);
        stage.place(Some((Corner::TopLeft, OverlaySize::Small)));
        beneath(&stage, clock_time());
        overlay(&stage, clock_time());
        beneath(&stage, clock_time());
        assert_eq!(shown.at(area.x, area.y), RED);
        // At once, although nothing new comes from beneath.
        stage.remove_overlay();
        assert_eq!(shown.at(area.x, area.y), GREY);
    }

    #[test]
    fn after_a_change_of_format_nothing_of_the_old_one_is_shown() {
        let (stage, shown) = stage();
        stage.place(Some(Default::default()));
        beneath(&stage, clock_time());
        let other = PictureFormat {
            resolution: Resolution {
                width: 640,
                height: 360,
            },
            ..FORMAT
        };
        stage.set_format(other);
        beneath(&stage, clock_time());
        overlay(&stage, clock_time());
        stage.place(None);
        assert_eq!(shown.count(), 1);
        stage.show_beneath(picture(other, GREY, clock_time()), other);
        assert_eq!(shown.count(), 2);
    }

    #[test]
    fn pictures_that_are_smaller_than_they_are_said_to_be_are_not_read_beyond_their_end() {
        let (stage, shown) = stage();
        stage.place(Some(Default::default()));
        let cut_off = Picture {
            buffer: gst::Buffer::from_slice([0; 16]),
            captured_at: clock_time(),
        };
        stage.show_overlay(cut_off, source_format(FORMAT));
        beneath(&stage, clock_time());
        assert_eq!(shown.at(300, 160), GREY);
    }
}
