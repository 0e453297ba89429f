//! Lets no more pictures through than are wanted.

use std::time::Duration;

use gst::ClockTime;

/// Decides which pictures of a faster source are kept, evenly.
pub(super) struct Pacer {
    interval: ClockTime,
    next: Option<ClockTime>,
}

impl Pacer {
    /// At most so many a second.
    pub(super) fn new(per_second: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self {
            interval: ClockTime::from_nseconds(interval.as_nanos() as u64),
            next: None,
        }
    }

    /// Whether the picture of this time is to be kept.
    pub(super) fn admits(&mut self, at: ClockTime) -> bool {
        // A camera's pictures come a little early or late; a quarter is less than any faster rate is early by.
        let slack = self.interval / 4;
        let due = match self.next {
            // After a pause, or a step back in time, the count begins anew.
            Some(next) if at < next + self.interval && at + self.interval * 2 > next => next,
            _ => at,
        };
        let admitted = at + slack >= due;
        self.next = Some(if admitted { due + self.interval } else { due });
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(source_rate: u64, wanted: u32) -> usize {
        let mut pacer = Pacer::new(wanted);
        (0..source_rate * 10)
            .filter(|n| pacer.admits(ClockTime::from_nseconds(n * 1_000_000_000 / source_rate)))
            .count()
    }

    #[test]
    fn a_faster_source_is_thinned_to_the_wanted_rate() {
        for (source_rate, wanted) in [(60, 30), (50, 30), (144, 60), (31, 30), (240, 5)] {
            let kept = admitted(source_rate, wanted);
            let expected = wanted as usize * 10;
            assert!(
                kept.abs_diff(expected) <= expected / 20 + 1,
                "{source_rate} to {wanted}: {kept}"
            );
        }
    }

    #[test]
    fn a_source_at_the_wanted_rate_keeps_every_picture_in_spite_of_jitter() {
        let mut pacer = Pacer::new(30);
        let jitter = [0, 6, 1, 7, 3, 0, 8];
        for n in 0..300_u64 {
            let at = ClockTime::from_useconds(n * 33_333)
                + ClockTime::from_mseconds(jitter[n as usize % 7]);
            // The first picture, whatever its jitter, sets the beat.
            assert!(pacer.admits(at), "picture {n}");
        }
    }

    #[test]
    fn a_slower_source_keeps_every_picture() {
        assert_eq!(admitted(24, 30), 240);
    }

    #[test]
    fn after_a_step_back_in_time_pictures_still_pass() {
        let mut pacer = Pacer::new(30);
        assert!(pacer.admits(ClockTime::from_seconds(100)));
        assert!(pacer.admits(ClockTime::from_seconds(1)));
    }
}
