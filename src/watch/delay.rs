//! How long segments were on their way.

use std::time::Duration;

/// Delays of this and more are counted as this. A live stream that is later has other troubles.
const LONGEST: usize = 30_000;

/// Counts by the millisecond: the memory for a second's segments is that for a day's.
#[derive(Clone, Debug)]
pub(super) struct Delays {
    counts: Vec<u32>,
    total: u64,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            counts: vec![0; LONGEST + 1],
            total: 0,
        }
    }
}

impl Delays {
    pub(super) fn add(&mut self, delay: Duration) {
        let millis = usize::try_from(delay.as_millis()).unwrap_or(LONGEST);
        self.counts[millis.min(LONGEST)] += 1;
        self.total += 1;
    }

    /// The delay, in milliseconds, that this many percent of the segments did not exceed.
    pub(super) fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (self.total * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= rank
        })?;
        Some(at as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_a_sorted_list() {
        let mut delays = Delays::default();
        assert_eq!(delays.percentile(50), None);
        for millis in (1..=100).rev() {
            delays.add(Duration::from_millis(millis));
        }
        assert_eq!(delays.percentile(50), Some(50));
        assert_eq!(delays.percentile(95), Some(95));
        assert_eq!(delays.percentile(100), Some(100));
    }

    #[test]
    fn a_delay_beyond_all_measure_is_counted() {
        let mut delays = Delays::default();
        delays.add(Duration::from_secs(1_000_000));
        assert_eq!(delays.percentile(50), Some(LONGEST as u64));
    }
}
