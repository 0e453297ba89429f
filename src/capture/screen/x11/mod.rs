//! Screens and windows of an X11 display, captured by this program itself.
//!
//! GStreamer's `ximagesrc` cannot be used: when the captured window is closed, or a captured monitor is unplugged, Xlib
//! ends the whole process. Here such a request only fails.

mod display;
mod geometry;
mod grab;
mod pointer;
mod stillness;
mod windows;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gst::prelude::*;
use gst_app::AppSrc;

use super::super::clock_time;
use super::super::error::SourceError;
use super::super::naming;
use super::super::outlet::PictureOutlet;
use super::super::pipeline::{
    SourcePipeline, Timing, add_chain, add_picture_branch, is_behind, link,
};
use super::super::source::Source;
use super::super::worker::Worker;
use super::super::{PictureFormat, ScreenArea};
use display::Display;
use grab::Grab;
use stillness::Stillness;

/// Opens an area of the display that the environment names.
pub(super) async fn open(
    area: ScreenArea,
    format: PictureFormat,
    outlet: Arc<PictureOutlet>,
) -> Result<Box<dyn Source>, SourceError> {
    let source = AppSrc::builder()
        .format(gst::Format::Time)
        .is_live(true)
        .build();
    let pipeline = SourcePipeline::new();
    let branch = add_picture_branch(pipeline.inner(), format, Timing::Live, &outlet)?;
    add_chain(pipeline.inner(), &[source.upcast_ref()])?;
    link(source.upcast_ref(), &branch)?;
    let pipeline = pipeline.play(&naming::screen(&area)).await?;
    // A display that hangs hangs there.
    let mut grab = tokio::task::spawn_blocking(move || Grab::open(Display::open()?, area))
        .await
        .map_err(|error| SourceError::GStreamer(error.to_string()))??;
    let interval = Duration::from_secs(1) / format.frames_per_second.max(1);
    let mut stillness = Stillness::default();
    let mut due = clock_time();
    let grabbing = Worker::start("screen", move || {
        let captured_at = clock_time();
        let frame = grab.frame()?;
        if !is_behind(&source) && !stillness.holds(&frame, captured_at) {
            push(&source, frame, captured_at);
        }
        // Behind by a frame, it does not catch up: the next one is taken when it is due.
        due = (due + gst::ClockTime::from_nseconds(interval.as_nanos() as u64)).max(captured_at);
        Ok(due.saturating_sub(clock_time()).into())
    })?;
    Ok(Box::new(Screen { grabbing, pipeline }))
}

/// What can be picked on the display that the environment names; nothing where it does not answer.
pub(super) fn list() -> Vec<(ScreenArea, String)> {
    let Ok(display) = Display::open() else {
        return Vec::new();
    };
    let mut areas = vec![(ScreenArea::Whole, "The whole screen".to_owned())];
    for monitor in display.monitors().unwrap_or_default() {
        let name = geometry::monitor_name(&monitor);
        areas.push((ScreenArea::Monitor(monitor.name), name));
    }
    for window in windows::list(&display).unwrap_or_default() {
        areas.push((ScreenArea::Window(window.id), window.title));
    }
    areas
}

/// Grabs pictures and lets the pipeline fit them to the format. Fields end in this order.
struct Screen {
    grabbing: Worker,
    pipeline: SourcePipeline,
}

#[async_trait]
impl Source for Screen {
    async fn failure(&mut self) -> SourceError {
        tokio::select! {
            error = self.grabbing.failure() => error,
            stopped = self.pipeline.stopped() => stopped.of(&naming::whole_screen()),
        }
    }
}

fn push(source: &AppSrc, mut frame: grab::Frame, captured_at: gst::ClockTime) {
    let running = source
        .base_time()
        .map(|base| captured_at.saturating_sub(base));
    // The time is set on a copy of the buffer's head; the picture itself is kept for comparison, and not copied.
    frame.buffer.make_mut().set_pts(running);
    if source.caps().as_ref() != Some(&frame.caps) {
        source.set_caps(Some(&frame.caps));
    }
    // Fails only while the pipeline is being ended.
    let _ = source.push_buffer(frame.buffer);
}
