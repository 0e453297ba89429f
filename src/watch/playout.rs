//! When playing would have run dry, if a player held one segment and played at real-time pace.

use std::time::Duration;

use tokio::time::Instant;

/// An imagined player.
#[derive(Debug, Default)]
pub(super) struct Playout {
    state: State,
    stalls: u64,
    stalled: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Nothing is to be played: before the first segment, while paused, after the end.
    #[default]
    Idle,
    /// What is there lasts until then.
    Playing { until: Instant },
    /// It has run dry then.
    Stalled { since: Instant },
}

impl Playout {
    /// A segment is here. Playing begins, and begins again after it has run dry, one segment's length later.
    pub(super) fn segment(&mut self, now: Instant, duration: Duration) {
        self.look(now);
        let until = match self.state {
            State::Playing { until } => until + duration,
            State::Stalled { since } => {
                self.stalled += now - since;
                now + 2 * duration
            }
            State::Idle => now + 2 * duration,
        };
        self.state = State::Playing { until };
    }

    /// Notices when playing has run dry.
    pub(super) fn look(&mut self, now: Instant) {
        if let State::Playing { until } = self.state
            && until < now
        {
            self.stalls += 1;
            self.state = State::Stalled { since: until };
        }
    }

    /// No segments are to be expected: the streamer has paused or ended, or begins anew.
    pub(super) fn pause(&mut self, now: Instant) {
        self.look(now);
        if let State::Stalled { since } = self.state {
            self.stalled += now - since;
        }
        self.state = State::Idle;
    }

    /// How often playing has run dry.
    pub(super) fn stalls(&self) -> u64 {
        self.stalls
    }

    /// For how long in all.
    pub(super) fn stalled(&self, now: Instant) -> Duration {
        match self.state {
            State::Stalled { since } => self.stalled + (now - since),
            State::Idle | State::Playing { .. } => self.stalled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENT: Duration = Duration::from_millis(250);

    struct Watch {
        start: Instant,
        playout: Playout,
    }

    impl Watch {
        fn new() -> Self {
            Self {
                start: Instant::now(),
                playout: Playout::default(),
            }
        }

        fn at(&self, millis: u64) -> Instant {
            self.start + Duration::from_millis(millis)
        }

        fn segments(&mut self, arrivals: &[u64]) {
            for millis in arrivals {
                self.playout.segment(self.at(*millis), SEGMENT);
            }
        }

        fn stalled_at(&mut self, millis: u64) -> (u64, u128) {
            let now = self.at(millis);
            self.playout.look(now);
            (self.playout.stalls(), self.playout.stalled(now).as_millis())
        }
    }

    #[test]
    fn segments_that_come_in_time_play_without_a_stall() {
        let mut watch = Watch::new();
        watch.segments(&[0, 250, 740, 750, 1000]);
        assert_eq!(watch.stalled_at(1200), (0, 0));
    }

    #[test]
    fn a_segment_that_is_later_than_what_is_held_is_a_stall() {
        let mut watch = Watch::new();
        watch.segments(&[0, 250]);
        assert_eq!(watch.stalled_at(750), (0, 0));
        assert_eq!(watch.stalled_at(800), (1, 50), "noticed while it lasts");
        watch.segments(&[900]);
        assert_eq!(
            watch.stalled_at(1300),
            (1, 150),
            "and over when it plays again"
        );
    }

    #[test]
    fn a_pause_is_no_stall() {
        let mut watch = Watch::new();
        watch.segments(&[0, 250]);
        watch.playout.pause(watch.at(500));
        assert_eq!(watch.stalled_at(60_000), (0, 0));
        watch.segments(&[60_000]);
        assert_eq!(watch.stalled_at(60_100), (0, 0));
    }
}
