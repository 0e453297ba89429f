//! How fast stock clients are given what they asked for, all together.

use std::time::Duration;

use tokio::time::Instant;

/// What may go out at once after a pause.
const BURST: Duration = Duration::from_millis(250);
/// One message's worth, as the live swarm sends them: a burst is never less.
pub(super) const CHUNK: usize = 16 * 1024;

/// What stock clients may be sent, in bytes a second; `None` for all they ask for.
pub(super) type Allowance = Option<u64>;

/// Counts what goes out against an allowance.
#[derive(Debug)]
pub(super) struct Pace {
    allowance: Allowance,
    /// Bytes that may go out now.
    credit: u64,
    at: Instant,
}

impl Pace {
    pub(super) fn new(allowance: Allowance, now: Instant) -> Self {
        Self {
            allowance,
            credit: 0,
            at: now,
        }
    }

    pub(super) fn allow(&mut self, allowance: Allowance, now: Instant) {
        self.refill(now);
        self.allowance = allowance;
        self.credit = self.credit.min(self.burst());
    }

    /// Whether this much may go out now; then it is counted.
    pub(super) fn take(&mut self, bytes: usize, now: Instant) -> bool {
        if self.allowance.is_none() {
            return true;
        }
        self.refill(now);
        let left = self.credit.checked_sub(bytes as u64);
        self.credit = left.unwrap_or(self.credit);
        left.is_some()
    }

    /// When as much as this may go out; `None` while nothing may.
    pub(super) fn ready_at(&self, bytes: usize) -> Option<Instant> {
        let Some(rate) = self.allowance else {
            return Some(self.at);
        };
        if rate == 0 {
            return None;
        }
        let lacking = (bytes as u64).saturating_sub(self.credit);
        // Rounded up, so that nobody is woken for nothing.
        let nanos = u128::from(lacking) * 1_000_000_000 / u128::from(rate) + 1;
        Some(self.at + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    fn refill(&mut self, now: Instant) {
        let Some(rate) = self.allowance.filter(|rate| *rate > 0) else {
            self.at = now;
            return;
        };
        let elapsed = now.saturating_duration_since(self.at).as_nanos();
        let earned = elapsed * u128::from(rate) / 1_000_000_000;
        // The clock goes on by as much as whole bytes have taken: the rest of the time is for the next one.
        let taken = earned * 1_000_000_000 / u128::from(rate);
        self.at += Duration::from_nanos(u64::try_from(taken).unwrap_or(u64::MAX));
        let credit = u128::from(self.credit) + earned;
        self.credit = u64::try_from(credit).unwrap_or(u64::MAX).min(self.burst());
    }

    fn burst(&self) -> u64 {
        let rate = self.allowance.unwrap_or(0);
        let burst = u128::from(rate) * BURST.as_millis() / 1000;
        u64::try_from(burst).unwrap_or(u64::MAX).max(CHUNK as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much goes out in ten seconds by who tries each 10 ms.
    fn sent(pace: &mut Pace, start: Instant) -> usize {
        let tries = (0..1000).map(|step| start + Duration::from_millis(10) * step);
        tries.filter(|now| pace.take(CHUNK, *now)).count() * CHUNK
    }

    #[test]
    fn in_the_long_run_exactly_the_allowance_goes_out() {
        let start = Instant::now();
        let rate = 100_000;
        let sent = sent(&mut Pace::new(Some(rate), start), start) as u64;
        assert!(sent <= 10 * rate + 25_000, "{sent}");
        assert!(sent + 2 * CHUNK as u64 >= 10 * rate, "{sent}");
    }

    #[test]
    fn without_an_allowance_nothing_waits_and_with_none_left_everything_does() {
        let start = Instant::now();
        assert_eq!(sent(&mut Pace::new(None, start), start), 1000 * CHUNK);
        let mut nothing = Pace::new(Some(0), start);
        assert_eq!(sent(&mut nothing, start), 0);
        assert_eq!(nothing.ready_at(1), None);
    }

    #[test]
    fn who_waits_until_it_is_ready_may_send() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(3), start);
        for _ in 0..3 {
            let at = pace.ready_at(CHUNK).unwrap();
            assert!(!pace.take(CHUNK, at - Duration::from_secs(1)));
            assert!(pace.take(CHUNK, at));
        }
    }

    #[test]
    fn a_smaller_allowance_holds_at_once() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(1_000_000), start);
        let later = start + Duration::from_secs(5);
        pace.allow(Some(0), later);
        assert!(pace.take(CHUNK, later), "what had been saved up, at most");
        assert!(!pace.take(CHUNK, later + Duration::from_secs(5)));
    }
}
