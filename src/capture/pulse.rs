//! Recording from the sound system: PulseAudio, or PipeWire, which answers in its place.

use std::sync::Arc;

use gst::prelude::*;

use super::error::SourceError;
use super::outlet::SoundOutlet;
use super::pipeline::{
    SourcePipeline, Stopped, Timing, add_chain, add_sound_branch, element, link,
};
use crate::texts::Message;

/// What the sound system may hold back, in microseconds. The least that neither it nor a busy machine stumbles over.
const LATENCY: i64 = 10_000;
const BUFFER: i64 = 100_000;

/// One of its sources, being recorded.
pub(super) struct Recording {
    pub(super) pipeline: SourcePipeline,
    element: gst::Element,
}

impl Recording {
    /// What is recorded now, by the sound system's name. It may go over to another device by itself.
    pub(super) fn current_device(&self) -> Option<String> {
        self.element.property("current-device")
    }
}

/// Records from one of its sources.
pub(super) async fn record(
    device: &str,
    name: &Message,
    outlet: &Arc<SoundOutlet>,
) -> Result<Recording, SourceError> {
    let source = element("pulsesrc", "gstreamer1.0-pulseaudio")?;
    source.set_property("device", device);
    source.set_property("client-name", "Live on Torrent");
    source.set_property("provide-clock", false);
    source.set_property("latency-time", LATENCY);
    source.set_property("buffer-time", BUFFER);
    let pipeline = SourcePipeline::new();
    let branch = add_sound_branch(pipeline.inner(), Timing::Live, outlet)?;
    add_chain(pipeline.inner(), &[&source])?;
    link(&source, &branch)?;
    Ok(Recording {
        pipeline: pipeline.play(name).await?,
        element: source,
    })
}

/// Words for why recording stopped.
pub(super) fn explain(stopped: Stopped, name: &Message) -> SourceError {
    let failure = match stopped {
        Stopped::Failed(failure) => failure,
        Stopped::Ended => return Stopped::Ended.of(name),
    };
    let said = format!("{} {}", failure.error, failure.detail);
    // The sound system's own words, which GStreamer passes on.
    if said.contains("Connection refused")
        || said.contains("Connection terminated")
        || said.contains("Disconnected")
        || said.contains("Failed to connect")
    {
        SourceError::NoSoundSystem
    } else if said.contains("No such entity") {
        SourceError::Unplugged(name.clone())
    } else {
        failure.of(name)
    }
}
