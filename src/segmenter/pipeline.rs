//! The GStreamer pipeline: encoders, muxer, and what ties them.
//!
//! It is not live: nothing in it looks at a clock or gives up waiting, because the time line in front of it brings every
//! frame and every sample by itself.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks, AppSrc};

use super::assembly::{Assembly, Captures, Outlet};
use super::branches::{Muxer, PictureBranch, SoundBranch};
use super::cadence::Cadence;
use super::cutter::Cutters;
use super::fragments::Kind;
use super::timeline::{Block, Slot, duration_of, gst_time};
use super::{Encoding, SegmenterError, aac, h264};
use crate::capture::CHANNELS;

/// Encoded sound that waits for pictures: when it is more, the encoder for pictures is stuck.
const STUCK: gst::ClockTime = gst::ClockTime::from_seconds(10);

/// Pictures that wait for the encoder before others are left out. A key frame may take as long as three others; more would
/// be delay.
const PICTURES: u64 = 3;
/// As many wait if each is the first of its segment: two seconds of segments of 250 ms. A camera has not many more.
const FIRST_PICTURES: u64 = 11;

/// Encoders set themselves up with their first picture. Those in software are done within a tenth of this.
const FIRST_PICTURE: Duration = Duration::from_millis(500);

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
    /// The last picture's slot.
    slot: AtomicU64,
    cutters: Arc<Cutters>,
    /// Whether the next picture will be a key frame, whatever its slot.
    key_frame_next: AtomicBool,
    dropped: AtomicU64,
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
        let sound = SoundBranch::add_to(&pipeline, sound_encoder)?;
        let muxer = Muxer::add_to(&pipeline)?;
        let cutters = Arc::new(Cutters::new(cadence, muxer.pictures, muxer.sound.clone()));
        cut(&pictures.sink, Kind::Video, cutters.clone());
        cut(&sound.sink, Kind::Sound, cutters.clone());
        assemble(
            &muxer.sink,
            Assembly::new(cadence),
            captures.clone(),
            outlet.clone(),
        );
        let encoded = first_buffer(&pictures.sink);
        let running = Self {
            pipeline,
            cadence,
            pictures: pictures.source,
            encoder: pictures.encoder,
            encoder_name: encoder.name(),
            sound: sound.source,
            sound_delay: sound_encoder.delay,
            encoded_sound: muxer.sound,
            captures,
            slot: AtomicU64::new(0),
            cutters,
            key_frame_next: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
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

    /// The broadcast's time began at another moment: it stood still for a while.
    pub(super) fn set_start_time(&self, started: gst::ClockTime) {
        self.captures.set_start(started);
    }

    /// A picture for the encoder. It is left out when the encoder is too slow, unless its segment would have none then:
    /// players stop at a segment without a picture.
    pub(super) fn push_picture(&self, slot: Slot<gst::Buffer>) {
        let segment = self.cadence.segment_of(slot.number);
        let before = self.cadence.segment_of(self.slot.load(Ordering::Relaxed));
        let most = if segment == before {
            PICTURES
        } else {
            FIRST_PICTURES
        };
        if self.pictures.current_level_buffers() >= most {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if segment > before + 1 {
            // Players that have stopped go on here.
            self.begin_with_key_frame();
        }
        self.push_in_any_case(slot);
    }

    /// The same for a picture that must not be left out.
    pub(super) fn push_in_any_case(&self, slot: Slot<gst::Buffer>) {
        let begin = self.cadence.slot_time(slot.number);
        let duration = self.cadence.slot_time(slot.number + 1) - begin;
        self.force_key_frame(slot.number);
        self.captures.note(slot.number, slot.captured);
        let mut picture = slot.picture;
        // The picture's planes stay where they are: only the buffer's description is copied.
        let writable = picture.make_mut();
        writable.set_pts(gst_time(begin));
        writable.set_dts(gst::ClockTime::NONE);
        writable.set_duration(gst_time(duration));
        // Refused only when the pipeline is ending or has failed, which is reported by its bus.
        let _ = self.pictures.push_buffer(picture);
    }

    /// The first picture of each group will be a key frame, whichever were left out or dropped before it.
    fn force_key_frame(&self, slot: u64) {
        let group = self.cadence.group_of(slot);
        let before = self.slot.swap(slot, Ordering::Relaxed);
        let is_asked = self.key_frame_next.swap(false, Ordering::Relaxed);
        // The first is one anyhow; asked for it, GStreamer 1.22 refuses all later ones.
        let from = if self.cadence.group_of(before) != group {
            self.cadence.group_time(group)
        } else if is_asked {
            self.cadence.slot_time(slot)
        } else {
            return;
        };
        let event = gst_video::UpstreamForceKeyUnitEvent::builder()
            .running_time(gst_time(from))
            .all_headers(true)
            .build();
        if let Some(pad) = self.encoder.static_pad("src") {
            pad.send_event(event);
        }
    }

    /// The next picture will be a key frame.
    pub(super) fn begin_with_key_frame(&self) {
        self.key_frame_next.store(true, Ordering::Relaxed);
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
        writable.set_pts(gst_time(duration_of(at.cast_signed())));
        writable.set_duration(gst_time(duration_of(samples.cast_signed() as i64)));
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

    /// As an encoder does that other programs leave no time: it takes so long over its next picture.
    #[cfg(test)]
    pub(super) fn hold_up_encoder(&self, duration: Duration) {
        let pad = self.encoder.static_pad("sink").unwrap();
        pad.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
            std::thread::sleep(duration);
            gst::PadProbeReturn::Remove
        });
    }

    /// Lets the pipeline finish what it has.
    pub(super) fn end_of_stream(&self) {
        let last = self.cadence.slot_time(self.slot.load(Ordering::Relaxed));
        self.cutters.keep_to(self.cadence.segment_at(last));
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
