//! The choice of parents: who is to push which stripe to us.
//!
//! A parent is chosen by how long after the streamer it passes the stripe on, and by whether it has room. Trees stay
//! trees because one moves only to somebody nearer to the streamer than one is oneself; whoever has lost its parent
//! first lets all below know (they say that they have nothing either) and then takes whoever still has the stripe.

use std::collections::BTreeMap;
use std::time::Duration;

use super::supply::{LONGEST_HOLD, Supply};
use crate::peer::Peer;
use crate::peers::Peers;
use crate::wire::{Branch, Stripes};
use crate::{BroadcastId, ConnectionId, Time};

/// How long a parent's answer to a subscription is waited for, besides the way there and back.
const GRANT_TIMEOUT: Duration = Duration::from_millis(400);
/// How long a peer that refused a stripe is not asked for that stripe again.
const REFUSED_FOR: Duration = Duration::from_millis(1000);
/// The same for the streamer, where what it pushed to our parent is lost: it will notice.
const REFUSED_BY_STREAMER_FOR: Duration = Duration::from_millis(200);
/// How long a stripe has no parent among the viewers before the streamer is asked to be it.
const STREAMER_AFTER: Duration = Duration::from_millis(300);
/// The same in a broadcast that follows one that broke off: those who lived on the streamer are to have it first.
const STREAMER_AFTER_OTHERS: Duration = Duration::from_millis(1200);
/// How long whoever lived on the streamer is looked for, when it is gone too, before those who lived on it take its place.
const HEIR_AFTER: Duration = Duration::from_millis(700);
/// How long another parent is looked for in place of one that would rather be rid of us.
const LOOKED_FOR: Duration = Duration::from_secs(4);
/// How long nobody pushes a stripe to us until those are asked too who have failed us.
const NOBODY_LEFT_AFTER: Duration = Duration::from_secs(2);
/// How long it takes until all below us know that we have lost a stripe, and no longer look like parents to us.
const POISONED: Duration = Duration::from_millis(350);
/// A parent that has not been heard for so long may be gone: another one is looked for. It says something several times in
/// that time.
const SUSPICIOUS: Duration = Duration::from_millis(450);
/// A stripe stays with its parent for so long, however good others look, so that the tree can settle.
const SETTLED: Duration = Duration::from_secs(2);
/// A parent must be better by this and by a quarter of our delay to be worth a move.
const WORTH_MOVING: Duration = Duration::from_millis(60);
/// Whatever is farther than this from the streamer goes in circles.
const LONGEST_DELAY: Duration = Duration::from_secs(4);
/// What a stripe more on the same parent counts for: with everything on one parent, everything is lost with it.
const SPREAD: Duration = Duration::from_millis(8);
/// What it counts for that nothing has been heard of a peer lately.
pub(super) const LATELY: Duration = Duration::from_millis(1500);
const MAYBE_GONE: Duration = Duration::from_millis(200);
/// How many stripes are asked for at first from one that has never passed anything on.
const ON_TRIAL: usize = 2;
/// What an imposition on the streamer counts for.
const LAST_RESORT: Duration = Duration::from_secs(1);

/// What a parent carries for us already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    pub(super) stripes: usize,
    pub(super) unanswered: usize,
}

/// The choice of parents at one moment.
pub(super) struct Choosing<'a> {
    pub(super) peers: &'a Peers,
    pub(super) broadcast: BroadcastId,
    pub(super) now: Time,
    pub(super) patience: Duration,
    /// Something has been played; before that, whoever answers first will do.
    pub(super) has_begun: bool,
    /// The streamer is gone.
    pub(super) stands_still: bool,
    /// We are known to pass on enough to be fed in place of a leaf.
    pub(super) is_known_to_be_worthy: bool,
    /// What those live on who have a stripe through us where we have it from the streamer.
    pub(super) own_branch: Branch,
}

impl Choosing<'_> {
    /// Takes note of what has become of a stripe's parent and of the one asked.
    pub(super) fn review(&self, supply: &mut Supply, place: usize, stripe: Stripes) {
        let feeds = |connection: ConnectionId| {
            let peer = self.peers.get(&connection)?;
            peer.is_feeding(self.broadcast, self.now, self.patience)
                .then_some(peer)
        };
        if let Some((next, asked_at)) = supply.next {
            let wait = |peer: &Peer| GRANT_TIMEOUT + peer.way() * 2;
            let hopeful = feeds(next).is_some_and(|peer| asked_at + wait(peer) > self.now);
            if !hopeful {
                supply.next = None;
                supply.ignored_by = Some(next);
            }
        }
        let Some(current) = supply.current else {
            supply.stands_in = self.stands_still && self.is_heir(supply);
            if supply.stands_in {
                // Those below are told again that we have it: whoever was asked may be one of them by now.
                supply.next = None;
            }
            return;
        };
        let parent = feeds(current).filter(|peer| peer.parent.granted.contains(stripe));
        supply.on_trial = parent.is_some_and(|peer| !peer.streamer && !peer.has_passed_on);
        let Some(parent) = parent.filter(|_| !supply.is_failing()) else {
            supply.dismissed = supply.current.filter(|_| supply.is_failing());
            return supply.lose(self.now);
        };
        self.heed(supply, parent, stripe);
        let branch = if parent.streamer {
            Some(self.own_branch)
        } else {
            parent.standing.branch(place)
        };
        supply.comes_through(branch, self.now);
        supply.near_streamer = parent.near_streamer;
        supply.from_streamer = parent.streamer;
        let is_silent = parent.is_missed(self.now, SUSPICIOUS);
        supply.silent_since = is_silent.then(|| supply.silent_since.unwrap_or(self.now));
        let delay = delay_of(parent, place).map(|delay| delay + parent.way());
        match delay.filter(|delay| *delay < LONGEST_DELAY) {
            Some(delay) => supply.comes_after(delay, self.now),
            None => {
                let since = *supply.parent_lost_it.get_or_insert(self.now);
                if since + LONGEST_HOLD <= self.now && self.is_to_be_had(place) {
                    supply.lose(self.now);
                }
            }
        }
    }

    /// Whether we are next to the streamer in a stripe's tree, now that whoever was between us is gone.
    fn is_heir(&self, supply: &Supply) -> bool {
        let wanting_since = supply.wanting_since.unwrap_or(self.now);
        supply.from_streamer || supply.near_streamer && wanting_since + HEIR_AFTER <= self.now
    }

    /// Whether somebody here has a stripe. Where nobody has, the streamer is gone, and all had better stay as they are.
    fn is_to_be_had(&self, place: usize) -> bool {
        self.peers
            .values()
            .any(|peer| peer.can_feed(self.broadcast, self.now) && delay_of(peer, place).is_some())
    }

    /// A parent that would rather be rid of us is heeded for a while, and again later if nobody else was found.
    fn heed(&self, supply: &mut Supply, parent: &Peer, stripe: Stripes) {
        let unwelcome = parent.parent.surplus.contains(stripe);
        let settled = supply.changed_at + SETTLED <= self.now;
        match supply.unwelcome_since {
            None if unwelcome && settled => supply.unwelcome_since = Some(self.now),
            Some(since) if !unwelcome || since + LOOKED_FOR <= self.now => {
                supply.unwelcome_since = None;
                supply.changed_at = self.now;
            }
            _ => {}
        }
    }

    /// Whom to ask for a stripe now, if anybody.
    pub(super) fn choose(
        &self,
        supply: &Supply,
        place: usize,
        stripe: Stripes,
        loads: &BTreeMap<ConnectionId, Load>,
        moves: usize,
    ) -> Option<ConnectionId> {
        let offered = self
            .peers
            .values()
            .find(|peer| peer.streamer && peer.parent.offered.contains(stripe));
        if let Some(offerer) = offered {
            let new = !supply.is_from(offerer.connection);
            return (new && offerer.can_give(self.broadcast)).then_some(offerer.connection);
        }
        if supply.next.is_some() || supply.stands_in || supply.awaits_former(self.now) {
            return None;
        }
        let unwelcome = supply.unwelcome_since.is_some();
        let urgent = supply.is_urgent(self.now);
        let settled = supply.changed_at + SETTLED > self.now;
        if !urgent && !unwelcome && (settled || moves > 0) {
            return None;
        }
        let cheapest = |can_feed: fn(&Peer, BroadcastId, Time) -> bool| {
            self.peers
                .values()
                .filter(|peer| ![supply.current, supply.dismissed].contains(&Some(peer.connection)))
                .filter(|peer| can_feed(peer, self.broadcast, self.now))
                .filter_map(|peer| {
                    let load = loads.get(&peer.connection).copied().unwrap_or_default();
                    Some((self.cost(peer, supply, place, stripe, load)?, peer))
                })
                .min_by_key(|(cost, _)| *cost)
        };
        let lacks_it_for_long = supply
            .wanting_since
            .is_some_and(|since| since + NOBODY_LEFT_AFTER <= self.now);
        let (cost, best) = match cheapest(Peer::can_feed) {
            None if lacks_it_for_long => cheapest(Peer::may_feed_again),
            found => found,
        }?;
        let worth_it = match supply.delay.filter(|_| !urgent) {
            Some(_) if unwelcome => !best.streamer,
            Some(delay) => cost + WORTH_MOVING + delay / 4 < delay,
            None => true,
        };
        worth_it.then_some(best.connection)
    }

    /// How late a stripe would come from a peer, and how much it would be an imposition; `None` where it would not come.
    fn cost(
        &self,
        peer: &Peer,
        supply: &Supply,
        place: usize,
        stripe: Stripes,
        load: Load,
    ) -> Option<Duration> {
        let parent = &peer.parent;
        let is_near = supply.near_streamer || supply.came_from_streamer();
        let pause = if is_near && peer.streamer {
            REFUSED_BY_STREAMER_FOR
        } else {
            REFUSED_FOR
        };
        let refused = parent.refused.contains(stripe) && parent.refused_at + pause > self.now;
        if refused || peer.fed.contains(stripe) {
            return None;
        }
        let delay = delay_of(peer, place)?;
        let mut cost = delay + peer.way() + SPREAD * load.stripes as u32;
        if peer.is_quiet(self.now, LATELY) {
            cost += MAYBE_GONE;
        }
        if peer.streamer {
            let patience = match (supply.follows, supply.near_streamer) {
                _ if supply.came_from_streamer() => Duration::ZERO,
                (true, true) => HEIR_AFTER,
                (true, false) => STREAMER_AFTER_OTHERS,
                (false, true) => Duration::ZERO,
                (false, false) => STREAMER_AFTER,
            };
            let waited = supply
                .urgent_since()
                .is_some_and(|since| since + patience <= self.now);
            if (self.has_begun || supply.follows) && !waited {
                return None;
            }
            cost += LAST_RESORT;
        } else {
            let mut spare = usize::from(peer.standing.spare);
            let unwelcome = supply.unwelcome_since.is_some();
            if self.is_known_to_be_worthy && (supply.urgent_since().is_some() || unwelcome) {
                spare += usize::from(peer.standing.leaves);
            }
            if !peer.has_passed_on {
                spare = spare.min(ON_TRIAL.saturating_sub(load.stripes - load.unanswered));
            }
            if spare <= load.unanswered {
                return None;
            }
            // Once all below us know that we have lost it, whoever has it will do.
            let known_below = supply
                .hidden_since()
                .is_some_and(|since| since + POISONED <= self.now);
            if !known_below && self.may_live_on_us(peer, delay, supply, place, stripe) {
                return None;
            }
        }
        Some(cost)
    }

    /// Whether a peer may get a stripe through us. Somebody nearer to the streamer than we are surely does not, nor does
    /// somebody on another branch. Who is asked to leave while nobody lives on it need not wonder.
    fn may_live_on_us(
        &self,
        peer: &Peer,
        delay: Duration,
        supply: &Supply,
        place: usize,
        stripe: Stripes,
    ) -> bool {
        let is_nearer = supply.delay.is_none_or(|own| delay < own);
        let branch = peer.standing.branch(place);
        let may_go_there = || {
            let asked = self.asked_to_go_to(supply, place);
            asked.is_none_or(|kept| branch == Some(kept))
        };
        let is_apart = || supply.is_apart_from(branch, self.now) && may_go_there();
        let lived_on = || self.peers.values().any(|peer| peer.fed.contains(stripe));
        let is_alone = || supply.unwelcome_since.is_some() && !lived_on();
        !is_nearer && !is_apart() && !is_alone()
    }

    /// Through whom the streamer would have those get a stripe who are asked to leave it. Several are at once: if each moved to
    /// another's branch, a whole tree would hang on itself.
    fn asked_to_go_to(&self, supply: &Supply, place: usize) -> Option<Branch> {
        let parent = supply.unwelcome_since.and(supply.current)?;
        self.peers.get(&parent)?.standing.branch(place)
    }
}

/// How long after the streamer a peer passes a stripe on. The streamer itself need not say.
pub(super) fn delay_of(peer: &Peer, place: usize) -> Option<Duration> {
    let said = peer.standing.delay(place);
    if peer.streamer {
        Some(said.unwrap_or_default())
    } else {
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerId;
    use crate::wire::Standing;

    const BROADCAST: BroadcastId = BroadcastId(1);
    const PLACE: usize = 3;
    const NOW: Time = at(20_000);
    const STREAMER: ConnectionId = ConnectionId(0);

    const fn at(millis: u64) -> Time {
        Time::from_epoch(Duration::from_millis(millis))
    }

    fn stripe() -> Stripes {
        Stripes::one(PLACE as u32)
    }

    fn branch(head: u8) -> Branch {
        Branch::of(&PeerId([head; 20]))
    }

    /// A peer that has the stripe so many milliseconds after the streamer, through this branch.
    fn peer(connection: u64, delay: u64, head: u8) -> Peer {
        let mut peer = Peer::new(ConnectionId(connection), true, NOW);
        peer.live_id = Some(1);
        peer.chokes_us = false;
        peer.context = Some(BROADCAST);
        peer.has_passed_on = true;
        let mut standing = Standing::default();
        standing.spare = 8;
        standing.slots = 16;
        standing.set_delay(PLACE, Some(Duration::from_millis(delay)));
        standing.set_branch(PLACE, Some(branch(head)));
        peer.stands(standing);
        peer
    }

    fn chosen(peers: &Peers, supply: &Supply) -> Option<ConnectionId> {
        let choosing = Choosing {
            peers,
            broadcast: BROADCAST,
            now: NOW,
            patience: Duration::from_secs(1),
            has_begun: true,
            stands_still: false,
            is_known_to_be_worthy: true,
            own_branch: branch(9),
        };
        choosing.choose(supply, PLACE, stripe(), &BTreeMap::new(), 0)
    }

    #[test]
    fn who_is_asked_to_leave_the_streamer_goes_only_where_the_streamer_would_have_it() {
        let mut streamer = peer(0, 0, 1);
        streamer.streamer = true;
        let mut child = peer(1, 500, 9);
        child.fed = stripe();
        let mut peers = Peers::default();
        peers.insert(streamer);
        peers.insert(child);
        let mut supply = Supply::new(at(0));
        supply.take(STREAMER, at(0));
        supply.comes_after(Duration::from_millis(30), at(0));
        supply.comes_through(Some(branch(9)), at(0));
        supply.unwelcome_since = Some(at(19_000));

        // It lives on another one who may have been asked to leave too, and to come to us.
        peers.insert(peer(2, 100, 2));
        assert_eq!(chosen(&peers, &supply), None);
        peers.insert(peer(3, 800, 1));
        assert_eq!(chosen(&peers, &supply), Some(ConnectionId(3)));
    }

    #[test]
    fn who_lacks_a_stripe_for_long_asks_even_those_who_have_failed_it() {
        let mut failed = peer(2, 100, 2);
        for _ in 0..5 {
            failed.failed_us(at(16_000));
        }
        let mut peers = Peers::default();
        peers.insert(failed);
        let lacking_since = |since: u64| Supply::new(at(since));
        assert_eq!(chosen(&peers, &lacking_since(19_000)), None, "too soon");
        let failed = Some(ConnectionId(2));
        assert_eq!(chosen(&peers, &lacking_since(17_000)), failed);
        // It is preferred to nobody.
        peers.insert(peer(3, 900, 2));
        let better = Some(ConnectionId(3));
        assert_eq!(chosen(&peers, &lacking_since(17_000)), better);
    }
}
