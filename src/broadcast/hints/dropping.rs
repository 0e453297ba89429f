//! Whether this computer keeps up.

use std::time::Duration;

use tokio::time::Instant;

/// Frames dropped within this time are worth a word; a single hiccup passes unnoticed by then.
const DROPPING_FOR: Duration = Duration::from_secs(10);
/// Fewer dropped frames in that time are seen by nobody.
const WORTH_A_WORD: u64 = 5;

/// Whether frames have been dropped of late.
#[derive(Debug, Default)]
pub(in crate::broadcast) struct Dropping {
    /// The counter, and since when it has been looked at.
    from: Option<(Instant, u64)>,
    last_seen: Option<Instant>,
}

impl Dropping {
    /// The counter of dropped frames now. It begins at 0 with each broadcast.
    pub(in crate::broadcast) fn look(&mut self, now: Instant, dropped: u64) {
        let (since, before) = *self.from.get_or_insert((now, dropped));
        if dropped < before || since + DROPPING_FOR <= now {
            self.from = Some((now, dropped));
        }
        if dropped >= before + WORTH_A_WORD {
            self.from = Some((now, dropped));
            self.last_seen = Some(now);
        }
    }

    pub(in crate::broadcast) fn is_going_on(&self, now: Instant) -> bool {
        self.last_seen.is_some_and(|seen| now < seen + DROPPING_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hiccup_is_passed_over_and_a_slow_encoder_is_not() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut dropping = Dropping::default();
        dropping.look(at(0), 0);
        dropping.look(at(1), 2);
        assert!(!dropping.is_going_on(at(1)));
        dropping.look(at(2), 6);
        assert!(dropping.is_going_on(at(3)));
        dropping.look(at(12), 6);
        assert!(!dropping.is_going_on(at(13)));
    }

    #[test]
    fn the_next_broadcast_counts_from_the_beginning() {
        let start = Instant::now();
        let mut dropping = Dropping::default();
        dropping.look(start, 100);
        dropping.look(start + Duration::from_secs(1), 0);
        dropping.look(start + Duration::from_secs(2), 5);
        assert!(dropping.is_going_on(start + Duration::from_secs(2)));
    }
}
