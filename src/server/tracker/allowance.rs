//! How much of something a connection may do in a second.

use std::time::Instant;

/// How many seconds' worth may be done at once after a quiet time. A peer's life is bursts (it joins, it reconnects)
/// between long silences; ten seconds' worth covers them.
const BURST_SECONDS: u32 = 10;

/// A token bucket.
#[derive(Debug)]
pub(super) struct Allowance {
    per_second: u32,
    left: f64,
    at: Instant,
}

impl Allowance {
    /// A full bucket.
    pub(super) fn new(per_second: u32, now: Instant) -> Self {
        Self {
            per_second,
            left: f64::from(per_second * BURST_SECONDS),
            at: now,
        }
    }

    /// Takes so many, all or none.
    pub(super) fn take(&mut self, wanted: usize, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        let full = f64::from(self.per_second * BURST_SECONDS);
        self.left = full.min(self.left + passed * f64::from(self.per_second));
        let wanted = wanted as f64;
        let allowed = wanted <= self.left;
        if allowed {
            self.left -= wanted;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_only_the_rate() {
        let start = Instant::now();
        let mut allowance = Allowance::new(2, start);
        assert!(allowance.take(20, start));
        assert!(!allowance.take(1, start));
        let later = start + Duration::from_secs(3);
        assert!(!allowance.take(7, later), "three seconds give six");
        assert!(allowance.take(6, later));
        assert!(!allowance.take(1, later));
    }

    #[test]
    fn silence_saves_up_no_more_than_one_burst() {
        let start = Instant::now();
        let mut allowance = Allowance::new(1, start);
        let much_later = start + Duration::from_secs(86_400);
        assert!(!allowance.take(11, much_later));
        assert!(allowance.take(10, much_later));
    }
}
