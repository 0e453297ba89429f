//! How long to wait for what a source has not delivered yet.

use std::time::Duration;

/// Lateness is remembered for between one and two of these: long enough for a source whose deliveries are irregular,
/// short enough that a late source's successor does not inherit its delay for long. Chosen.
const WINDOW: Duration = Duration::from_secs(5);
/// A source that has delivered nothing for so long is not waited for.
const GONE_AFTER: Duration = Duration::from_secs(1);

/// Sources deliver late: a camera after its exposure and transfer, a microphone a block at a time, Bluetooth after its own
/// buffers. What is captured at one moment must meet on the time line all the same, so each kind is waited for as long
/// as its source has recently been late, and not longer.
#[derive(Debug)]
pub(super) struct Hold {
    margin: Duration,
    latest: Duration,
    latest_before: Duration,
    window_began: Duration,
    heard: Option<Duration>,
}

impl Hold {
    /// The longest that anything is waited for: a source that is later than that is out of step rather than all
    /// viewers half a second behind.
    pub(super) const LONGEST: Duration = Duration::from_millis(500);

    /// `margin` is waited beyond what was seen.
    pub(super) fn new(margin: Duration) -> Self {
        Self {
            margin,
            latest: Duration::ZERO,
            latest_before: Duration::ZERO,
            window_began: Duration::ZERO,
            heard: None,
        }
    }

    /// Something has come, so long after it was captured.
    pub(super) fn observe(&mut self, now: Duration, lateness: Duration) {
        if self.is_gone(now) {
            self.latest = Duration::ZERO;
            self.latest_before = Duration::ZERO;
            self.window_began = now;
        } else if now.saturating_sub(self.window_began) > WINDOW {
            self.latest_before = std::mem::take(&mut self.latest);
            self.window_began = now;
        }
        self.heard = Some(now);
        self.latest = self.latest.max(lateness);
    }

    /// How long after its moment something is still waited for.
    pub(super) fn at(&self, now: Duration) -> Duration {
        if self.is_gone(now) {
            return self.margin;
        }
        (self.latest.max(self.latest_before) + self.margin).min(Self::LONGEST)
    }

    /// Whether nothing has come for a while.
    pub(super) fn is_gone(&self, now: Duration) -> bool {
        self.heard
            .is_none_or(|heard| now.saturating_sub(heard) > GONE_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGIN: Duration = Duration::from_millis(20);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_source_is_waited_for_as_long_as_it_was_late() {
        let mut hold = Hold::new(MARGIN);
        hold.observe(ms(0), ms(300));
        hold.observe(ms(10), ms(100));
        assert_eq!(hold.at(ms(20)), ms(320));
    }

    #[test]
    fn a_source_that_becomes_prompt_is_waited_for_less_after_a_while() {
        let mut hold = Hold::new(MARGIN);
        hold.observe(ms(0), ms(300));
        for at in (100..=11_000).step_by(100) {
            hold.observe(ms(at), ms(30));
        }
        assert_eq!(hold.at(ms(11_000)), ms(50));
    }

    #[test]
    fn a_source_that_is_gone_is_not_waited_for() {
        let mut hold = Hold::new(MARGIN);
        hold.observe(ms(0), ms(300));
        assert_eq!(hold.at(ms(1100)), MARGIN);
    }

    #[test]
    fn nothing_is_waited_for_longer_than_the_longest() {
        let mut hold = Hold::new(MARGIN);
        hold.observe(ms(0), Duration::from_secs(30));
        assert_eq!(hold.at(ms(1)), Hold::LONGEST);
    }
}
