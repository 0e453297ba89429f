//! Who pushes a stripe to us, how well, and what is said of it to those who live on us.

use std::time::Duration;

use crate::wire::Branch;
use crate::{ConnectionId, PieceIndex, Time};

/// How much longer than usual a piece that a parent should push is waited for before others are asked, and the bounds
/// of that wait after the announcement. Three tries must fit into what playing waits for.
const PUSH_SLACK: Duration = Duration::from_millis(150);
const SHORTEST_GRACE: Duration = Duration::from_millis(250);
const LONGEST_GRACE: Duration = Duration::from_millis(1000);
/// The same for a parent on trial. Who lives near the streamer hears of segments at once, and a new parent has them a second
/// later, as it says: to hold that against it would keep all who live on the streamer there.
const LONGEST_GRACE_ON_TRIAL: Duration = Duration::from_millis(1600);
/// A piece that nobody pushes to us is asked for at once, but for the moment in which a parent may still be found.
const UNPUSHED_GRACE: Duration = Duration::from_millis(50);
/// How many pieces in a row a parent may fail to push.
const MISSES: u32 = 3;
/// How many pieces in a row may have to be asked for that a parent should have pushed, whoever then gives them.
const UNPUSHED: u32 = 4;
/// How long it takes until all who have a stripe through a branch say so.
const BRANCH_KNOWN: Duration = Duration::from_millis(2500);
/// How long a parent is given to push what came before it had the stripe itself.
const CATCHING_UP: Duration = Duration::from_millis(1000);
/// How long a parent that has lost the stripe itself is given to find it again before another one is looked for beside
/// it, so that not all of the tree below looks for new parents at once; and before it is left.
const HOLD: Duration = Duration::from_millis(600);
/// The same where a broadcast follows one that broke off: whoever lived on the streamer has to meet it again first.
const FOLLOWING_HOLD: Duration = Duration::from_millis(1800);
pub(super) const LONGEST_HOLD: Duration = Duration::from_millis(2500);

/// Who pushes a stripe to us, and how well.
#[derive(Debug)]
pub(super) struct Supply {
    pub(super) current: Option<ConnectionId>,
    /// Who pushed it in the broadcast before this one: asked first, since who lives on whom is as it was.
    pub(super) former: Option<ConnectionId>,
    /// Who has been asked to take over, and when.
    pub(super) next: Option<(ConnectionId, Time)>,
    /// Since when nobody pushes it.
    pub(super) wanting_since: Option<Time>,
    pub(super) changed_at: Time,
    /// The one asked that has not answered.
    pub(super) ignored_by: Option<ConnectionId>,
    /// The parent that has just lost it for not pushing.
    pub(super) dismissed: Option<ConnectionId>,
    /// Pieces in a row that came from others because the parent did not push them.
    pub(super) misses: u32,
    /// Pieces that the parent did not push since it last pushed one, and the newest of them.
    pub(super) unpushed: u32,
    newest_unpushed: Option<PieceIndex>,
    /// Whether the parent has never passed anything on to us: it is not believed to before it does.
    pub(super) on_trial: bool,
    /// Whether the parent gets it from the streamer.
    pub(super) near_streamer: bool,
    /// Whether the parent is the streamer, or was it when it was lost.
    pub(super) from_streamer: bool,
    /// Whether the streamer is gone and we keep its place at the top of the tree: those below stay, so that all is as it
    /// was when it is back.
    pub(super) stands_in: bool,
    /// Whether the broadcast follows one that broke off, and no parent has been found in it yet.
    pub(super) follows: bool,
    /// Since when nothing has been heard of the parent, where that is suspiciously long.
    pub(super) silent_since: Option<Time>,
    /// When the parent last found it again.
    found_at: Time,
    /// Since when the parent would rather be rid of us.
    pub(super) unwelcome_since: Option<Time>,
    /// Since when the parent says that it has lost the stripe itself.
    pub(super) parent_lost_it: Option<Time>,
    /// How long a parent that has not got it is given to get it.
    hold: Duration,
    /// How long after its announcement a piece comes at the most.
    lag: Duration,
    /// How long after the streamer we have it, as parents say.
    pub(super) delay: Option<Duration>,
    /// Through whom of the streamer's children, and since when.
    branch: Option<Branch>,
    branch_since: Time,
}

impl Supply {
    pub(super) fn new(now: Time) -> Self {
        Self {
            current: None,
            former: None,
            next: None,
            wanting_since: Some(now),
            changed_at: now,
            ignored_by: None,
            dismissed: None,
            misses: 0,
            unpushed: 0,
            newest_unpushed: None,
            on_trial: false,
            near_streamer: false,
            from_streamer: false,
            stands_in: false,
            follows: false,
            silent_since: None,
            unwelcome_since: None,
            found_at: Time::ZERO,
            parent_lost_it: None,
            hold: HOLD,
            lag: SHORTEST_GRACE,
            delay: None,
            branch: None,
            branch_since: now,
        }
    }

    /// The same stripe in a broadcast that follows.
    pub(super) fn following(&self, now: Time) -> Self {
        Self {
            former: self.current,
            near_streamer: self.near_streamer,
            from_streamer: self.from_streamer || self.stands_in,
            follows: true,
            hold: FOLLOWING_HOLD,
            ..Self::new(now)
        }
    }

    /// Whether the streamer itself pushed it in the broadcast before this one, and nobody does yet in this one.
    pub(super) fn came_from_streamer(&self) -> bool {
        self.follows && self.from_streamer
    }

    /// Whether nobody but the streamer, who is gone or has just come back, can bring it to us.
    pub(super) fn waits_for_streamer(&self) -> bool {
        self.stands_in || self.came_from_streamer()
    }

    /// Whether whoever pushed it last has passed on what it should.
    pub(super) fn is_proven(&self) -> bool {
        self.from_streamer || self.current.is_some() && !self.on_trial
    }

    /// Whether it is waited for that the parent of the broadcast before this one takes part in it too.
    pub(super) fn awaits_former(&self, now: Time) -> bool {
        let since = self.wanting_since.unwrap_or(now);
        self.former.is_some() && now < since + self.hold
    }

    /// How long after the streamer we have it; `None` while it does not come. Said at once when it is lost, so that
    /// nobody takes for a parent who lives on the very one that lost it.
    pub(super) fn delay(&self) -> Option<Duration> {
        let is_said = self.hidden_since().is_none() && !self.on_trial;
        self.delay.filter(|_| is_said)
    }

    pub(super) fn is_from(&self, connection: ConnectionId) -> bool {
        self.current == Some(connection) || self.next.is_some_and(|(next, _)| next == connection)
    }

    pub(super) fn lose(&mut self, now: Time) {
        if self.current.take().is_some() {
            self.wanting_since = Some(self.hidden_since().unwrap_or(now));
        }
        self.is_fresh();
    }

    /// Nothing is held against whoever pushes it from now on.
    pub(super) fn is_fresh(&mut self) {
        self.misses = 0;
        self.unpushed = 0;
        self.silent_since = None;
        self.parent_lost_it = None;
        self.unwelcome_since = None;
    }

    /// The parent passes it on, so long after the streamer.
    pub(super) fn comes_after(&mut self, delay: Duration, now: Time) {
        self.delay = Some(delay);
        self.hold = HOLD;
        if self.parent_lost_it.take().is_some() {
            self.is_fresh();
            self.found_at = now;
        }
    }

    /// A piece has to be asked for. A parent that has just begun or just found the stripe again is still catching up.
    pub(super) fn is_not_pushed(&mut self, piece: PieceIndex, now: Time) {
        let caught_up = self.found_at.max(self.changed_at) + CATCHING_UP <= now;
        let blamed = self.current.is_some() && self.parent_lost_it.is_none() && caught_up;
        if blamed && self.newest_unpushed.is_none_or(|newest| newest < piece) {
            self.newest_unpushed = Some(piece);
            self.unpushed += 1;
        }
    }

    pub(super) fn is_failing(&self) -> bool {
        let (misses, unpushed) = if self.on_trial {
            (1, 1)
        } else {
            (MISSES, UNPUSHED)
        };
        self.misses >= misses || self.unpushed >= unpushed
    }

    /// Since when a parent has to be found.
    pub(super) fn urgent_since(&self) -> Option<Time> {
        let held_out = self.parent_lost_it.map(|since| since + self.hold);
        self.wanting_since.or(self.silent_since).or(held_out)
    }

    pub(super) fn is_urgent(&self, now: Time) -> bool {
        self.urgent_since().is_some_and(|since| since <= now)
    }

    /// Since when nobody below us has been told that we have it.
    pub(super) fn hidden_since(&self) -> Option<Time> {
        self.wanting_since
            .filter(|_| !self.stands_in)
            .or(self.silent_since)
            .or(self.parent_lost_it)
    }

    /// It comes through this child of the streamer.
    pub(super) fn comes_through(&mut self, branch: Option<Branch>, now: Time) {
        if self.branch != branch {
            self.branch = branch;
            self.branch_since = now;
        }
    }

    /// Through whom it comes, while it does.
    pub(super) fn branch(&self) -> Option<Branch> {
        self.branch.filter(|_| self.delay().is_some())
    }

    /// Whether one that has it through `branch` surely does not have it from us.
    pub(super) fn is_apart_from(&self, branch: Option<Branch>, now: Time) -> bool {
        let differs = self
            .branch
            .zip(branch)
            .is_some_and(|(own, other)| own != other);
        differs && self.branch_since + BRANCH_KNOWN <= now
    }

    pub(super) fn take(&mut self, connection: ConnectionId, now: Time) {
        self.current = Some(connection);
        self.former = None;
        self.next = None;
        self.wanting_since = None;
        self.stands_in = false;
        self.follows = false;
        self.changed_at = now;
        self.is_fresh();
    }

    /// A piece came so long after its announcement. The longest counts, slowly forgotten: a key frame's pieces queue at
    /// each uplink on the way, and to ask others for what is on its way would only make the queues longer.
    pub(super) fn learn_lag(&mut self, lag: Duration) {
        self.lag = lag.max(self.lag * 31 / 32);
    }

    /// How long after its announcement a piece should have come.
    pub(super) fn grace(&self) -> Duration {
        if self.wanting_since.or(self.silent_since).is_some() {
            UNPUSHED_GRACE
        } else if self.parent_lost_it.is_some() {
            // What it finds again it passes on from where it was lost.
            LONGEST_GRACE
        } else {
            let (usual, longest) = if self.on_trial {
                let said = self.delay.unwrap_or_default();
                (self.lag.max(said), LONGEST_GRACE_ON_TRIAL)
            } else {
                (self.lag, LONGEST_GRACE)
            };
            (usual + PUSH_SLACK).clamp(SHORTEST_GRACE, longest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerId;

    fn at(millis: u64) -> Time {
        Time::from_epoch(Duration::from_millis(millis))
    }

    fn branch(head: u8) -> Option<Branch> {
        Some(Branch::of(&PeerId([head; 20])))
    }

    #[test]
    fn who_has_it_through_another_branch_does_not_live_on_us_once_that_is_known_below() {
        let mut supply = Supply::new(at(0));
        supply.take(ConnectionId(1), at(0));
        supply.comes_after(Duration::from_millis(100), at(0));
        supply.comes_through(branch(1), at(0));
        assert_eq!(supply.branch(), branch(1));
        assert!(!supply.is_apart_from(branch(2), at(1000)), "too soon");
        assert!(supply.is_apart_from(branch(2), at(5000)));
        assert!(!supply.is_apart_from(branch(1), at(5000)), "the same");
        assert!(!supply.is_apart_from(None, at(5000)), "not told");
        supply.comes_through(branch(3), at(6000));
        assert!(!supply.is_apart_from(branch(2), at(7000)), "moved");
    }

    #[test]
    fn one_that_is_asked_to_leave_goes_on_saying_that_it_has_the_stripe() {
        let mut supply = Supply::new(at(0));
        supply.take(ConnectionId(1), at(0));
        supply.comes_after(Duration::from_millis(100), at(0));
        supply.unwelcome_since = Some(at(1000));
        assert_eq!(supply.delay(), Some(Duration::from_millis(100)));
        supply.lose(at(2000));
        assert_eq!((supply.delay(), supply.branch()), (None, None));
    }
}
