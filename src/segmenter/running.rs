//! A broadcast being encoded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;

use super::assembly::Outlet;
use super::cadence::Cadence;
use super::picture_format::{black_picture, picture_info};
use super::pipeline::Pipeline;
use super::startup::start_gstreamer;
use super::timeline::{Due, Moment, TimeLine};
use super::{Encoding, Output, SegmenterError, aac, h264, trial};
use crate::capture::{MediaReceiver, Picture, Sound, clock_time};

/// The time line is looked at so often at least: a source may come back at any moment, and then more is due earlier.
const TICK: Duration = Duration::from_millis(10);
/// Encoding and writing what is left takes a few frames' time.
const FINISH_TIMEOUT: Duration = Duration::from_secs(2);

/// A broadcast being encoded. It is a [`MediaReceiver`]: what is shown between pictures, before the first one (black) and
/// after the last one, and what is heard where no sound comes, it takes care of itself.
///
/// Dropping it ends it at once; [`Self::finish`] gives what is encoded already.
#[derive(Debug)]
pub struct Segmenter {
    core: Arc<Core>,
    ticking: Option<JoinHandle<()>>,
}

/// How encoding is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmenterStats {
    /// Pictures that the encoder was too slow for, since the start.
    pub dropped_frames: u64,
    /// The encoder's name for people, such as `x264`.
    pub encoder: &'static str,
}

#[derive(Debug)]
struct Core {
    started: gst::ClockTime,
    encoder: &'static str,
    picture_size: usize,
    /// Held while what comes out of it is handed on, so that it stays in order.
    line: Mutex<TimeLine<gst::Buffer>>,
    pipeline: Pipeline,
    outlet: Arc<Outlet>,
    stopping: AtomicBool,
}

impl Segmenter {
    /// Starts encoding. The receiver gets the init segment and then segments, and ends when the segmenter is finished
    /// or dropped, or fails: [`Self::failure`] says so.
    ///
    /// It blocks until the encoder has encoded one picture: a tenth of a second, seconds where drivers are slow.
    pub fn start(encoding: &Encoding) -> Result<(Self, mpsc::Receiver<Output>), SegmenterError> {
        encoding.check()?;
        start_gstreamer()?;
        let sound_encoder = aac::Encoder::pick()?;
        let mut problem = SegmenterError::EncoderUnavailable(encoding.encoder);
        for encoder in h264::candidates(encoding.encoder)? {
            if encoder.is_hardware() && !trial::encodes(encoder, encoding) {
                tracing::warn!("{} does not encode here", encoder.name());
                continue;
            }
            match Self::start_with(encoding, encoder, sound_encoder) {
                Ok(started) => return Ok(started),
                Err(error) => {
                    tracing::warn!("{} does not start: {error}", encoder.name());
                    problem = error;
                }
            }
        }
        Err(problem)
    }

    fn start_with(
        encoding: &Encoding,
        encoder: &h264::Encoder,
        sound_encoder: &aac::Encoder,
    ) -> Result<(Self, mpsc::Receiver<Output>), SegmenterError> {
        let (outlet, receiver) = Outlet::new();
        let outlet = Arc::new(outlet);
        let black = black_picture(encoding)?;
        let mut line = TimeLine::new(Cadence::new(encoding), black, sound_encoder.delay);
        let first = line.begin();
        let pipeline = Pipeline::start(encoding, encoder, sound_encoder, first, &outlet)?;
        let core = Arc::new(Core {
            started: pipeline.start_time(),
            encoder: encoder.name(),
            picture_size: picture_info(encoding)?.size(),
            line: Mutex::new(line),
            pipeline,
            outlet,
            stopping: AtomicBool::new(false),
        });
        let ticked = core.clone();
        let ticking = std::thread::Builder::new()
            .name("segmenter".to_owned())
            .spawn(move || ticked.run())
            .map_err(|error| SegmenterError::GStreamer(error.to_string()))?;
        let segmenter = Self {
            core,
            ticking: Some(ticking),
        };
        Ok((segmenter, receiver))
    }

    /// How encoding is doing.
    pub fn stats(&self) -> SegmenterStats {
        SegmenterStats {
            dropped_frames: self.core.pipeline.dropped(),
            encoder: self.core.encoder,
        }
    }

    /// Why no segments come any more, if that was nobody's wish.
    pub fn failure(&self) -> Option<SegmenterError> {
        self.core.outlet.failure()
    }

    /// Ends after the last segment, which is shorter than others, has gone to the receiver.
    pub async fn finish(mut self) {
        self.stop_ticking();
        self.core.finish();
        if tokio::time::timeout(FINISH_TIMEOUT, self.core.outlet.ended())
            .await
            .is_err()
        {
            tracing::warn!("the encoder took too long to finish");
        }
    }

    fn stop_ticking(&mut self) {
        self.core.stopping.store(true, Ordering::Relaxed);
        if let Some(ticking) = self.ticking.take() {
            ticking.thread().unpark();
            // It panics never; if it did, its hook has said so.
            let _ = ticking.join();
        }
    }
}

impl MediaReceiver for Segmenter {
    fn picture(&self, picture: Picture) {
        self.core.picture(picture);
    }

    fn sound(&self, sound: Sound) {
        self.core.sound(sound);
    }
}

impl Drop for Segmenter {
    fn drop(&mut self) {
        self.stop_ticking();
        self.core.outlet.end();
    }
}

impl Core {
    fn picture(&self, picture: Picture) {
        if picture.buffer.size() < self.picture_size {
            tracing::warn!("a picture of another size was captured, and is not shown");
            return;
        }
        let mut line = self.lock();
        if self.is_stopping() {
            return;
        }
        let captured = self.moment(picture.captured_at);
        for slot in line.picture(self.now(), captured, picture.buffer) {
            self.pipeline.push_picture(slot);
        }
    }

    fn sound(&self, sound: Sound) {
        let mut line = self.lock();
        if self.is_stopping() {
            return;
        }
        let captured = self.moment(sound.captured_at);
        if let Some(block) = line.sound(self.now(), captured, sound.samples) {
            self.pipeline.push_sound(&block);
        }
    }

    /// The thread that brings what is due by the clock alone.
    fn run(&self) {
        while !self.is_stopping() {
            let now = self.now();
            let due = {
                let mut line = self.lock();
                self.push(line.tick(now));
                line.due(now)
            };
            if let Err(error) = self.pipeline.check() {
                self.outlet.fail(error);
                return;
            }
            std::thread::park_timeout(due.saturating_sub(self.now()).min(TICK));
        }
    }

    fn finish(&self) {
        let mut line = self.lock();
        self.push(line.finish());
        self.pipeline.end_of_stream();
    }

    /// With the time line held, as it must come in order.
    fn push(&self, due: Due<gst::Buffer>) {
        for slot in due.slots {
            self.pipeline.push_picture(slot);
        }
        if let Some(block) = due.sound {
            self.pipeline.push_sound(&block);
        }
    }

    /// The broadcast's time.
    fn now(&self) -> Duration {
        clock_time().saturating_sub(self.started).into()
    }

    fn moment(&self, at: gst::ClockTime) -> Moment {
        if at >= self.started {
            Moment::After((at - self.started).into())
        } else {
            Moment::Before((self.started - at).into())
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, TimeLine<gst::Buffer>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmenter::fragments;

    #[test]
    fn an_encoder_that_dies_ends_the_output_and_says_why() {
        let (segmenter, mut outputs) = Segmenter::start(&Encoding::default()).unwrap();
        segmenter.core.pipeline.break_encoder();
        while outputs.blocking_recv().is_some() {}
        let failure = segmenter.failure().unwrap();
        assert!(failure.to_string().contains("the device is gone"));
    }

    #[test]
    fn in_each_track_a_segment_begins_exactly_where_the_one_before_it_ends() {
        let encoding = Encoding {
            segment_duration: Duration::from_millis(100),
            key_frame_interval: Duration::from_millis(500),
            ..Encoding::default()
        };
        let (_segmenter, mut outputs) = Segmenter::start(&encoding).unwrap();
        let Some(Output::Init(init)) = outputs.blocking_recv() else {
            panic!("first comes the init segment");
        };
        let tracks = fragments::tracks(&init.bytes).unwrap();
        let mut ends = [Duration::ZERO; 2];
        for _ in 0..25 {
            let Some(Output::Media(segment)) = outputs.blocking_recv() else {
                panic!("segments follow");
            };
            let runs = fragments::runs(&segment.bytes, &tracks).unwrap();
            assert_eq!(runs.len(), 2);
            for (run, end) in runs.iter().zip(&mut ends) {
                assert_eq!(run.begin, *end, "{run:?}");
                *end = run.end;
            }
        }
    }

    #[test]
    fn a_picture_of_another_size_is_not_shown() {
        let (segmenter, mut outputs) = Segmenter::start(&Encoding::default()).unwrap();
        segmenter.picture(Picture {
            buffer: gst::Buffer::from_slice([0; 16]),
            captured_at: clock_time(),
        });
        for _ in 0..3 {
            assert!(outputs.blocking_recv().is_some());
        }
        assert_eq!(segmenter.failure(), None);
    }
}
