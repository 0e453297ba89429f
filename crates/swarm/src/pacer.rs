//! The upload limit as a token bucket.

use std::time::Duration;

use crate::Time;

/// How much may go at once after a silence: a segment's worth, so that a limit delays no segment of a stream below it.
const BURST: Duration = Duration::from_millis(500);
/// A bucket that cannot hold a few pieces would never let one through.
const MIN_BURST_BYTES: f64 = 64.0 * 1024.0;

/// Says whether bytes may be sent now.
#[derive(Debug)]
pub(crate) struct Pacer {
    /// Bytes a second; `None` lets everything through.
    limit: Option<u64>,
    tokens: f64,
    filled_at: Time,
}

impl Pacer {
    pub(crate) fn new(limit: Option<u64>) -> Self {
        let mut pacer = Self {
            limit,
            tokens: 0.0,
            filled_at: Time::ZERO,
        };
        pacer.tokens = pacer.capacity();
        pacer
    }

    /// Changes the limit. What was saved up under the old one may go, as far as the new one lets so much be saved.
    pub(crate) fn set_limit(&mut self, now: Time, limit: Option<u64>) {
        if self.limit.is_none() {
            self.filled_at = now;
        }
        self.limit = limit;
        self.tokens = self.tokens.min(self.capacity());
    }

    fn capacity(&self) -> f64 {
        let limit = self.limit.unwrap_or(0) as f64;
        (limit * BURST.as_secs_f64()).max(MIN_BURST_BYTES)
    }

    /// Whether something may be sent.
    pub(crate) fn is_open(&mut self, now: Time) -> bool {
        let Some(limit) = self.limit else {
            return true;
        };
        let elapsed = (now - self.filled_at).as_secs_f64();
        self.filled_at = now;
        self.tokens = (self.tokens + elapsed * limit as f64).min(self.capacity());
        self.tokens > 0.0
    }

    /// So many bytes were sent. The bucket may run into debt: by one piece, and by small messages, which never wait.
    pub(crate) fn spend(&mut self, bytes: usize) {
        if self.limit.is_some() {
            self.tokens -= bytes as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_ten_seconds_the_limit_is_kept() {
        let mut pacer = Pacer::new(Some(100_000));
        let mut sent = 0;
        for millis in 0..10_000 {
            let now = Time::from_epoch(Duration::from_millis(millis));
            while pacer.is_open(now) {
                pacer.spend(16_397);
                sent += 16_397;
            }
        }
        assert!((1_000_000..1_100_000).contains(&sent), "{sent}");
    }
}
