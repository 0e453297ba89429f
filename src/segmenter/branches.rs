//! The pipeline's parts: from pictures to H.264, from sound to AAC, from both to segments.

use gst::prelude::*;
use gst_app::{AppLeakyType, AppSink, AppSrc};

use super::picture_format::picture_info;
use super::{Encoding, SegmenterError, aac, h264};
use crate::capture::{CHANNELS, SAMPLE_RATE};

/// Raw sound that waits for its encoder, which needs a hundredth of the time that it plays.
const SOUND: gst::ClockTime = gst::ClockTime::from_seconds(5);

/// Encodes pictures: what it takes, what it makes, and the encoder itself.
pub(super) struct PictureBranch {
    pub(super) source: AppSrc,
    pub(super) encoder: gst::Element,
    pub(super) sink: AppSink,
}

impl PictureBranch {
    pub(super) fn add_to(
        pipeline: &gst::Pipeline,
        encoding: &Encoding,
        encoder: &h264::Encoder,
    ) -> Result<Self, SegmenterError> {
        let caps = picture_info(encoding)?
            .to_caps()
            .map_err(|_| SegmenterError::Resolution(encoding.resolution))?;
        let source = source("pictures", &caps);
        // `Pipeline::push_picture` bounds it.
        source.set_max_buffers(0);
        let convert = make("videoconvert", "gstreamer1.0-plugins-base")?;
        let profile = make("capsfilter", "libgstreamer1.0-0")?;
        profile.set_property("caps", encoder.caps(encoding));
        let encoder = encoder.build(encoding)?;
        let parse = make("h264parse", "gstreamer1.0-plugins-bad")?;
        let sink = sink(
            &gst::Caps::builder("video/x-h264")
                .field("stream-format", "avc")
                .field("alignment", "au")
                .build(),
        );
        link(
            pipeline,
            &[
                source.upcast_ref(),
                &convert,
                &encoder,
                &profile,
                &parse,
                sink.upcast_ref(),
            ],
        )?;
        Ok(Self {
            source,
            encoder,
            sink,
        })
    }
}
/// Encodes sound: what it takes and what it makes.
pub(super) struct SoundBranch {
    pub(super) source: AppSrc,
    pub(super) sink: AppSink,
}

impl SoundBranch {
    pub(super) fn add_to(
        pipeline: &gst::Pipeline,
        encoder: &aac::Encoder,
    ) -> Result<Self, SegmenterError> {
        let info = gst_audio::AudioInfo::builder(
            gst_audio::AudioFormat::F32le,
            SAMPLE_RATE,
            CHANNELS as u32,
        )
        .build();
        let caps = info
            .and_then(|info| info.to_caps())
            .map_err(|error| SegmenterError::GStreamer(error.to_string()))?;
        let source = source("sound", &caps);
        source.set_max_time(SOUND);
        source.set_leaky_type(AppLeakyType::Downstream);
        let convert = make("audioconvert", "gstreamer1.0-plugins-base")?;
        let encoder = encoder.build()?;
        let parse = make("aacparse", "gstreamer1.0-plugins-good")?;
        let sink = sink(
            &gst::Caps::builder("audio/mpeg")
                .field("mpegversion", 4)
                .field("stream-format", "raw")
                .build(),
        );
        link(
            pipeline,
            &[
                source.upcast_ref(),
                &convert,
                &encoder,
                &parse,
                sink.upcast_ref(),
            ],
        )?;
        Ok(Self { source, sink })
    }
}
/// Takes encoded pictures and sound with the cuts between them, and writes segments.
pub(super) struct Muxer {
    pub(super) pictures: AppSrc,
    pub(super) sound: AppSrc,
    pub(super) sink: AppSink,
}

impl Muxer {
    pub(super) fn add_to(pipeline: &gst::Pipeline) -> Result<Self, SegmenterError> {
        let muxer = make("isofmp4mux", "the program again")?;
        muxer.set_property("manual-split", true);
        muxer.set_property("offset-to-zero", true);
        // Players of live streams treat edit lists differently; the sound is in its place without.
        muxer.set_property_from_str("write-edts-mode", "never");
        let sink = AppSink::builder().buffer_list(true).sync(false).build();
        sink.set_property("async", false);
        link(pipeline, &[&muxer, sink.upcast_ref()])?;
        // Bounded by `Pipeline::check`: neither stream waits longer for the other.
        let [pictures, sound] = [(); 2].map(|()| {
            let source = AppSrc::builder().format(gst::Format::Time).build();
            source.set_max_bytes(0);
            source
        });
        for source in [&pictures, &sound] {
            link(pipeline, &[source.upcast_ref()])?;
            source
                .link(&muxer)
                .map_err(|error| SegmenterError::GStreamer(error.to_string()))?;
        }
        Ok(Self {
            pictures,
            sound,
            sink,
        })
    }
}
/// Its thread, which encodes what it is given, has its name.
fn source(name: &str, caps: &gst::Caps) -> AppSrc {
    let source = AppSrc::builder()
        .name(name)
        .caps(caps)
        .format(gst::Format::Time)
        .build();
    source.set_max_bytes(0);
    source
}

fn sink(caps: &gst::Caps) -> AppSink {
    let sink = AppSink::builder().caps(caps).sync(false).build();
    // There is nothing to wait for before the pipeline runs.
    sink.set_property("async", false);
    sink
}

fn make(element: &'static str, package: &'static str) -> Result<gst::Element, SegmenterError> {
    gst::ElementFactory::make(element)
        .build()
        .map_err(|_| SegmenterError::Missing { element, package })
}

/// Adds elements and links each to the next.
fn link(pipeline: &gst::Pipeline, elements: &[&gst::Element]) -> Result<(), SegmenterError> {
    pipeline
        .add_many(elements.iter().copied())
        .and_then(|()| gst::Element::link_many(elements.iter().copied()))
        .map_err(|error| SegmenterError::GStreamer(error.to_string()))
}
