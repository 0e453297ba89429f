//! The GStreamer pipeline: encoders, muxer, and what ties them.
//!
//! It is not live: nothing in it looks at a clock or gives up waiting, because the time line in front of it brings every
//! frame and every sample by itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use gst::prelude::*;
use gst_app::{AppLeakyType, AppSink, AppSinkCallbacks, AppSrc};

use super::assembly::{Assembly, Captures, Outlet};
use super::cadence::Cadence;
use super::cutter::Cutters;
use super::fragments::Kind;
use super::timeline::{Block, Slot, duration_of};
use super::{Encoding, SegmenterError, aac, h264};
use crate::capture::{CHANNELS, SAMPLE_RATE};

/// Pictures that wait for the encoder. A key frame may take as long as three others; more would be delay.
const PICTURES: u64 = 3;
/// Raw sound that waits for its encoder, which needs a hundredth of the time that it plays.
const SOUND: gst::ClockTime = gst::ClockTime::from_seconds(5);
/// Encoded sound that waits for pictures: when it is more, the encoder for pictures is stuck.
const STUCK: gst::ClockTime = gst::ClockTime::from_seconds(10);

/// Encoders set themselves up with their first picture. Those in software are done within a tenth of this.
const FIRST_PICTURE: Duration = Duration::from_millis(500);

/// Starts GStreamer and registers the muxer, once.
pub(super) fn start_gstreamer() -> Result<(), SegmenterError> {
    static STARTED: OnceLock<Result<(), SegmenterError>> = OnceLock::new();
    let start = || {
        let failed = |error: gst::glib::Error| SegmenterError::GStreamer(error.to_string());
        gst::init().map_err(failed)?;
        gstfmp4::plugin_register_static()
            .map_err(|error| SegmenterError::GStreamer(error.to_string()))
    };
    STARTED.get_or_init(start).clone()
}

/// What is said about pictures to an encoder.
pub(super) fn picture_info(encoding: &Encoding) -> Result<gst_video::VideoInfo, SegmenterError> {
    let resolution = encoding.resolution;
    gst_video::VideoInfo::builder(
        gst_video::VideoFormat::I420,
        resolution.width,
        resolution.height,
    )
    .fps(gst::Fraction::new(
        encoding.frames_per_second.cast_signed(),
        1,
    ))
    .colorimetry(&gst_video::VideoColorimetry::new(
        gst_video::VideoColorRange::Range16_235,
        gst_video::VideoColorMatrix::Bt709,
        gst_video::VideoTransferFunction::Bt709,
        gst_video::VideoColorPrimaries::Bt709,
    ))
    .build()
    .map_err(|_| SegmenterError::Resolution(resolution))
}

/// What is shown before the first picture.
pub(super) fn black_picture(encoding: &Encoding) -> Result<gst::Buffer, SegmenterError> {
    let info = picture_info(encoding)?;
    // Limited range: black is 16, no colour is 128.
    let mut planes = vec![128; info.size()];
    planes[..info.offset()[1]].fill(16);
    Ok(gst::Buffer::from_mut_slice(planes))
}

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
        source.set_max_buffers(PICTURES);
        source.set_leaky_type(AppLeakyType::Downstream);
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

/// The running pipeline. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Pipeline {
    pipeline: gst::Pipeline,
    cadence: Cadence,
    pictures: AppSrc,
    encoder: gst::Element,
    encoder_name: &'static str,
    sound: AppSrc,
    sound_delay: u64,
    encoded_sound: AppSrc,
    captures: Arc<Captures>,
    /// The group of the last picture.
    group: AtomicU64,
    /// Pictures given to the encoder's queue.
    pushed: AtomicU64,
    dropped: Arc<AtomicU64>,
}

impl Pipeline {
    /// Builds and starts it, and waits until the first picture is encoded. What it makes goes to `outlet`.
    pub(super) fn start(
        encoding: &Encoding,
        encoder: &h264::Encoder,
        sound_encoder: &aac::Encoder,
        first: Slot<gst::Buffer>,
        outlet: &Arc<Outlet>,
    ) -> Result<Self, SegmenterError> {
        let cadence = Cadence::new(encoding);
        let pipeline = gst::Pipeline::new();
        let captures = Arc::new(Captures::default());
        let pictures = PictureBranch::add_to(&pipeline, encoding, encoder)?;
        let (sound, sound_sink) = add_sound(&pipeline, sound_encoder)?;
        let muxer = Muxer::add_to(&pipeline)?;
        let cutters = Arc::new(Cutters::new(cadence, muxer.pictures, muxer.sound.clone()));
        cut(&pictures.sink, Kind::Video, cutters.clone());
        cut(&sound_sink, Kind::Sound, cutters);
        assemble(
            &muxer.sink,
            Assembly::new(cadence),
            captures.clone(),
            outlet.clone(),
        );
        let dropped = count_dropped(&pictures.source);
        let encoded = first_buffer(&pictures.sink);
        let running = Self {
            pipeline,
            cadence,
            pictures: pictures.source,
            encoder: pictures.encoder,
            encoder_name: encoder.name(),
            sound,
            sound_delay: sound_encoder.delay,
            encoded_sound: muxer.sound,
            captures,
            group: AtomicU64::new(0),
            pushed: AtomicU64::new(0),
            dropped,
        };
        report_errors(&running.pipeline, outlet.clone());
        if running.pipeline.set_state(gst::State::Playing).is_err() {
            let failed = SegmenterError::Failed {
                element: encoder.name().to_owned(),
                reason: "it cannot be started".to_owned(),
            };
            return Err(outlet.failure().unwrap_or(failed));
        }
        running.push_picture(first);
        // One that holds pictures back is not waited for long; one that fails says so by the bus.
        let _ = encoded.recv_timeout(FIRST_PICTURE);
        match outlet.failure() {
            Some(failure) => Err(failure),
            None => Ok(running),
        }
    }

    /// The broadcast's time begins now.
    pub(super) fn start_time(&self) -> gst::ClockTime {
        self.captures.start()
    }

    /// A picture for the encoder.
    pub(super) fn push_picture(&self, slot: Slot<gst::Buffer>) {
        let begin = self.cadence.slot_time(slot.number);
        let duration = self.cadence.slot_time(slot.number + 1) - begin;
        self.force_key_frame(slot.number);
        self.captures.note(slot.number, slot.captured);
        let mut picture = slot.picture;
        // The picture's planes stay where they are: only the buffer's description is copied.
        let writable = picture.make_mut();
        writable.set_pts(clock_time(begin));
        writable.set_dts(gst::ClockTime::NONE);
        writable.set_duration(clock_time(duration));
        writable.set_offset(self.pushed.fetch_add(1, Ordering::Relaxed));
        // Refused only when the pipeline is ending or has failed, which is reported by its bus.
        let _ = self.pictures.push_buffer(picture);
    }

    /// The first picture of each group will be a key frame, whichever were left out or dropped before it.
    fn force_key_frame(&self, slot: u64) {
        let group = self.cadence.group_of(slot);
        // The first is one anyhow; asked for it, GStreamer 1.22 refuses all later ones.
        if self.group.swap(group, Ordering::Relaxed) == group {
            return;
        }
        let event = gst_video::UpstreamForceKeyUnitEvent::builder()
            .running_time(clock_time(self.cadence.group_time(group)))
            .all_headers(true)
            .build();
        if let Some(pad) = self.encoder.static_pad("src") {
            pad.send_event(event);
        }
    }

    /// Sound for the encoder.
    pub(super) fn push_sound(&self, block: &Block) {
        let at = block.position.saturating_sub(self.sound_delay);
        let samples = block.samples.len() / CHANNELS;
        let bytes: Vec<u8> = block
            .samples
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        let writable = buffer.make_mut();
        writable.set_pts(clock_time(duration_of(at.cast_signed())));
        writable.set_duration(clock_time(duration_of(samples.cast_signed() as i64)));
        // As for pictures.
        let _ = self.sound.push_buffer(buffer);
    }

    /// Pictures that the encoder was too slow for.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Says when the encoder for pictures gives nothing any more.
    pub(super) fn check(&self) -> Result<(), SegmenterError> {
        let waiting = self.encoded_sound.current_level_time();
        if waiting.is_some_and(|waiting| waiting > STUCK) {
            return Err(SegmenterError::Stuck(self.encoder_name));
        }
        Ok(())
    }

    /// As a driver does whose device is pulled out.
    #[cfg(test)]
    pub(super) fn break_encoder(&self) {
        let error = gst::message::Error::builder(gst::ResourceError::Write, "the device is gone");
        let message = error.src(&self.encoder).build();
        self.encoder.post_message(message).unwrap();
    }

    /// Lets the pipeline finish what it has.
    pub(super) fn end_of_stream(&self) {
        // Refused only when the pipeline has failed, which is reported by its bus.
        let _ = self.pictures.end_of_stream();
        let _ = self.sound.end_of_stream();
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        if let Some(bus) = self.pipeline.bus() {
            bus.unset_sync_handler();
        }
        // Going down to NULL does not fail.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn add_sound(
    pipeline: &gst::Pipeline,
    encoder: &aac::Encoder,
) -> Result<(AppSrc, AppSink), SegmenterError> {
    let info =
        gst_audio::AudioInfo::builder(gst_audio::AudioFormat::F32le, SAMPLE_RATE, CHANNELS as u32)
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
    Ok((source, sink))
}

/// Takes encoded pictures and sound with the cuts between them, and writes segments.
struct Muxer {
    pictures: AppSrc,
    sound: AppSrc,
    sink: AppSink,
}

impl Muxer {
    fn add_to(pipeline: &gst::Pipeline) -> Result<Self, SegmenterError> {
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

/// Passes an encoder's frames to the muxer, cut into segments.
fn cut(sink: &AppSink, kind: Kind, cutters: Arc<Cutters>) {
    let ending = cutters.clone();
    sink.set_callbacks(
        AppSinkCallbacks::builder()
            .new_sample(move |sink| {
                let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                cutters.pass(kind, &sample)?;
                Ok(gst::FlowSuccess::Ok)
            })
            .eos(move |_| ending.end())
            .build(),
    );
}

/// Passes what the muxer writes to the outlet.
fn assemble(sink: &AppSink, mut assembly: Assembly, captures: Arc<Captures>, outlet: Arc<Outlet>) {
    let ended = outlet.clone();
    sink.set_callbacks(
        AppSinkCallbacks::builder()
            .new_sample(move |sink| {
                let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                let list = sample.buffer_list().ok_or(gst::FlowError::Error)?;
                assembly.take(list, &captures, &outlet).map_err(|error| {
                    outlet.fail(error);
                    gst::FlowError::Error
                })?;
                Ok(gst::FlowSuccess::Ok)
            })
            .eos(move |_| ended.end())
            .build(),
    );
}

/// Says when the first buffer has come.
fn first_buffer(sink: &AppSink) -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    if let Some(pad) = sink.static_pad("sink") {
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            // Nobody listens any more if it took too long.
            let _ = sender.send(());
            gst::PadProbeReturn::Remove
        });
    }
    receiver
}

/// Counts the pictures that are missing among what leaves the source: it drops the oldest when it is full.
fn count_dropped(source: &AppSrc) -> Arc<AtomicU64> {
    let dropped = Arc::new(AtomicU64::new(0));
    let counter = dropped.clone();
    let expected = AtomicU64::new(0);
    if let Some(pad) = source.static_pad("src") {
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            if let Some(buffer) = info.buffer() {
                let number = buffer.offset();
                let expected = expected.swap(number + 1, Ordering::Relaxed);
                counter.fetch_add(number.saturating_sub(expected), Ordering::Relaxed);
            }
            gst::PadProbeReturn::Ok
        });
    }
    dropped
}

fn report_errors(pipeline: &gst::Pipeline, outlet: Arc<Outlet>) {
    let Some(bus) = pipeline.bus() else { return };
    bus.set_sync_handler(move |_, message| {
        if let gst::MessageView::Error(error) = message.view() {
            let element = error.src().map(|element| element.name().to_string());
            outlet.fail(SegmenterError::Failed {
                element: element.unwrap_or_default(),
                reason: error.error().to_string(),
            });
        }
        // Nobody reads the bus.
        gst::BusSyncReply::Drop
    });
}

fn clock_time(time: Duration) -> gst::ClockTime {
    gst::ClockTime::try_from(time).unwrap_or(gst::ClockTime::MAX)
}
