//! Small pictures for the window, made from those that go to the receiver, whatever their source.

use std::sync::{Arc, Mutex, PoisonError};

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks, AppSrc};
use tokio::sync::watch;

use super::error::SourceError;
use super::pacer::Pacer;
use super::pipeline::{element, is_behind, picture_caps};
use super::{Picture, PictureFormat, PreviewFrame};

/// As wide as the window shows it.
const WIDTH: u32 = 480;
/// A person sees with this that it moves, and the window draws no more.
const FRAMES_PER_SECOND: u32 = 10;

/// Scales pictures down, on a thread of its own.
pub(super) struct Preview {
    pipeline: gst::Pipeline,
    source: AppSrc,
    size: gst::Element,
    pace: Mutex<Pace>,
}

struct Pace {
    pacer: Pacer,
    /// What the pictures were like that are scaled now.
    format: Option<PictureFormat>,
}

impl Preview {
    /// Starts it; frames go to `frames`.
    pub(super) fn start(
        frames: watch::Sender<Option<Arc<PreviewFrame>>>,
    ) -> Result<Self, SourceError> {
        let source = AppSrc::builder()
            .format(gst::Format::Time)
            .is_live(true)
            .do_timestamp(true)
            .build();
        let convert = element("videoconvertscale", "gstreamer1.0-plugins-base")?;
        let size = element("capsfilter", "libgstreamer1.0-0")?;
        let sink = AppSink::builder()
            .sync(false)
            .max_buffers(1)
            .drop(true)
            .enable_last_sample(false)
            .build();
        sink.set_callbacks(publishing(frames));
        let pipeline = gst::Pipeline::new();
        let chain = [source.upcast_ref(), &convert, &size, sink.upcast_ref()];
        let linked = pipeline
            .add_many(chain)
            .and_then(|()| gst::Element::link_many(chain));
        linked.map_err(|error| SourceError::GStreamer(error.to_string()))?;
        pipeline
            .set_state(gst::State::Playing)
            .map_err(|error| SourceError::GStreamer(error.to_string()))?;
        let pace = Pace {
            pacer: Pacer::new(FRAMES_PER_SECOND),
            format: None,
        };
        Ok(Self {
            pipeline,
            source,
            size,
            pace: Mutex::new(pace),
        })
    }

    /// Takes a picture, or leaves it when frames would come too often. Never waits.
    pub(super) fn push(&self, picture: &Picture, format: PictureFormat) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if is_behind(&self.source) || !pace.pacer.admits(picture.captured_at) {
            return;
        }
        if pace.format != Some(format) {
            pace.format = Some(format);
            self.size.set_property("caps", frame_caps(format));
            self.source.set_caps(Some(&picture_caps(format)));
        }
        // Fails only while the pipeline is being ended.
        let _ = self.source.push_buffer(picture.buffer.clone());
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        if self.pipeline.set_state(gst::State::Null).is_err() {
            tracing::warn!("the preview does not stop");
        }
    }
}

fn frame_caps(format: PictureFormat) -> gst::Caps {
    let resolution = format.resolution;
    let height = (WIDTH * resolution.height).div_ceil(resolution.width.max(1));
    gst::Caps::builder("video/x-raw")
        .field("format", "RGBA")
        .field("width", WIDTH as i32)
        .field("height", height.max(1) as i32)
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .build()
}

/// Hands on frames that differ from the one before: nobody is woken for a picture that stands still.
fn publishing(frames: watch::Sender<Option<Arc<PreviewFrame>>>) -> AppSinkCallbacks {
    let mut serial = 0;
    AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let shown = frames.borrow().clone();
            if let Some(frame) = changed(&sample, shown.as_deref(), serial + 1) {
                serial += 1;
                frames.send_replace(Some(Arc::new(frame)));
            }
            Ok(gst::FlowSuccess::Ok)
        })
        .build()
}

/// The sample's frame, unless it looks like the one that is shown.
fn changed(
    sample: &gst::Sample,
    shown: Option<&PreviewFrame>,
    serial: u64,
) -> Option<PreviewFrame> {
    let size = sample.caps()?.structure(0)?;
    let width = usize::try_from(size.get::<i32>("width").ok()?).ok()?;
    let height = usize::try_from(size.get::<i32>("height").ok()?).ok()?;
    let map = sample.buffer()?.map_readable().ok()?;
    let looks_like = |shown: &PreviewFrame| {
        (shown.width, shown.height) == (width, height) && shown.rgba == map.as_slice()
    };
    (!shown.is_some_and(looks_like)).then(|| PreviewFrame {
        serial,
        width,
        height,
        rgba: map.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(width: i32, rgba: &[u8]) -> gst::Sample {
        gst::init().unwrap();
        let caps = gst::Caps::builder("video/x-raw")
            .field("format", "RGBA")
            .field("width", width)
            .field("height", 1)
            .build();
        let buffer = gst::Buffer::from_slice(rgba.to_vec());
        gst::Sample::builder().buffer(&buffer).caps(&caps).build()
    }

    #[test]
    fn a_picture_that_stands_still_is_shown_once() {
        let first = changed(&sample(2, &[7; 8]), None, 1).unwrap();
        assert_eq!((first.width, first.height, first.serial), (2, 1, 1));
        assert!(changed(&sample(2, &[7; 8]), Some(&first), 2).is_none());
        let moved = changed(&sample(2, &[8; 8]), Some(&first), 2).unwrap();
        assert_eq!(moved.serial, 2);
        assert!(changed(&sample(1, &[7; 4]), Some(&first), 2).is_some());
    }
}
