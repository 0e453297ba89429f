//! The client side of WebTorrent trackers: when to connect, when to announce, with how many offers.
//!
//! A stock client re-announces after 30 s at the soonest and waits 10 s to minutes before it reconnects: too slow for
//! live, so this one looks again within seconds as long as it lacks a peer, and falls back to the tracker's own
//! interval once it has what it needs.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;
use tracker_protocol::DEFAULT_INTERVAL;

use crate::swarm::Need;
use crate::{Time, TrackerId, TrackerState, TrackerStats};

/// First pause before a lost tracker is tried again; doubles up to the last.
const FIRST_RETRY: Duration = Duration::from_millis(500);
/// With the jitter it is 9 s at most: a tracker that is back is found within ten.
const LAST_RETRY: Duration = Duration::from_secs(6);
/// First pause between announces while a peer is lacking; grows by half up to the last.
const FIRST_SEARCH: Duration = Duration::from_secs(2);
const LAST_SEARCH: Duration = Duration::from_secs(10);
/// The pause for those few who lived on the streamer that is gone.
const STREAMER_SEARCH: Duration = Duration::from_secs(1);
/// The same for those of them who keep its place.
const HEIR_SEARCH: Duration = Duration::from_millis(500);
/// The last pause for one that has neighbours already, who find it more.
const LAST_LEISURELY_SEARCH: Duration = Duration::from_secs(60);
/// The longest pause before a lost tracker is tried again by peers that have lost the streamer too, for each hundred of
/// them: a hundred attempts a second are no burden to anybody.
const HURRIED_RETRY: Duration = Duration::from_secs(1);
/// Bounds for what a tracker may say.
const MIN_INTERVAL: Duration = Duration::from_secs(10);
const MAX_INTERVAL: Duration = Duration::from_secs(1800);
/// A socket that does not open in this time is given up.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// One tracker.
#[derive(Debug)]
pub(crate) struct Tracker {
    pub(crate) id: TrackerId,
    pub(crate) url: String,
    socket: Socket,
    retry: Duration,
    search: Duration,
    interval: Duration,
    /// Peers of this swarm that do not have everything: viewers. As last heard, also of a tracker that is lost.
    pub(crate) incomplete: usize,
    /// Why it does not take us, in its own words.
    refusal: Option<String>,
}

#[derive(Debug)]
enum Socket {
    Closed { retry_at: Time },
    Opening { since: Time },
    Open { announced_at: Option<Time> },
}

impl Tracker {
    pub(crate) fn new(id: TrackerId, url: String) -> Self {
        Self {
            id,
            url,
            socket: Socket::Closed {
                retry_at: Time::ZERO,
            },
            retry: FIRST_RETRY,
            search: FIRST_SEARCH,
            interval: DEFAULT_INTERVAL,
            incomplete: 0,
            refusal: None,
        }
    }

    /// How it is doing.
    pub(crate) fn stats(&self) -> TrackerStats {
        TrackerStats {
            tracker: self.id,
            url: self.url.clone(),
            state: match self.socket {
                Socket::Closed { retry_at } => TrackerState::Waiting { until: retry_at },
                Socket::Opening { .. } => TrackerState::Connecting,
                Socket::Open { .. } => TrackerState::Connected,
            },
            refusal: self.refusal.clone(),
            viewers: self.incomplete,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.socket, Socket::Open { .. })
    }

    /// Whether its socket is to be opened now; it is then taken to be opening.
    pub(crate) fn connect_due(&mut self, now: Time) -> bool {
        let due = matches!(self.socket, Socket::Closed { retry_at } if retry_at <= now);
        if due {
            self.socket = Socket::Opening { since: now };
        }
        due
    }

    /// Whether its socket has been opening for too long.
    pub(crate) fn is_stuck(&self, now: Time) -> bool {
        matches!(self.socket, Socket::Opening { since } if since + OPEN_TIMEOUT <= now)
    }

    pub(crate) fn opened(&mut self) {
        self.socket = Socket::Open { announced_at: None };
        self.refusal = None;
        self.retry = FIRST_RETRY;
        self.search = FIRST_SEARCH;
    }

    pub(crate) fn closed(&mut self, now: Time, rng: &mut SmallRng) {
        // Spread over half a pause, so that all viewers of a streamer that restarts do not come in one instant.
        let jitter = self.retry.mul_f64(rng.random_range(0.0..0.5));
        self.socket = Socket::Closed {
            retry_at: now + self.retry + jitter,
        };
        self.retry = (self.retry * 2).min(LAST_RETRY);
    }

    /// Tries a lost tracker again sooner than its turn: the streamer may come back any moment.
    pub(crate) fn hurry(&mut self, now: Time, rng: &mut SmallRng) {
        // At most a few thousand viewers count before the last pause is reached anyway.
        let hundreds = self.incomplete.div_ceil(100).clamp(1, 100) as u32;
        let pause = (HURRIED_RETRY * hundreds).min(LAST_RETRY);
        if let Socket::Closed { retry_at } = &mut self.socket
            && *retry_at > now + pause.mul_f64(1.5)
        {
            *retry_at = now + pause.mul_f64(rng.random_range(0.5..1.5));
        }
        self.retry = self.retry.min(pause);
    }

    /// Whether this is the first announce on the open socket.
    pub(crate) fn is_first_announce(&self) -> bool {
        matches!(self.socket, Socket::Open { announced_at: None })
    }

    /// Whether an announce is due.
    pub(crate) fn announce_due(&self, now: Time, need: Need) -> bool {
        match self.socket {
            Socket::Open { announced_at: None } => true,
            Socket::Open {
                announced_at: Some(at),
            } => {
                let pause = match need {
                    Need::Nothing => self.interval,
                    Need::Company => self.search,
                    Need::Everything => self.search.min(LAST_SEARCH),
                    Need::Streamer => STREAMER_SEARCH,
                    Need::Inheritance => HEIR_SEARCH,
                };
                at + pause <= now
            }
            Socket::Closed { .. } | Socket::Opening { .. } => false,
        }
    }

    pub(crate) fn announced(&mut self, now: Time, need: Need) {
        let first = self.is_first_announce();
        self.socket = Socket::Open {
            announced_at: Some(now),
        };
        let last = match need {
            Need::Nothing => FIRST_SEARCH,
            Need::Company => LAST_LEISURELY_SEARCH,
            Need::Everything | Need::Streamer | Need::Inheritance => LAST_SEARCH,
        };
        if !first {
            self.search = self.search.mul_f64(1.5).min(last);
        }
    }

    /// What the tracker answered to an announce.
    pub(crate) fn replied(&mut self, interval: Duration, incomplete: u64) {
        self.interval = interval.clamp(MIN_INTERVAL, MAX_INTERVAL);
        self.incomplete = usize::try_from(incomplete).unwrap_or(usize::MAX);
        self.refusal = None;
    }

    /// The tracker does not take an announce.
    pub(crate) fn refused(&mut self, reason: String) {
        self.refusal = Some(reason);
    }

    /// Something changed that makes a fast search worth while again.
    pub(crate) fn search_afresh(&mut self) {
        self.search = FIRST_SEARCH;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn at(seconds: u64) -> Time {
        Time::from_epoch(Duration::from_secs(seconds))
    }

    fn tracker() -> Tracker {
        Tracker::new(TrackerId(0), "ws://localhost/announce".to_owned())
    }

    #[test]
    fn a_tracker_that_is_gone_is_tried_again_ever_more_slowly() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut tracker = tracker();
        let mut tries = 0;
        for tenth in 0..600 {
            let now = Time::from_epoch(Duration::from_millis(tenth * 100));
            if tracker.connect_due(now) {
                tries += 1;
                tracker.closed(now, &mut rng);
            }
        }
        assert!((7..14).contains(&tries), "{tries} in a minute");
    }

    #[test]
    fn a_lonely_peer_looks_again_within_seconds_and_a_contented_one_does_not() {
        let mut tracker = tracker();
        assert!(!tracker.announce_due(at(0), Need::Everything));
        tracker.opened();
        assert!(tracker.announce_due(at(0), Need::Nothing));
        tracker.announced(at(0), Need::Everything);
        assert!(tracker.announce_due(at(2), Need::Everything));
        assert!(!tracker.announce_due(at(119), Need::Nothing));
        assert!(tracker.announce_due(at(120), Need::Nothing));
    }

    #[test]
    fn an_unreasonable_interval_is_bounded() {
        let mut tracker = tracker();
        tracker.opened();
        tracker.replied(Duration::ZERO, 7);
        tracker.announced(at(0), Need::Nothing);
        assert!(!tracker.announce_due(at(9), Need::Nothing));
        assert_eq!(tracker.incomplete, 7);
    }
}
