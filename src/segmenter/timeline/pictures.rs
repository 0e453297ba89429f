//! A constant frame rate out of whatever a source delivers.

use std::time::Duration;

use super::hold::Hold;
use crate::segmenter::cadence::Cadence;

/// Waited beyond a source's lateness before its last picture is repeated: a thread's late wake-up costs no picture then.
const MARGIN: Duration = Duration::from_millis(5);
/// A picture may be shown so much of a slot before or after its capture, in quarters of a slot. Three quarters absorb
/// a source's jitter, keep a source that beats with the frame rate from flipping between two slots, and keep picture and sound within
/// 25 ms at 30 frames a second.
const REACH_QUARTERS: u64 = 3;

/// Repeats that are emitted at once when the clock has got ahead of them: what the encoder's queue takes.
const MOST_REPEATS: u64 = 3;

/// Where nothing went out for longer, because the computer slept or the program was stopped, players begin anew anyhow.
const LONGEST_GAP: Duration = Duration::from_secs(10);

/// A picture in its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::segmenter) struct Slot<P> {
    pub(in crate::segmenter) number: u64,
    pub(in crate::segmenter) picture: P,
    /// When it was captured; a repeated picture is what there was to be captured in its slot.
    pub(in crate::segmenter) captured: Duration,
}

/// Gives each slot of the time line one picture, in order. Where a source has become prompter by several slots, these are left
/// out, but for the first of each segment: a segment without a picture stops players.
///
/// A picture is emitted the moment that it comes, unless its slot has gone out already. A slot that nothing came for
/// repeats the last picture, once the source has had its time.
#[derive(Debug)]
pub(in crate::segmenter) struct Pacer<P> {
    cadence: Cadence,
    hold: Hold,
    /// The slot that is to be emitted next.
    next: u64,
    shown: P,
    /// Came too early for the next slot; takes it unless a newer one comes.
    waiting: Option<(P, Duration)>,
}

impl<P: Clone> Pacer<P> {
    /// `first` is shown until a picture comes.
    pub(in crate::segmenter) fn new(cadence: Cadence, first: P) -> Self {
        Self {
            cadence,
            hold: Hold::new(MARGIN),
            next: 0,
            shown: first,
            waiting: None,
        }
    }

    /// Emits the first slot before its time: encoders take long over their first picture.
    pub(in crate::segmenter) fn begin(&mut self) -> Slot<P> {
        self.emit_without_new()
    }

    /// A picture has come.
    pub(in crate::segmenter) fn picture(
        &mut self,
        now: Duration,
        captured: Duration,
        picture: P,
    ) -> Vec<Slot<P>> {
        let captured = self.believe(now, captured);
        if captured < self.reach_begins() {
            self.waiting = Some((picture, captured));
            return Vec::new();
        }
        let mut slots = Vec::with_capacity(1);
        self.repeat_until(captured, &mut slots);
        // Superseded before its slot came: the source is faster than the frame rate.
        self.waiting = None;
        slots.push(self.emit(picture, captured));
        slots
    }

    /// Time has passed.
    pub(in crate::segmenter) fn tick(&mut self, now: Duration) -> Vec<Slot<P>> {
        let mut slots = Vec::new();
        self.repeat_until(now.saturating_sub(self.hold.at(now)), &mut slots);
        slots
    }

    /// When the next slot is emitted at the latest.
    pub(in crate::segmenter) fn due(&self, now: Duration) -> Duration {
        self.reach_ends() + self.hold.at(now)
    }

    /// No picture comes any more: repeats up to that moment.
    pub(in crate::segmenter) fn finish(&mut self, until: Duration) -> Vec<Slot<P>> {
        let mut slots = Vec::new();
        self.repeat_until(until, &mut slots);
        slots
    }

    /// When the last slot that was emitted ends.
    pub(in crate::segmenter) fn end(&self) -> Duration {
        self.cadence.slot_time(self.next)
    }

    /// When a picture was captured, by what its source says, within reason.
    fn believe(&mut self, now: Duration, captured: Duration) -> Duration {
        let lateness = now.saturating_sub(captured);
        // One that has been standing, not one that is late: the first in a while, or from a clock that is wrong.
        if self.hold.is_gone(now) || lateness > Hold::LONGEST {
            self.hold.observe(now, Duration::ZERO);
            return now;
        }
        self.hold.observe(now, lateness);
        captured.min(now)
    }

    /// Emits the slots that no picture of that moment or later can take.
    fn repeat_until(&mut self, time: Duration, slots: &mut Vec<Slot<P>>) {
        if self.reach_ends() > time {
            return;
        }
        let last = self.cadence.slot_at(time - self.reach());
        let oldest = self.cadence.slot_at(time.saturating_sub(LONGEST_GAP));
        self.next = self.next.max(oldest);
        // More than that at once is encoded for nothing: a picture that stands for several slots looks the same.
        let repeats_from = (last + 1).saturating_sub(MOST_REPEATS);
        while self.next <= last {
            let segment = self.cadence.segment_of(self.next);
            if self.next >= repeats_from || self.cadence.first_slot(segment) == self.next {
                slots.push(self.emit_without_new());
            } else {
                self.next = self.cadence.first_slot(segment + 1).min(repeats_from);
            }
        }
    }

    fn emit_without_new(&mut self) -> Slot<P> {
        match self.waiting.take() {
            Some((picture, captured)) => self.emit(picture, captured),
            None => self.emit(self.shown.clone(), self.cadence.slot_time(self.next)),
        }
    }

    fn emit(&mut self, picture: P, captured: Duration) -> Slot<P> {
        self.shown = picture.clone();
        let number = self.next;
        self.next += 1;
        Slot {
            number,
            picture,
            captured,
        }
    }

    fn reach_begins(&self) -> Duration {
        self.cadence
            .slot_time(self.next)
            .saturating_sub(self.reach())
    }

    fn reach_ends(&self) -> Duration {
        self.cadence.slot_time(self.next) + self.reach()
    }

    fn reach(&self) -> Duration {
        self.cadence.slot_time(REACH_QUARTERS) / 4
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::segmenter::Encoding;

    const BLACK: u32 = u32::MAX;

    fn pacer() -> Pacer<u32> {
        Pacer::new(Cadence::new(&Encoding::default()), BLACK)
    }

    fn us(microseconds: u64) -> Duration {
        Duration::from_micros(microseconds)
    }

    fn numbers<P>(slots: &[Slot<P>]) -> Vec<u64> {
        slots.iter().map(|slot| slot.number).collect()
    }

    /// Runs pictures of (arrival, capture) in microseconds through a pacer that ticks each 2 ms.
    fn run(deliveries: &[(u64, u64)], until: u64) -> Vec<(u64, Slot<u32>)> {
        let mut pacer = pacer();
        let mut emitted = Vec::new();
        let mut deliveries = deliveries.iter().zip(0..).peekable();
        for now in (0..until).step_by(500) {
            while let Some(((_, captured), picture)) = deliveries.next_if(|((at, _), _)| *at <= now)
            {
                let slots = pacer.picture(us(now), us(*captured), picture);
                emitted.extend(slots.into_iter().map(|slot| (now, slot)));
            }
            if now.is_multiple_of(2000) {
                let slots = pacer.tick(us(now));
                emitted.extend(slots.into_iter().map(|slot| (now, slot)));
            }
        }
        emitted
    }

    #[test]
    fn a_regular_source_has_each_picture_emitted_as_it_comes() {
        for phase in (0..33_333).step_by(3000) {
            let deliveries: Vec<_> = (0..60_u64)
                .map(|n| {
                    let captured = phase + n * 33_333;
                    (captured + 8000, captured)
                })
                .collect();
            let emitted = run(&deliveries, 2_000_000);
            let settled: Vec<_> = emitted
                .iter()
                .filter(|(_, slot)| slot.picture != BLACK)
                .skip(5)
                .collect();
            assert!(settled.len() >= 54);
            for pair in settled.windows(2) {
                assert_eq!(pair[1].1.picture, pair[0].1.picture + 1, "phase {phase}");
            }
            for (at, slot) in settled {
                let arrived = phase + u64::from(slot.picture) * 33_333 + 8000;
                assert!(*at - arrived < 1000, "phase {phase}");
            }
        }
    }

    #[test]
    fn a_source_at_twice_the_rate_shows_every_other_picture() {
        let deliveries: Vec<_> = (0..120_u64)
            .map(|n| (n * 16_667 + 5000, n * 16_667))
            .collect();
        let emitted = run(&deliveries, 2_000_000);
        let pictures: Vec<_> = emitted
            .iter()
            .map(|(_, slot)| slot.picture)
            .filter(|picture| *picture != BLACK)
            .skip(3)
            .collect();
        assert!(pictures.windows(2).all(|pair| pair[1] == pair[0] + 2));
    }

    #[test]
    fn before_the_first_picture_and_after_the_last_the_rate_is_the_same() {
        let emitted = run(&[(500_000, 490_000)], 3_000_000);
        let slots: Vec<_> = emitted.iter().map(|(_, slot)| slot.clone()).collect();
        assert_eq!(numbers(&slots), (0..slots.len() as u64).collect::<Vec<_>>());
        assert!(slots.len() >= 87);
        assert_eq!(slots.first().unwrap().picture, BLACK);
        assert_eq!(slots.last().unwrap().picture, 0);
    }

    #[test]
    fn a_picture_that_comes_late_is_shown_when_it_was_captured() {
        // A camera that takes 200 ms, with sound that does not.
        let deliveries: Vec<_> = (0..60_u64)
            .map(|n| (n * 33_333 + 200_000, n * 33_333))
            .collect();
        let emitted = run(&deliveries, 2_000_000);
        let settled: Vec<_> = emitted
            .iter()
            .filter(|(_, slot)| slot.picture != BLACK && slot.picture > 10)
            .collect();
        assert!(settled.len() > 30);
        for (_, slot) in settled {
            let shown = slot.number as i64 * 33_333;
            assert!((shown - slot.captured.as_micros() as i64).abs() <= 25_000);
        }
    }

    #[test]
    fn a_picture_that_has_been_standing_for_minutes_is_shown_at_once_and_delays_nothing() {
        let mut pacer = pacer();
        let shown = pacer.picture(Duration::from_secs(300), Duration::ZERO, 1);
        assert_eq!(shown.last().unwrap().picture, 1);
        let now = Duration::from_secs(300) + us(500);
        assert!(pacer.due(now) < now + us(100_000));
    }

    #[test]
    fn a_late_source_that_goes_away_is_not_followed_by_a_burst_of_repeats() {
        let mut pacer = pacer();
        for n in 0..30 {
            pacer.picture(us(n * 33_333 + 400_000), us(n * 33_333), 1);
        }
        for now in (1_400_000..3_000_000).step_by(10_000).map(us) {
            // Three repeats, and the first of each segment that was begun meanwhile.
            assert!(pacer.tick(now).len() <= 5);
        }
        assert!(pacer.due(us(3_000_000)) < us(3_100_000));
    }

    #[test]
    fn a_clock_that_is_wrong_by_minutes_neither_stops_the_pictures_nor_runs_them_ahead() {
        let mut pacer = pacer();
        let ahead = pacer.picture(us(100_000), Duration::from_secs(600), 1);
        assert!(ahead.len() <= 4);
        let mut behind = Vec::new();
        for now in (700_000..2_000_000).step_by(10_000).map(us) {
            behind.extend(pacer.picture(now, Duration::ZERO, 2));
            behind.extend(pacer.tick(now));
        }
        assert!(behind.iter().any(|slot| slot.picture == 2));
    }

    #[test]
    fn when_the_clock_leaps_each_segment_has_a_picture_all_the_same() {
        let cadence = Cadence::new(&Encoding::default());
        let mut pacer = pacer();
        let slots = pacer.tick(Duration::from_secs(3));
        let mut segments: Vec<_> = slots
            .iter()
            .map(|slot| cadence.segment_of(slot.number))
            .collect();
        segments.dedup();
        assert_eq!(segments, (0..12).collect::<Vec<_>>());
        assert!(slots.len() <= 12 + 3);
    }

    proptest! {
        #[test]
        fn slots_are_in_order_and_never_ahead_of_the_clock_by_more_than_one(
            gaps in proptest::collection::vec((0..120_000_u64, 0..600_000_u64), 1..80),
        ) {
            let mut at = 0;
            let deliveries: Vec<_> = gaps
                .iter()
                .map(|(gap, lateness)| {
                    at += gap;
                    (at, at.saturating_sub(*lateness))
                })
                .collect();
            let emitted = run(&deliveries, at + 2_000_000);
            let mut next = 0;
            for (now, slot) in &emitted {
                prop_assert!(slot.number >= next);
                next = slot.number + 1;
                prop_assert!(slot.number * 33_333 <= now + 33_333);
            }
            // The last picture is shown in the end, and the time line is no further behind than the longest hold.
            let last = &emitted.last().unwrap().1;
            prop_assert_eq!(last.picture as usize, deliveries.len() - 1);
            prop_assert!((last.number + 2) * 33_333 + 500_000 + 25_000 > at + 2_000_000 - 40_000);
        }
    }
}
