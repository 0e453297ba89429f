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
/// A person sees with this that it moves; each one costs the window an upload.
const FRAMES_PER_SECOND: u32 = 15;

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

fn publishing(frames: watch::Sender<Option<Arc<PreviewFrame>>>) -> AppSinkCallbacks {
    let mut serial = 0;
    AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            serial += 1;
            if let Some(frame) = frame(&sample, serial) {
                frames.send_replace(Some(Arc::new(frame)));
            }
            Ok(gst::FlowSuccess::Ok)
        })
        .build()
}

fn frame(sample: &gst::Sample, serial: u64) -> Option<PreviewFrame> {
    let size = sample.caps()?.structure(0)?;
    let map = sample.buffer()?.map_readable().ok()?;
    Some(PreviewFrame {
        serial,
        width: usize::try_from(size.get::<i32>("width").ok()?).ok()?,
        height: usize::try_from(size.get::<i32>("height").ok()?).ok()?,
        rgba: map.to_vec(),
    })
}
