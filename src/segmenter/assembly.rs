//! Segments out of what the muxer writes, and their way to whoever takes them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use super::cadence::Cadence;
use super::fragments::{self, Kind, Malformed, Run, Track};
use super::{InitSegment, MediaSegment, Output, SegmenterError};
use crate::capture::{clock_time, wall_clock_time};

/// Segments that wait to be taken. They are taken within milliseconds; if nobody takes them for this many, groups of
/// pictures are dropped.
const OUTPUT_QUEUE: usize = 64;
/// Slots whose capture is remembered. An encoder that is half a minute behind at 60 frames a second is a stuck one.
const CAPTURES: usize = 2048;

/// When the pictures that are being encoded were captured.
#[derive(Debug, Default)]
pub(super) struct Captures {
    /// The broadcast's start by capture's clock.
    started: Mutex<Option<gst::ClockTime>>,
    noted: Mutex<VecDeque<(u64, Duration)>>,
}

impl Captures {
    /// The broadcast's time begins now.
    pub(super) fn start(&self) -> gst::ClockTime {
        *lock(&self.started).get_or_insert_with(clock_time)
    }

    /// It began at another moment, because the broadcast's time has stood still.
    pub(super) fn set_start(&self, started: gst::ClockTime) {
        *lock(&self.started) = Some(started);
    }

    pub(super) fn note(&self, slot: u64, captured: Duration) {
        let mut noted = lock(&self.noted);
        if noted.len() == CAPTURES {
            noted.pop_front();
        }
        noted.push_back((slot, captured));
    }

    /// When the slot's picture was captured, or the newest one before it. Older ones are forgotten.
    fn take(&self, slot: u64) -> Option<gst::ClockTime> {
        let mut noted = lock(&self.noted);
        let mut captured = None;
        while let Some((_, at)) = noted.pop_front_if(|(number, _)| *number <= slot) {
            captured = Some(at);
        }
        let since_start = gst::ClockTime::try_from(captured?).ok()?;
        Some(self.start() + since_start)
    }
}

/// Where segments go, and how that ended.
#[derive(Debug)]
pub(super) struct Outlet {
    sender: Mutex<Option<mpsc::Sender<Output>>>,
    failure: Mutex<Option<SegmenterError>>,
    ended: watch::Sender<bool>,
}

impl Outlet {
    pub(super) fn new() -> (Self, mpsc::Receiver<Output>) {
        let (sender, receiver) = mpsc::channel(OUTPUT_QUEUE);
        let outlet = Self {
            sender: Mutex::new(Some(sender)),
            failure: Mutex::default(),
            ended: watch::Sender::new(false),
        };
        (outlet, receiver)
    }

    /// Ends because of an error; of several the first is kept.
    pub(super) fn fail(&self, error: SegmenterError) {
        {
            let mut failure = lock(&self.failure);
            if failure.is_none() && !*self.ended.borrow() {
                tracing::error!("{error}");
                *failure = Some(error);
            }
        }
        self.end();
    }

    /// Ends: nothing comes any more.
    pub(super) fn end(&self) {
        lock(&self.sender).take();
        self.ended.send_replace(true);
    }

    pub(super) fn failure(&self) -> Option<SegmenterError> {
        lock(&self.failure).clone()
    }

    pub(super) async fn ended(&self) {
        // The sender is ours, so it does not go away meanwhile.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// Whether there was room for it.
    fn send(&self, output: Output) -> bool {
        match &*lock(&self.sender) {
            Some(sender) => !matches!(
                sender.try_send(output),
                Err(mpsc::error::TrySendError::Full(_))
            ),
            None => true,
        }
    }
}

/// Turns the muxer's buffer lists into [`Output`].
#[derive(Debug)]
pub(super) struct Assembly {
    cadence: Cadence,
    tracks: Vec<Track>,
    last_captured: gst::ClockTime,
    /// Somebody missed a segment: the next that can be of use begins with a key frame.
    skipping: bool,
}

impl Assembly {
    pub(super) fn new(cadence: Cadence) -> Self {
        Self {
            cadence,
            tracks: Vec::new(),
            last_captured: gst::ClockTime::ZERO,
            skipping: false,
        }
    }

    /// Takes one list: a segment, the first with the init segment in front.
    pub(super) fn take(
        &mut self,
        list: &gst::BufferListRef,
        captures: &Captures,
        outlet: &Outlet,
    ) -> Result<(), SegmenterError> {
        let unreadable = |Malformed(what)| SegmenterError::Unreadable(what);
        let mut bytes = Vec::with_capacity(list.calculate_size());
        for buffer in list.iter() {
            let contents = buffer
                .map_readable()
                .map_err(|_| SegmenterError::Unreadable("a buffer"))?;
            if is_init(buffer) {
                let init = Bytes::copy_from_slice(&contents);
                self.tracks = fragments::tracks(&init).map_err(unreadable)?;
                let codecs = fragments::codecs(&self.tracks);
                outlet.send(Output::Init(InitSegment {
                    bytes: init,
                    codecs,
                }));
            } else {
                bytes.extend_from_slice(&contents);
            }
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let runs = fragments::runs(&bytes, &self.tracks).map_err(unreadable)?;
        let segment = self
            .segment(bytes.into(), &runs, captures)
            .ok_or(SegmenterError::Unreadable("a segment without samples"))?;
        self.send(segment, outlet);
        Ok(())
    }

    fn send(&mut self, segment: MediaSegment, outlet: &Outlet) {
        if self.skipping && !segment.key_frame {
            return;
        }
        self.skipping = !outlet.send(Output::Media(segment));
        if self.skipping {
            tracing::warn!("segments are not taken; one group of pictures is dropped");
        }
    }

    fn segment(&mut self, bytes: Bytes, runs: &[Run], captures: &Captures) -> Option<MediaSegment> {
        let video = runs.iter().find(|run| run.kind == Kind::Video);
        // Without a picture only if the encoder gave none for seconds.
        let main = video.or(runs.first())?;
        let last_slot = self.cadence.slot_at(main.end).saturating_sub(1);
        if let Some(captured) = captures.take(last_slot) {
            self.last_captured = captured;
        }
        Some(MediaSegment {
            bytes,
            presentation_time: main.begin,
            duration: main.end - main.begin,
            key_frame: video.is_some_and(|video| video.key_frame),
            captured_at: wall_clock_time(self.last_captured),
        })
    }
}

fn is_init(buffer: &gst::BufferRef) -> bool {
    buffer
        .flags()
        .contains(gst::BufferFlags::DISCONT | gst::BufferFlags::HEADER)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::segmenter::Encoding;

    fn segment(number: u64) -> MediaSegment {
        MediaSegment {
            bytes: Bytes::new(),
            presentation_time: Duration::from_millis(250) * number as u32,
            duration: Duration::from_millis(250),
            key_frame: number.is_multiple_of(8),
            captured_at: SystemTime::now(),
        }
    }

    #[test]
    fn when_nobody_takes_segments_what_is_dropped_ends_before_a_key_frame() {
        let (outlet, mut receiver) = Outlet::new();
        let mut assembly = Assembly::new(Cadence::new(&Encoding::default()));
        let queue = OUTPUT_QUEUE as u64;
        for number in 0..queue + 3 {
            assembly.send(segment(number), &outlet);
        }
        for _ in 0..OUTPUT_QUEUE {
            assert!(receiver.try_recv().is_ok());
        }
        for number in queue + 3..queue + 20 {
            assembly.send(segment(number), &outlet);
        }
        let Ok(Output::Media(next)) = receiver.try_recv() else {
            panic!("there is a segment");
        };
        assert_eq!(next.presentation_time, segment(queue + 8).presentation_time);
        assert!(next.key_frame);
    }

    #[test]
    fn the_first_failure_is_kept_and_ends_the_output() {
        let (outlet, mut receiver) = Outlet::new();
        outlet.fail(SegmenterError::Stuck("x264"));
        outlet.fail(SegmenterError::Unreadable("moof"));
        assert_eq!(outlet.failure(), Some(SegmenterError::Stuck("x264")));
        assert!(receiver.blocking_recv().is_none());
    }

    #[test]
    fn what_breaks_after_the_end_is_no_failure() {
        let (outlet, _receiver) = Outlet::new();
        outlet.end();
        outlet.fail(SegmenterError::Stuck("x264"));
        assert_eq!(outlet.failure(), None);
    }
}
