//! How often something may happen: so often at once, and so often in the long run (a token bucket).

use std::time::Duration;

use swarm::Time;

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Once in such a time, in the long run.
    pub(crate) every: Duration,
    /// So often at once, after a time of quiet.
    pub(crate) at_once: u32,
}

/// What is left of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// When all of it is there again.
    full_at: Time,
}

impl Allowance {
    /// All of it.
    pub(crate) fn full() -> Self {
        Self {
            full_at: Time::ZERO,
        }
    }

    /// Takes one, if there is one; otherwise says after how long there will be.
    pub(crate) fn take(&mut self, now: Time, rate: Rate) -> Result<(), Duration> {
        let missing = self.full_at.saturating_since(now);
        let most = rate.every * rate.at_once.saturating_sub(1);
        if missing > most {
            return Err(missing - most);
        }
        self.full_at = now + missing + rate.every;
        Ok(())
    }

    /// Whether nothing is missing, so that it need not be remembered.
    pub(crate) fn is_full(&self, now: Time) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_epoch(Duration::from_secs(seconds))
    }

    #[test]
    fn so_many_at_once_and_then_one_now_and_then() {
        let rate = Rate {
            every: Duration::from_secs(2),
            at_once: 3,
        };
        let mut allowance = Allowance::full();
        for _ in 0..3 {
            assert_eq!(allowance.take(at(100), rate), Ok(()));
        }
        assert_eq!(allowance.take(at(100), rate), Err(Duration::from_secs(2)));
        assert_eq!(allowance.take(at(101), rate), Err(Duration::from_secs(1)));
        assert_eq!(allowance.take(at(102), rate), Ok(()));
        assert!(allowance.take(at(102), rate).is_err());
        assert!(!allowance.is_full(at(107)));
        assert!(allowance.is_full(at(108)));
    }
}
