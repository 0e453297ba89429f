//! How much this peer can upload, found out by uploading: how many stripes it may promise to push, and how much it may
//! hand to the driver ahead of the path.
//!
//! The promise grows while everything leaves in time, and shrinks to what did leave once it does not. Queues tell it:
//! a saturated uplink delays what goes to most peers, a slow peer only what goes to itself.

use std::time::Duration;

use crate::Time;
use crate::torrent::PIECE_LEN;

/// Before anything is known: a quarter of a stream. Newcomers get a chance to give, and a phone does not drown.
const FIRST_SLOTS: usize = 2;
/// Up to a whole stream is promised, where the speed of the first pieces allows it, before anybody asks for so much:
/// nobody asks one that promises little.
const UNASKED_SLOTS: usize = 16;
/// The most stripes to promise: as many whole streams as there are connections.
const MAX_SLOTS: usize = 255;
/// What of a piece's share in that rate is left at the next piece.
const BUSY_MEMORY: f64 = 0.9;
/// How often it is judged. Shorter than a person would notice what goes wrong meanwhile.
const ROUND: Duration = Duration::from_millis(500);
/// What of a measured uplink is promised, small talk included. The rest is for repairs, and drains key frames' bursts.
const PROMISED: f64 = 0.92;
/// Pieces that leave back to back show what the path carries: so many bytes make a train that is long enough to tell.
const TRAIN: usize = 3 * PIECE_LEN;
/// What of the path's rate a train changes.
const TRAIN_SHARE: f64 = 0.25;
/// Pieces that take longer than this on average queue at an uplink that is full. On one that is used as it should be
/// a key frame's do, and the others make up for it.
const FULL: Duration = Duration::from_millis(500);
/// So many rounds in a row must be full: a child that is given what it has missed fills one.
const FULL_ROUNDS: u32 = 2;
/// How much more than what has left already is tried at once.
const GROWTH: f64 = 1.3;
/// What of the best rate is believed in at least when the uplink is full.
const STILL_CARRIED: f64 = 0.8;
/// How long after the uplink was full one more stripe is tried, and how much longer after each time that failed.
const FIRST_PROBE: Duration = Duration::from_secs(4);
const LAST_PROBE: Duration = Duration::from_secs(120);
/// What may be with the driver for all peers together, as time of the path's speed and at least. Enough to keep paths
/// busy, and little enough to put what is urgent first and to drown no uplink of which nothing is known yet.
const MIN_AHEAD: usize = 34 * 1024;
const AHEAD: Duration = Duration::from_millis(150);
/// A backlog that takes longer than this leaves no time to serve requests.
const BUSY: Duration = Duration::from_millis(160);

/// The upload's estimate.
#[derive(Debug)]
pub(crate) struct Uplink {
    limit: Option<u64>,
    /// Bytes a second that are promised while nothing has shown that it carries less.
    expected: u64,
    slots: usize,
    /// Where it was full last, and when more than that may be tried.
    full: Option<Full>,
    probe_after: Duration,
    /// Rounds in a row in which it was full.
    full_rounds: u32,
    judged_at: Time,
    sent: u64,
    /// The most bytes a second that have left in one round, slowly forgotten.
    best_rate: f64,
    train: Train,
    last_left_at: Time,
    /// Bytes a second of trains, smoothed; `None` before there was one.
    path_rate: Option<f64>,
    /// Bytes of pieces that have left, and the time in which some were leaving, both slowly forgotten.
    busy_bytes: f64,
    busy_seconds: f64,
    /// Bytes of small messages in this round, and of such a second, smoothed.
    small_talk: u64,
    small_talk_rate: f64,
}

/// Pieces that left one right after the other.
#[derive(Debug, Default)]
struct Train {
    bytes: usize,
    seconds: f64,
}

#[derive(Debug)]
struct Full {
    slots: usize,
    until: Time,
}

/// What has happened since the last round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Stripes that are being pushed.
    pub(crate) used: usize,
    /// Peers that something is being sent to, and those of them for which it leaves too late.
    pub(crate) served: usize,
    pub(crate) late: usize,
    /// How long a piece takes until it has left, smoothed.
    pub(crate) passing_on: Duration,
    /// Bytes a second in one stripe.
    pub(crate) stripe_rate: f64,
}

impl Uplink {
    pub(crate) fn new(limit: Option<u64>, expected: u64) -> Self {
        Self {
            limit,
            expected,
            slots: FIRST_SLOTS,
            full: None,
            probe_after: FIRST_PROBE,
            full_rounds: 0,
            judged_at: Time::ZERO,
            sent: 0,
            best_rate: 0.0,
            train: Train::default(),
            last_left_at: Time::ZERO,
            path_rate: None,
            busy_bytes: 0.0,
            busy_seconds: 0.0,
            small_talk: 0,
            small_talk_rate: 0.0,
        }
    }

    /// How many stripes may be pushed, all peers together, at this rate of a stripe in bytes a second.
    pub(crate) fn slots(&self, stripe_rate: f64) -> usize {
        let allowed = self
            .limit
            .map_or(MAX_SLOTS, |limit| stripes_in(limit as f64, stripe_rate));
        let carried = self.path_rate.map_or(MAX_SLOTS, |rate| {
            stripes_in(rate - self.small_talk_rate, stripe_rate)
        });
        self.slots
            .max(self.expected_slots(stripe_rate))
            .min(allowed)
            .min(carried)
    }

    fn expected_slots(&self, stripe_rate: f64) -> usize {
        // Before a broadcast there is nothing to promise, and once it has been full, what was expected was too much.
        if stripe_rate <= 0.0 || self.full.is_some() {
            return 0;
        }
        stripes_in(self.expected as f64, stripe_rate)
    }

    /// Changes the most that may be promised.
    pub(crate) fn set_limit(&mut self, limit: Option<u64>) {
        self.limit = limit;
    }

    /// Whether enough has left to know anything of it, or it is known beforehand.
    pub(crate) fn is_tested(&self) -> bool {
        self.busy_bytes >= TRAIN as f64 || self.expected > 0
    }

    /// Bytes a second that it is known to carry.
    pub(crate) fn rate(&self) -> f64 {
        self.best_rate
    }

    /// Bytes a second at which pieces have been leaving lately.
    fn speed(&self) -> f64 {
        if self.busy_bytes >= TRAIN as f64 {
            self.best_rate
                .max(self.busy_bytes / self.busy_seconds.max(0.001))
        } else {
            self.best_rate.max(self.expected as f64)
        }
    }

    /// How many bytes may be with the driver at once.
    pub(crate) fn ahead(&self) -> usize {
        let known = (self.speed() * AHEAD.as_secs_f64()) as usize;
        known.max(MIN_AHEAD)
    }

    /// Whether so many bytes keep it busy for too long to take on requests.
    pub(crate) fn is_busy_with(&self, bytes: usize) -> bool {
        let soon = (self.speed() * BUSY.as_secs_f64()) as usize;
        bytes > soon.max(PIECE_LEN)
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// A small message was handed to the driver.
    pub(crate) fn small_talk(&mut self, bytes: usize) {
        self.small_talk += bytes as u64;
    }

    /// Pieces have left the driver, the first of which it was given at `handed_at`. How long they took counts from then
    /// or, where others were before them, from when those had left.
    pub(crate) fn pieces_left(&mut self, bytes: usize, handed_at: Time, now: Time) {
        let began_at = handed_at.max(self.last_left_at);
        let queued = handed_at <= self.last_left_at;
        self.last_left_at = now;
        let took = (now - began_at).as_secs_f64();
        self.busy_bytes = self.busy_bytes * BUSY_MEMORY + bytes as f64;
        self.busy_seconds = self.busy_seconds * BUSY_MEMORY + took;
        if !queued {
            self.train = Train::default();
        }
        self.train.bytes += bytes;
        self.train.seconds += took;
        if self.train.bytes < TRAIN {
            return;
        }
        let train = std::mem::take(&mut self.train);
        let shown = train.bytes as f64 / train.seconds.max(0.001);
        self.path_rate = Some(self.path_rate.map_or(shown, |rate| {
            rate * (1.0 - TRAIN_SHARE) + shown * TRAIN_SHARE
        }));
    }

    /// Whether it is time to judge.
    pub(crate) fn is_round_due(&self, now: Time) -> bool {
        self.judged_at + ROUND <= now
    }

    /// Judges the last round. Returns whether more was promised than leaves.
    pub(crate) fn judge(&mut self, now: Time, round: Round) -> bool {
        let elapsed = (now - self.judged_at).as_secs_f64().max(0.001);
        let rate = self.sent as f64 / elapsed;
        self.judged_at = now;
        self.sent = 0;
        let small_talk = self.small_talk as f64 / elapsed;
        self.small_talk = 0;
        self.small_talk_rate += (small_talk - self.small_talk_rate) / 4.0;
        self.best_rate = rate.max(self.best_rate * 0.98);
        let is_full = round.late > 0 && round.late * 2 > round.served
            || round.used > 0 && round.passing_on > FULL;
        self.full_rounds = if is_full { self.full_rounds + 1 } else { 0 };
        if self.full_rounds >= FULL_ROUNDS {
            self.full_rounds = 0;
            self.shrink(now, rate, round);
        } else if !is_full {
            // What has left shows what more may be tried, and the speed at which it left.
            let speed = self.speed() * PROMISED - self.small_talk_rate;
            let shown = speed.max(self.best_rate * GROWTH);
            let shown = (shown / round.stripe_rate.max(1.0)) as usize;
            if round.used + round.used / 3 >= self.slots(round.stripe_rate) {
                self.grow(now, FIRST_SLOTS.max(shown + 1));
            } else if self.is_tested() && self.full.is_none() {
                self.slots = self.slots.max(shown.min(UNASKED_SLOTS));
            }
        }
        is_full
    }

    fn shrink(&mut self, now: Time, rate: f64, round: Round) {
        // A round that was only in part busy shows less than the path carries; what it has carried lately it mostly still does.
        self.best_rate = rate.max(self.best_rate * STILL_CARRIED);
        let able = stripes_in(self.best_rate, round.stripe_rate);
        self.slots = able.min(round.used.saturating_sub(1));
        self.full = Some(Full {
            slots: self.slots,
            until: now + self.probe_after,
        });
        self.probe_after = (self.probe_after * 2).min(LAST_PROBE);
    }

    fn grow(&mut self, now: Time, most: usize) {
        match &mut self.full {
            Some(full) if self.slots >= full.slots => {
                if full.until <= now {
                    self.slots += 1;
                    full.slots = self.slots;
                    full.until = now + FIRST_PROBE;
                }
            }
            _ => self.slots = (self.slots * 2 + 1).min(most).max(self.slots),
        }
        self.slots = self.slots.min(MAX_SLOTS);
    }
}

/// How many stripes can be promised on so many bytes a second.
fn stripes_in(rate: f64, stripe_rate: f64) -> usize {
    if stripe_rate <= 0.0 {
        return MAX_SLOTS;
    }
    // A ratio of small positive numbers; `as` saturates.
    ((rate * PROMISED / stripe_rate) as usize).min(MAX_SLOTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIPE: f64 = 39_000.0;

    /// Lets `uplink` live for some seconds on a path of so many bytes a second, with peers that take all it offers.
    fn live(uplink: &mut Uplink, path: f64, from: u64, seconds: u64) -> Vec<usize> {
        let mut history = Vec::new();
        for half in from * 2..(from + seconds) * 2 {
            let now = Time::from_epoch(Duration::from_millis(half * 500));
            let used = uplink.slots(STRIPE);
            let wanted = used as f64 * STRIPE;
            uplink.sent((wanted.min(path) / 2.0) as usize);
            let late = if wanted > path { used } else { 0 };
            let round = Round {
                used,
                served: used,
                late,
                passing_on: Duration::ZERO,
                stripe_rate: STRIPE,
            };
            uplink.judge(now, round);
            history.push(uplink.slots(STRIPE));
        }
        history
    }

    #[test]
    fn a_fast_path_is_found_within_seconds_and_then_not_overrun() {
        let mut uplink = Uplink::new(None, 0);
        let path = 20.0 * STRIPE;
        live(&mut uplink, path, 1, 10);
        let history = live(&mut uplink, path, 11, 60);
        let overrun = history.iter().filter(|slots| **slots > 20).count();
        // Each of few tries lasts as long as it takes to be sure.
        assert!(overrun <= 4 * FULL_ROUNDS as usize, "{history:?}");
        assert!(history.iter().all(|slots| *slots >= 15), "{history:?}");
    }

    #[test]
    fn a_path_that_carries_nothing_is_promised_nothing() {
        let mut uplink = Uplink::new(None, 0);
        live(&mut uplink, STRIPE / 2.0, 1, 3);
        assert_eq!(uplink.slots(STRIPE), 0);
    }

    #[test]
    fn a_limit_bounds_the_promise_from_the_start() {
        let uplink = Uplink::new(Some(3 * STRIPE as u64), 0);
        assert_eq!(uplink.slots(STRIPE), 2);
    }

    #[test]
    fn what_is_expected_is_promised_until_it_turns_out_to_be_too_much() {
        let mut uplink = Uplink::new(None, 20 * STRIPE as u64);
        assert_eq!(uplink.slots(STRIPE), 18);
        assert!(uplink.slots(0.0) <= FIRST_SLOTS);
        live(&mut uplink, 10.0 * STRIPE, 1, 3);
        assert!(uplink.slots(STRIPE) <= 10);
    }
}
