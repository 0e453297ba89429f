//! Marks for the muxer where segments begin.
//!
//! `isofmp4mux` can cut by durations of its own, but then it waits for a frame beyond a segment's end, loses count when frames
//! are missing, and lets a key frame slip into the middle of a segment. So it is told each cut, at the same moments
//! of both streams, as soon as the last frame before it is encoded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gst::prelude::*;
use gst_app::AppSrc;

use super::aac;
use super::cadence::Cadence;
use super::fragments::Kind;
use super::timeline::{duration_of, gst_time, sample_at};

/// Both streams' cutters.
#[derive(Debug)]
pub(super) struct Cutters {
    pictures: Mutex<Cutter>,
    sound: Mutex<Cutter>,
    /// One of them has had its last frame.
    one_ended: AtomicBool,
}

impl Cutters {
    pub(super) fn new(cadence: Cadence, pictures: AppSrc, sound: AppSrc) -> Self {
        let cutter = |kind, muxer| {
            Mutex::new(Cutter {
                kind,
                cadence,
                muxer,
                segment: 0,
                filled: None,
                last_segment: u64::MAX,
                end: gst::ClockTime::ZERO,
            })
        };
        Self {
            pictures: cutter(Kind::Video, pictures),
            sound: cutter(Kind::Sound, sound),
            one_ended: AtomicBool::new(false),
        }
    }

    /// Takes an encoded frame.
    pub(super) fn pass(&self, kind: Kind, sample: &gst::Sample) -> Result<(), gst::FlowError> {
        match kind {
            Kind::Video => lock(&self.pictures).pass(sample),
            Kind::Sound => lock(&self.sound).pass(sample),
        }
    }

    /// No picture comes after that segment: what sound the encoder still has goes into it.
    pub(super) fn keep_to(&self, segment: u64) {
        lock(&self.pictures).last_segment = segment;
        lock(&self.sound).last_segment = segment;
    }

    /// One of the streams has no frames any more.
    ///
    /// The muxer panics on a cut in one stream when the other has ended, so both end with the same cut.
    pub(super) fn end(&self) {
        if !self.one_ended.swap(true, Ordering::SeqCst) {
            return;
        }
        let (mut pictures, mut sound) = (lock(&self.pictures), lock(&self.sound));
        let segment = pictures.segment.max(sound.segment) + 1;
        // Refused only when the muxer has failed, which its bus has said.
        let _ = pictures.end_with(segment);
        let _ = sound.end_with(segment);
    }
}

fn lock(cutter: &Mutex<Cutter>) -> MutexGuard<'_, Cutter> {
    cutter.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes one stream's encoded frames on to the muxer, with cuts between them.
#[derive(Debug)]
struct Cutter {
    kind: Kind,
    cadence: Cadence,
    muxer: AppSrc,
    /// The segment that frames go into now.
    segment: u64,
    /// The newest segment that has a frame.
    filled: Option<u64>,
    /// The segment that all later frames go into too.
    last_segment: u64,
    /// When the last frame ends.
    end: gst::ClockTime,
}

impl Cutter {
    fn pass(&mut self, sample: &gst::Sample) -> Result<(), gst::FlowError> {
        if self.muxer.caps().is_none() {
            self.muxer.set_caps(sample.caps_owned().as_ref());
        }
        let mut frame = sample.buffer_owned().ok_or(gst::FlowError::Error)?;
        let begin = sample
            .segment()
            .and_then(|segment| segment.downcast_ref::<gst::ClockTime>())
            .and_then(|segment| segment.to_running_time(frame.pts()))
            .ok_or(gst::FlowError::Error)?;
        let slot_or_sample = self.exact(begin);
        let begin = self.without_a_hole(slot_or_sample);
        // Frames come in the order in which they are shown: no encoder here reorders them.
        let writable = frame.make_mut();
        writable.set_pts(begin);
        writable.set_dts(begin);
        self.end = begin;
        self.cut_until(self.segment_of_frame(begin))?;
        self.muxer.push_buffer(frame)?;
        self.end = self.end_of(slot_or_sample);
        self.cut_until(self.segment_of_frame(self.end))
    }

    /// The first picture of a segment is shown from the segment's begin on, also where the encoder was too slow for the
    /// ones before it: players take a picture that is missing between two segments for a hole, and show nothing more
    /// before the next key frame.
    fn without_a_hole(&mut self, begin: gst::ClockTime) -> gst::ClockTime {
        let segment = self.segment_of_frame(begin);
        let is_first = self.filled.replace(segment) != Some(segment);
        if self.kind == Kind::Video && is_first {
            gst_time(self.cadence.segment_time(segment))
        } else {
            begin
        }
    }

    /// The segment that a frame belongs to. A picture begins its segment. Sound's frames have their own length and are
    /// never cut in two, which players take for a gap: one that does not end before a segment does goes into the next.
    fn segment_of_frame(&self, begin: gst::ClockTime) -> u64 {
        let inside = match self.kind {
            Kind::Video => begin,
            Kind::Sound => self.end_of(begin).saturating_sub(gst::ClockTime::NSECOND),
        };
        self.cadence.segment_at(inside.into())
    }

    /// Cuts where segments begin, up to that one.
    fn cut_until(&mut self, segment: u64) -> Result<(), gst::FlowError> {
        while self.segment < segment.min(self.last_segment) {
            let begin = self.cadence.segment_time(self.segment + 1);
            let begin = gst_time(begin);
            self.cut_at(match self.kind {
                Kind::Video => begin,
                Kind::Sound => self.end.min(begin),
            })?;
        }
        Ok(())
    }

    /// Ends the stream with the cut before that segment, where its last frame ends.
    fn end_with(&mut self, segment: u64) -> Result<(), gst::FlowError> {
        while self.segment < segment {
            self.cut_at(self.end)?;
        }
        self.muxer.end_of_stream().map(|_| ())
    }

    /// A frame's begin without its encoder's rounding: the muxer rounds down to a sample, which would then be the one before.
    fn exact(&self, begin: gst::ClockTime) -> gst::ClockTime {
        match self.kind {
            Kind::Video => begin,
            Kind::Sound => sound_time(nearest_sample(begin)),
        }
    }

    fn end_of(&self, begin: gst::ClockTime) -> gst::ClockTime {
        match self.kind {
            Kind::Video => {
                let slot = self.cadence.slot_at(begin.into());
                gst_time(self.cadence.slot_time(slot + 1))
            }
            Kind::Sound => sound_time(nearest_sample(begin) + aac::FRAME),
        }
    }

    /// Ends the segment.
    ///
    /// The muxer carries a cut on the buffer that follows it, sometimes on the one before it (one that it has looked at
    /// already), and looks at a stream's next buffer only while the other stream has one too. So the cut is put between
    /// empty buffers, whichever of which may carry it, and a third one keeps the stream from being
    /// empty. The sound's are a nanosecond earlier, so that its cut never waits for a picture.
    fn cut_at(&mut self, begin: gst::ClockTime) -> Result<(), gst::FlowError> {
        self.segment += 1;
        let around = match self.kind {
            Kind::Video => begin,
            Kind::Sound => begin.saturating_sub(gst::ClockTime::NSECOND),
        };
        // A whole fragment of the muxer ends if one of the streams says so. The sound has no holes, so it does:
        // the muxer waits for the frame after a fragment's end where there was none before it.
        let chunk = self.kind == Kind::Video || !self.cadence.segment_begins_group(self.segment);
        self.muxer.push_buffer(self.empty(around))?;
        let structure = gst::Structure::builder("FMP4MuxSplitNow")
            .field("chunk", chunk)
            .build();
        if !self
            .muxer
            .send_event(gst::event::CustomDownstream::new(structure))
        {
            return Err(gst::FlowError::Error);
        }
        self.muxer.push_buffer(self.empty(around))?;
        self.muxer.push_buffer(self.empty(begin))?;
        Ok(())
    }

    /// A buffer that the muxer writes nothing of.
    fn empty(&self, at: gst::ClockTime) -> gst::Buffer {
        let mut buffer = gst::Buffer::new();
        let writable = buffer.make_mut();
        writable.set_pts(at);
        writable.set_dts(at);
        writable.set_flags(gst::BufferFlags::GAP | gst::BufferFlags::DROPPABLE);
        if self.kind == Kind::Video {
            // Not a key frame.
            writable.set_flags(gst::BufferFlags::DELTA_UNIT);
        }
        buffer
    }
}

fn nearest_sample(time: gst::ClockTime) -> i64 {
    // Encoders round to nanoseconds, of which a sample has 20,833.
    sample_at(Duration::from(time) + Duration::from_micros(10))
}

fn sound_time(samples: i64) -> gst::ClockTime {
    gst_time(duration_of(samples))
}
