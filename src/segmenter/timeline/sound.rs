//! Sound without a gap out of whatever a source delivers.

use std::time::Duration;

use super::hold::Hold;
use crate::capture::{CHANNELS, SAMPLE_RATE};

/// Waited beyond a source's lateness before silence takes its place: two of the 10 ms blocks that sound comes in.
const MARGIN: Duration = Duration::from_millis(20);
/// Time stamps that are off by less are jitter: the sound goes on where it was. 20 ms are half of what picture and sound
/// may be apart.
const JITTER: i64 = SAMPLE_RATE as i64 / 50;
/// How far sound may run ahead of the clock; a source that delivers more at once has lost its own clock.
const AHEAD: i64 = SAMPLE_RATE as i64 / 2;
/// Silence is emitted in pieces of 10 ms at least.
const PIECE: i64 = SAMPLE_RATE as i64 / 100;

/// Some sound in its place: samples of all channels, counted from the broadcast's start.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::segmenter) struct Block {
    pub(in crate::segmenter) position: u64,
    pub(in crate::segmenter) samples: Vec<f32>,
}

/// Gives each sample of the time line a value, in order.
///
/// Sound is emitted the moment that it comes. Silence fills what was left out before it, and what has not come once the
/// source has had its time. Sound that comes after its place has gone out is dropped, unless its source is later
/// than anything is waited for: then it is played late.
#[derive(Debug)]
pub(in crate::segmenter) struct Line {
    hold: Hold,
    /// The sample that is to be emitted next.
    next: i64,
    /// Where the source's next sample goes if it goes on without a gap.
    source_next: Option<i64>,
}

impl Line {
    /// Begins with the sample `first`.
    pub(in crate::segmenter) fn new(first: u64) -> Self {
        Self {
            hold: Hold::new(MARGIN),
            next: first.cast_signed(),
            source_next: None,
        }
    }

    /// Sound has come. `captured` is its first sample's place on the time line, which may lie before its start.
    pub(in crate::segmenter) fn sound(
        &mut self,
        now: Duration,
        captured: i64,
        mut samples: Vec<f32>,
    ) -> Option<Block> {
        let length = (samples.len() / CHANNELS).cast_signed() as i64;
        let clock = sample_at(now);
        let lateness = duration_of(clock - captured);
        self.hold.observe(now, lateness);
        let begin = match self.source_next {
            Some(expected) if (expected - captured).abs() <= JITTER => expected,
            _ if lateness > Hold::LONGEST => captured.max(self.next),
            _ => captured,
        };
        let end = begin + length;
        self.source_next = Some(end);
        if end <= self.next || end > clock + AHEAD {
            return None;
        }
        let position = self.next.cast_unsigned();
        if begin < self.next {
            samples.drain(..index(self.next - begin));
        } else if begin > self.next {
            samples.splice(0..0, silence(begin - self.next));
        }
        self.next = end;
        Some(Block { position, samples })
    }

    /// Time has passed.
    pub(in crate::segmenter) fn tick(&mut self, now: Duration) -> Option<Block> {
        let until = sample_at(now.saturating_sub(self.hold.at(now)));
        if until - self.next < PIECE {
            return None;
        }
        self.silence_until(until)
    }

    fn silence_until(&mut self, until: i64) -> Option<Block> {
        let missing = until - self.next;
        if missing <= 0 {
            return None;
        }
        let position = self.next.cast_unsigned();
        self.next += missing;
        Some(Block {
            position,
            samples: silence(missing).collect(),
        })
    }

    /// No sound comes any more: silence up to that moment.
    pub(in crate::segmenter) fn finish(&mut self, until: Duration) -> Option<Block> {
        self.silence_until(sample_at(until))
    }

    /// Where the sound that was emitted ends.
    pub(in crate::segmenter) fn end(&self) -> Duration {
        duration_of(self.next)
    }

    /// When silence is emitted at the latest.
    pub(in crate::segmenter) fn due(&self, now: Duration) -> Duration {
        duration_of(self.next + PIECE) + self.hold.at(now)
    }
}

fn silence(samples: i64) -> impl Iterator<Item = f32> {
    std::iter::repeat_n(0.0, index(samples))
}

/// Where a sample is among interleaved ones.
fn index(samples: i64) -> usize {
    usize::try_from(samples).unwrap_or(0) * CHANNELS
}

/// The sample that is played at a moment.
pub(in crate::segmenter) fn sample_at(time: Duration) -> i64 {
    let samples = time.as_nanos() * u128::from(SAMPLE_RATE) / 1_000_000_000;
    i64::try_from(samples).unwrap_or(i64::MAX)
}

/// How long so many samples play, rounded up as slots are; nothing for less than none.
pub(in crate::segmenter) fn duration_of(samples: i64) -> Duration {
    let samples = u64::try_from(samples).unwrap_or(0);
    let rate = u64::from(SAMPLE_RATE);
    Duration::from_secs(samples / rate)
        + Duration::from_nanos(((samples % rate) * 1_000_000_000).div_ceil(rate))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: i64 = SAMPLE_RATE as i64 / 1000;

    fn ms(milliseconds: i64) -> Duration {
        Duration::from_millis(milliseconds.unsigned_abs())
    }

    fn left(blocks: &[Block]) -> Vec<f32> {
        blocks
            .iter()
            .flat_map(|block| block.samples.iter().step_by(CHANNELS).copied())
            .collect()
    }

    /// Delivers (arrival, capture, length) in milliseconds, each sample's value its own place, and ticks each 5 ms.
    fn run(deliveries: &[(i64, i64, i64)], until: i64) -> Vec<Block> {
        let mut line = Line::new(0);
        let mut blocks = Vec::new();
        let mut deliveries = deliveries.iter().peekable();
        for now in 0..until {
            while let Some((_, captured, length)) = deliveries.next_if(|(at, ..)| *at <= now) {
                let captured = captured * MS;
                let samples = (captured..captured + length * MS)
                    .flat_map(|sample| [sample as f32; CHANNELS])
                    .collect();
                blocks.extend(line.sound(ms(now), captured, samples));
            }
            if now % 5 == 0 {
                blocks.extend(line.tick(ms(now)));
            }
        }
        blocks
    }

    /// Samples that are where they were captured, of those from `from` on.
    fn in_place(samples: &[f32], from: i64) -> usize {
        samples
            .iter()
            .enumerate()
            .skip(index(from) / CHANNELS)
            .filter(|(place, value)| *place as f32 == **value)
            .count()
    }

    #[test]
    fn silence_flows_where_no_sound_comes() {
        let samples = left(&run(&[], 1000));
        assert!(samples.len() as i64 >= 960 * MS);
        assert!(samples.iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn prompt_sound_is_all_there_in_its_place() {
        let deliveries: Vec<_> = (0..100).map(|n| (n * 10 + 15, n * 10, 10)).collect();
        let samples = left(&run(&deliveries, 1000));
        assert!(in_place(&samples, 30 * MS) as i64 >= 940 * MS);
    }

    #[test]
    fn sound_that_is_always_300_ms_late_is_in_its_place() {
        let deliveries: Vec<_> = (0..200).map(|n| (n * 10 + 310, n * 10, 10)).collect();
        let samples = left(&run(&deliveries, 2300));
        // The first 300 ms were silence before anybody knew.
        assert!(in_place(&samples, 300 * MS) as i64 >= 1690 * MS);
    }

    #[test]
    fn sound_in_bursts_of_200_ms_is_in_its_place() {
        let deliveries: Vec<_> = (0..200).map(|n| (n / 20 * 200 + 210, n * 10, 10)).collect();
        let samples = left(&run(&deliveries, 2210));
        assert!(in_place(&samples, 200 * MS) as i64 >= 1790 * MS);
    }

    #[test]
    fn sound_that_is_a_second_late_is_played_late_rather_than_dropped() {
        let deliveries: Vec<_> = (0..300).map(|n| (n * 10 + 1000, n * 10, 10)).collect();
        let samples = left(&run(&deliveries, 4000));
        let heard = samples.iter().filter(|sample| **sample != 0.0).count() as i64;
        assert!(heard >= 2800 * MS, "{heard}");
    }

    #[test]
    fn jitter_of_time_stamps_makes_no_gap() {
        let deliveries: Vec<_> = (0..100)
            .map(|n| (n * 10 + 30, n * 10 + (n * 7919) % 17 - 8, 10))
            .collect();
        let mut line = Line::new(0);
        let mut blocks = Vec::new();
        for (arrival, captured, length) in deliveries {
            let samples = vec![1.0; index(length * MS)];
            blocks.extend(line.sound(ms(arrival), captured * MS, samples));
        }
        let samples = left(&blocks);
        let first = samples.iter().position(|sample| *sample == 1.0).unwrap();
        assert!(samples[first..].iter().all(|sample| *sample == 1.0));
        assert!(samples.len() as i64 >= 980 * MS);
    }

    #[test]
    fn sound_may_begin_before_the_broadcast_does() {
        let mut line = Line::new(100);
        let block = line.sound(ms(10), -480, vec![1.0; 960 * CHANNELS]).unwrap();
        assert_eq!(block.position, 100);
        assert_eq!(block.samples.len(), 380 * CHANNELS);
    }

    proptest! {
        #[test]
        fn blocks_follow_each_other_and_keep_to_the_clock(
            gaps in proptest::collection::vec((0..300_i64, -900..2000_i64, 1..400_i64), 0..60),
        ) {
            let mut at = 0;
            let deliveries: Vec<_> = gaps
                .iter()
                .map(|(gap, lateness, length)| {
                    at += gap;
                    (at, at - lateness, *length)
                })
                .collect();
            let until = at + 2000;
            let blocks = run(&deliveries, until);
            let mut next = 0;
            for block in &blocks {
                prop_assert_eq!(block.position, next);
                prop_assert_eq!(block.samples.len() % CHANNELS, 0);
                prop_assert!(!block.samples.is_empty());
                next += (block.samples.len() / CHANNELS) as u64;
            }
            let end = next.cast_signed();
            prop_assert!(end >= (until - 1000) * MS && end <= (at + 500).max(until) * MS);
        }
    }
}
