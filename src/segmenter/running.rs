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
use super::timeline::{Due, Moment, TimeLine, gst_time};
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
    encoder: &'static str,
    picture_size: usize,
    /// Held while what comes out of it is handed on, so that it stays in order.
    course: Mutex<Course>,
    pipeline: Pipeline,
    outlet: Arc<Outlet>,
    stopping: AtomicBool,
}

/// The time line, and where on it we are.
#[derive(Debug)]
struct Course {
    line: TimeLine<gst::Buffer>,
    /// When the broadcast's time began; later by each pause.
    started: gst::ClockTime,
    /// While paused: the broadcast's time when it goes on.
    resume_at: Option<Duration>,
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
            encoder: encoder.name(),
            picture_size: picture_info(encoding)?.size(),
            course: Mutex::new(Course {
                line,
                started: pipeline.start_time(),
                resume_at: None,
            }),
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

    /// Has the broadcast's time stand still. The segment that is begun is completed; then nothing comes out, and what is
    /// captured is not used.
    pub fn pause(&self) {
        self.core.pause();
    }

    /// Goes on where it was paused, with a key frame.
    pub fn resume(&self) {
        self.core.resume();
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
        let mut course = self.lock();
        if self.is_stopping() || course.is_paused() {
            return;
        }
        let (now, captured) = (course.now(), course.moment(picture.captured_at));
        for slot in course.line.picture(now, captured, picture.buffer) {
            self.pipeline.push_picture(slot);
        }
    }

    fn sound(&self, sound: Sound) {
        let mut course = self.lock();
        if self.is_stopping() || course.is_paused() {
            return;
        }
        let (now, captured) = (course.now(), course.moment(sound.captured_at));
        if let Some(block) = course.line.sound(now, captured, sound.samples) {
            self.pipeline.push_sound(&block);
        }
    }

    /// The thread that brings what is due by the clock alone.
    fn run(&self) {
        while !self.is_stopping() {
            let wait = {
                let mut course = self.lock();
                let now = course.now();
                if course.is_paused() {
                    TICK
                } else {
                    self.push(course.line.tick(now));
                    course.line.due(now).saturating_sub(course.now())
                }
            };
            if let Err(error) = self.pipeline.check() {
                self.outlet.fail(error);
                return;
            }
            std::thread::park_timeout(wait.min(TICK));
        }
    }

    fn finish(&self) {
        let mut course = self.lock();
        self.complete(course.line.finish());
        self.pipeline.end_of_stream();
    }

    fn pause(&self) {
        let mut course = self.lock();
        if course.is_paused() {
            return;
        }
        let now = course.now();
        let (due, resume_at) = course.line.pause(now);
        self.complete(due);
        course.resume_at = Some(resume_at);
    }

    fn resume(&self) {
        let mut course = self.lock();
        let Some(resume_at) = course.resume_at.take() else {
            return;
        };
        course.started = clock_time().saturating_sub(gst_time(resume_at));
        self.pipeline.set_start_time(course.started);
        self.pipeline.begin_with_key_frame();
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

    /// The same for what ends a segment. It is little.
    fn complete(&self, due: Due<gst::Buffer>) {
        for slot in due.slots {
            self.pipeline.push_in_any_case(slot);
        }
        if let Some(block) = due.sound {
            self.pipeline.push_sound(&block);
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Course {
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

    fn is_paused(&self) -> bool {
        self.resume_at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmenter::{MediaSegment, fragments};

    #[test]
    fn an_encoder_that_dies_ends_the_output_and_says_why() {
        let (segmenter, mut outputs) = Segmenter::start(&Encoding::default()).unwrap();
        segmenter.core.pipeline.break_encoder();
        while outputs.blocking_recv().is_some() {}
        let failure = segmenter.failure().unwrap();
        assert!(failure.to_string().contains("the device is gone"));
    }

    /// The outputs, read as players will.
    struct Reading {
        outputs: mpsc::Receiver<Output>,
        tracks: Vec<fragments::Track>,
        ends: [Duration; 2],
    }

    impl Reading {
        fn new(mut outputs: mpsc::Receiver<Output>) -> Self {
            let Some(Output::Init(init)) = outputs.blocking_recv() else {
                panic!("first comes the init segment");
            };
            Self {
                tracks: fragments::tracks(&init.bytes).unwrap(),
                outputs,
                ends: [Duration::ZERO; 2],
            }
        }

        /// The next segment; in each track it begins exactly where the one before it ends.
        #[track_caller]
        fn segment(&mut self) -> MediaSegment {
            let Some(Output::Media(segment)) = self.outputs.blocking_recv() else {
                panic!("segments follow");
            };
            let runs = fragments::runs(&segment.bytes, &self.tracks).unwrap();
            assert_eq!(runs.len(), 2);
            for (run, end) in runs.iter().zip(&mut self.ends) {
                assert_eq!(run.begin, *end, "{run:?}");
                *end = run.end;
            }
            segment
        }
    }

    #[test]
    fn an_encoder_that_is_held_up_leaves_no_hole_between_segments() {
        let (segmenter, outputs) = Segmenter::start(&Encoding::default()).unwrap();
        let mut reading = Reading::new(outputs);
        for milliseconds in [130, 230, 370, 610, 1150] {
            segmenter
                .core
                .pipeline
                .hold_up_encoder(Duration::from_millis(milliseconds));
            for _ in 0..7 {
                reading.segment();
            }
        }
        assert!(segmenter.stats().dropped_frames > 20);
    }

    #[test]
    fn an_encoder_that_is_held_up_for_longer_than_pictures_are_kept_goes_on_with_a_key_frame() {
        let (segmenter, outputs) = Segmenter::start(&Encoding::default()).unwrap();
        let mut reading = Reading::new(outputs);
        reading.segment();
        segmenter
            .core
            .pipeline
            .hold_up_encoder(Duration::from_secs(5));
        // Sound alone, where there was no picture; what comes after it would show nothing before a key frame.
        let mut missed = 0;
        let next = loop {
            let Some(Output::Media(segment)) = reading.outputs.blocking_recv() else {
                panic!("segments follow");
            };
            let runs = fragments::runs(&segment.bytes, &reading.tracks).unwrap();
            let has_picture = runs.iter().any(|run| run.kind == fragments::Kind::Video);
            match (has_picture, missed) {
                (true, 0) => {}
                (true, _) => break segment,
                (false, _) => missed += 1,
            }
        };
        assert!(next.key_frame, "after {missed} segments of sound alone");
    }

    #[test]
    fn after_a_pause_it_goes_on_without_a_hole_and_with_a_key_frame() {
        let (segmenter, outputs) = Segmenter::start(&Encoding::default()).unwrap();
        let mut reading = Reading::new(outputs);
        for _ in 0..3 {
            reading.segment();
        }
        segmenter.pause();
        // What was begun is completed, and then nothing more comes.
        std::thread::sleep(Duration::from_secs(2));
        while !reading.outputs.is_empty() {
            reading.segment();
        }
        let paused_at = reading.ends;
        std::thread::sleep(Duration::from_secs(1));
        assert!(reading.outputs.is_empty());
        segmenter.resume();
        let resumed = std::time::SystemTime::now();
        let next = reading.segment();
        assert!(next.key_frame);
        assert!(next.captured_at + Duration::from_millis(500) > resumed);
        assert_eq!(next.presentation_time, paused_at[0]);
        for _ in 0..9 {
            reading.segment();
        }
    }

    #[test]
    fn in_each_track_a_segment_begins_exactly_where_the_one_before_it_ends() {
        let encoding = Encoding {
            segment_duration: Duration::from_millis(100),
            key_frame_interval: Duration::from_millis(500),
            ..Encoding::default()
        };
        let (_segmenter, outputs) = Segmenter::start(&encoding).unwrap();
        let mut reading = Reading::new(outputs);
        for _ in 0..25 {
            reading.segment();
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
