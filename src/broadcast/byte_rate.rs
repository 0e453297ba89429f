//! How fast bytes are made or go out, over the last seconds: what a person watches should neither jump nor lag.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Over how long the rate is taken. Two groups of pictures at the usual 2 s, whose key frames are the large ones.
const SPAN: Duration = Duration::from_secs(4);

/// The rate of a counter that only grows.
#[derive(Debug, Default)]
pub(super) struct ByteRate {
    samples: VecDeque<(Instant, u64)>,
}

impl ByteRate {
    /// The counter now.
    pub(super) fn add(&mut self, now: Instant, bytes: u64) {
        self.samples.push_back((now, bytes));
        // One sample from before the span stays, so that the whole span is covered.
        while self.samples.len() > 2 && self.samples[1].0 + SPAN <= now {
            self.samples.pop_front();
        }
    }

    /// Bytes a second.
    pub(super) fn bytes_per_second(&self) -> u64 {
        let (Some((from, first)), Some((to, last))) = (self.samples.front(), self.samples.back())
        else {
            return 0;
        };
        let elapsed = to.duration_since(*from).as_secs_f64();
        if elapsed > 0.0 {
            (last.saturating_sub(*first) as f64 / elapsed) as u64
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let mut rate = ByteRate::default();
        assert_eq!(rate.bytes_per_second(), 0);
        for quarter in 0..40u32 {
            let bytes = u64::from(quarter.min(20)) * 250;
            rate.add(start + quarter * Duration::from_millis(250), bytes);
            if quarter == 20 {
                assert_eq!(rate.bytes_per_second(), 1000);
            }
        }
        assert_eq!(rate.bytes_per_second(), 0);
    }
}
