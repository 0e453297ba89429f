//! The broadcast's time line: what is seen and heard at each moment, whatever the sources do.
//!
//! State machines whose time is an argument. Pictures come out at a constant rate and sound without a gap, both placed by
//! when they were captured, so that nothing behind them ever waits for a source.
//!
//! Not here: clocks, threads, encoders.

mod hold;
mod pictures;
mod sound;

pub(super) use pictures::{Pacer, Slot};
pub(super) use sound::{Block, Line, duration_of, sample_at};

use std::time::Duration;

use super::cadence::Cadence;

/// So much sound beyond its end completes a segment: what the encoder keeps to itself, and the frame that goes into the
/// next one.
const SOUND_BEYOND: Duration = Duration::from_millis(150);

/// What goes to the encoders now.
#[derive(Debug)]
pub(super) struct Due<P> {
    pub(super) slots: Vec<Slot<P>>,
    pub(super) sound: Option<Block>,
}

/// A moment that may lie before the broadcast's start.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    After(Duration),
    Before(Duration),
}

/// Pictures and sound together.
#[derive(Debug)]
pub(super) struct TimeLine<P> {
    cadence: Cadence,
    pictures: Pacer<P>,
    sound: Line,
}

impl<P: Clone> TimeLine<P> {
    /// `first_picture` is shown until another comes; sound begins with the sample `first_sample`.
    pub(super) fn new(cadence: Cadence, first_picture: P, first_sample: u64) -> Self {
        Self {
            cadence,
            pictures: Pacer::new(cadence, first_picture),
            sound: Line::new(first_sample),
        }
    }

    /// Gives the first slot before its time; the broadcast's time begins when the encoder has taken it.
    pub(super) fn begin(&mut self) -> Slot<P> {
        self.pictures.begin()
    }

    pub(super) fn picture(&mut self, now: Duration, captured: Moment, picture: P) -> Vec<Slot<P>> {
        let captured = match captured {
            Moment::After(at) => at,
            Moment::Before(_) => Duration::ZERO,
        };
        self.pictures.picture(now, captured, picture)
    }

    pub(super) fn sound(
        &mut self,
        now: Duration,
        captured: Moment,
        samples: Vec<f32>,
    ) -> Option<Block> {
        let captured = match captured {
            Moment::After(at) => sound::sample_at(at),
            Moment::Before(by) => -sound::sample_at(by),
        };
        self.sound.sound(now, captured, samples)
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Duration) -> Due<P> {
        Due {
            slots: self.pictures.tick(now),
            sound: self.sound.tick(now),
        }
    }

    /// Nothing comes any more: both are brought to the same end.
    pub(super) fn finish(&mut self) -> Due<P> {
        let slots = self.pictures.finish(self.sound.end());
        let sound = self.sound.finish(self.pictures.end());
        Due { slots, sound }
    }

    /// The broadcast stands still from now on: what is begun is brought to the end of its segment, with the last picture
    /// and in silence. Returns when the time goes on.
    pub(super) fn pause(&mut self, now: Duration) -> (Due<P>, Duration) {
        let cadence = self.cadence;
        let end = cadence.segment_time(cadence.segment_at(now.max(self.pictures.end())) + 1);
        let resume = self.sound.end().max(end + SOUND_BEYOND);
        let due = Due {
            slots: self.pictures.finish(end),
            sound: self.sound.finish(resume),
        };
        (due, resume)
    }

    /// When [`Self::tick`] has something to say at the latest.
    pub(super) fn due(&self, now: Duration) -> Duration {
        self.pictures.due(now).min(self.sound.due(now))
    }
}

/// A time on the time line as GStreamer writes it.
pub(super) fn gst_time(time: Duration) -> gst::ClockTime {
    // 2^64 ns are 584 years.
    gst::ClockTime::try_from(time).unwrap_or(gst::ClockTime::MAX)
}
