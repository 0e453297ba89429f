//! How a broadcast has gone so far, to be plotted: a moment a second at first, and fewer the longer it lasts, so that a
//! day takes no more memory than a quarter of an hour.

use std::sync::Arc;
use std::time::Duration;

use crate::segmenter::Bitrate;

/// The most moments that are kept: about as many as a plot has points across. Even, so that halving keeps the steps equal.
const MOST: usize = 900;

/// A broadcast at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// How long it had been live.
    pub at: Duration,
    /// People watching.
    pub viewers: usize,
    /// What was sent.
    pub upload: Bitrate,
    /// How long after the streamer viewers had the stream; `None` where nobody said.
    pub delay: Option<Delay>,
}

/// How long after the streamer viewers have the stream: those that are connected to the streamer, as they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// Half of them have it sooner.
    pub middle: Duration,
    /// The last of them.
    pub longest: Duration,
}

impl Delay {
    /// That of several viewers; `None` of none.
    pub(super) fn of(delays: impl IntoIterator<Item = Duration>) -> Option<Self> {
        let mut delays: Vec<Duration> = delays.into_iter().collect();
        delays.sort_unstable();
        Some(Self {
            middle: *delays.get(delays.len() / 2)?,
            longest: *delays.last()?,
        })
    }
}

/// The moments of one broadcast.
#[derive(Debug)]
pub(super) struct History {
    moments: Arc<Vec<Moment>>,
    /// One of so many moments is kept.
    every: u64,
    seen: u64,
}

impl Default for History {
    fn default() -> Self {
        Self {
            moments: Arc::default(),
            every: 1,
            seen: 0,
        }
    }
}

impl History {
    /// Takes note of a moment. Moments are told in equal steps.
    pub(super) fn add(&mut self, moment: Moment) {
        let is_kept = self.seen.is_multiple_of(self.every);
        self.seen += 1;
        if !is_kept {
            return;
        }
        let moments = Arc::make_mut(&mut self.moments);
        moments.push(moment);
        if moments.len() >= MOST {
            let mut keep = false;
            moments.retain(|_| {
                keep = !keep;
                keep
            });
            self.every *= 2;
        }
    }

    /// All that are kept, oldest first.
    pub(super) fn moments(&self) -> Arc<Vec<Moment>> {
        Arc::clone(&self.moments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(second: u64) -> Moment {
        Moment {
            at: Duration::from_secs(second),
            viewers: 1,
            upload: Bitrate::from_kilobits_per_second(2500),
            delay: None,
        }
    }

    #[test]
    fn a_long_broadcast_is_kept_whole_in_equal_steps_and_bounded_memory() {
        let mut history = History::default();
        for second in 0..20_000 {
            history.add(moment(second));
            assert!(history.moments.len() < MOST);
        }
        let moments = history.moments();
        assert_eq!(moments[0].at, Duration::ZERO);
        let step = moments[1].at;
        assert!(
            moments
                .windows(2)
                .all(|pair| pair[1].at - pair[0].at == step)
        );
        assert!(moments.last().unwrap().at + step >= Duration::from_secs(20_000));
    }

    #[test]
    fn a_delay_is_that_of_the_middle_and_of_the_last_viewer() {
        assert_eq!(Delay::of([]), None);
        let delays = [300, 100, 200].map(Duration::from_millis);
        let delay = Delay::of(delays).unwrap();
        assert_eq!(delay.middle, Duration::from_millis(200));
        assert_eq!(delay.longest, Duration::from_millis(300));
    }
}
