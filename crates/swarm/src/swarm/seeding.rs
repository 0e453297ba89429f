//! The streamer's part: each stripe goes to one viewer, different stripes to different ones, and again to another only
//! where it does not spread or nobody else can be found to bring it.
//!
//! Which viewers have got a piece from others shows in what they tell all their neighbours (BEP 3's `have`), so a first
//! viewer that keeps a stripe to itself, is gone, or lies, is seen by what the others lack (as in BEP 16's super-seeding).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::{OnAir, Swarm};
use crate::peer::{Peer, STRANGER_PATIENCE};
use crate::wire::{Branch, Stripes};
use crate::{ConnectionId, PieceIndex, Role, Time};

const COUNT: usize = Stripes::COUNT as usize;
/// How long a peer may take to accept a stripe that it is offered.
const OFFER_LIFETIME: Duration = Duration::from_millis(800);
/// A first viewer that has not been heard for so long is gone: it says something several times in that time, and the whole
/// audience waits for its stripes.
pub(super) const FIRST_PATIENCE: Duration = Duration::from_millis(450);
/// The same when somebody asks for a stripe: whoever lived on the first viewer has missed it too.
const ASKED_PATIENCE: Duration = Duration::from_millis(350);
/// How long viewers are left to ask by themselves at first: those on whom an audience lived before the streamer was gone
/// for a moment do so at once.
const ASKED_FIRST: Duration = Duration::from_millis(500);
/// The same where those met have an audience already: they look for us twice a second, and then have to connect.
const ASKED_FIRST_AGAIN: Duration = Duration::from_millis(1500);
/// How long it takes until a stripe is back with all who had it before we were gone. What is seen of its spreading is no
/// news of its first viewer until then, and those who lived on us elsewhere may need us too.
const RETURNING: Duration = Duration::from_secs(3);
/// How often a stripe moves to a peer that has fewer.
const MOVE_INTERVAL: Duration = Duration::from_millis(250);
/// When a piece should have reached somebody beyond the first viewer, and when it is too late for it to matter.
const SPREAD_BY: Duration = Duration::from_millis(1000);
const SPREAD_UNTIL: Duration = Duration::from_millis(2500);
/// How long a piece that was seeded again is given to spread.
const RESEED_INTERVAL: Duration = Duration::from_millis(500);
/// How many pieces in a row a first viewer may keep to itself.
const KEPT_PIECES: u32 = 3;
/// How much nearer one that has a stripe more must be, and where those are who have not said.
const LOAD_COUNTS_FOR: Duration = Duration::from_millis(100);
const FARTHEST: Duration = Duration::from_secs(4);
/// How long after a first viewer was lost those who lived on it may come to us instead.
const ORPHANED_FOR: Duration = Duration::from_millis(2000);
/// How many stripes it counts for that nothing is known of an uplink.
const UNTESTED_COUNTS_FOR: usize = 2;
/// How many stripes it counts for that nothing which a peer was given first has ever been seen with others, once it has one.
const UNPROVED_COUNTS_FOR: usize = 2;
/// Room for a few stripes more makes a peer a better choice; one more does not.
const SPARE_STEP: u8 = 4;
/// Up to so many neighbours, of whom none has room, everyone may get from the streamer what it gets from nobody else;
/// others have to help themselves, but for a foothold.
const SMALL_AUDIENCE: usize = 12;
const FOOTHOLD: usize = 2;
/// So much goes to a larger audience while it is short of upload or has just been met again, in place of one copy. What is
/// given beyond is not felt there, and has to be taken back from those on whom many live by then. Where some stand aside it
/// is felt by them.
const HELP: usize = 2 * COUNT;

/// Who gets which stripe first.
#[derive(Debug)]
pub(super) struct Seeding {
    firsts: [Option<ConnectionId>; COUNT],
    offers: [Option<(ConnectionId, Time)>; COUNT],
    /// What its branch is called, of the last one where there is none.
    branches: [Option<Branch>; COUNT],
    /// When the stripe first had a first viewer.
    first_since: [Option<Time>; COUNT],
    /// When the first viewer was met.
    met_at: Option<Time>,
    moved_at: Time,
    /// Pieces in a row that stayed with the first viewer.
    kept: [u32; COUNT],
    /// When the first viewer was lost.
    lost_at: [Option<Time>; COUNT],
    seeded_again: BTreeMap<PieceIndex, Time>,
}

impl Default for Seeding {
    fn default() -> Self {
        Self {
            firsts: [None; COUNT],
            offers: [None; COUNT],
            branches: [None; COUNT],
            first_since: [None; COUNT],
            met_at: None,
            moved_at: Time::ZERO,
            kept: [0; COUNT],
            lost_at: [None; COUNT],
            seeded_again: BTreeMap::new(),
        }
    }
}

impl Seeding {
    /// A stripe has a (new) first viewer.
    fn begin(&mut self, place: usize, first: ConnectionId, now: Time) {
        self.firsts[place] = Some(first);
        self.offers[place] = None;
        self.kept[place] = 0;
        self.first_since[place].get_or_insert(now);
    }

    /// The first viewer, if there was one, is gone.
    fn lose_first(&mut self, place: usize, now: Time) {
        if self.firsts[place].is_some() {
            self.lost_at[place] = Some(now);
        }
    }

    /// What the branch of a stripe's first viewer is called, or that of the last one where there is none: those who are asked
    /// to get the stripe elsewhere are to get it there.
    pub(super) fn branch(&self, place: usize) -> Option<Branch> {
        self.branches[place]
    }

    /// Whether the first viewer was met less than this ago, or none has been met.
    fn is_within(&self, time: Duration, now: Time) -> bool {
        self.met_at.is_none_or(|met_at| now < met_at + time)
    }

    fn load_of(&self, connection: ConnectionId) -> usize {
        let offered = self.offers.iter().flatten().map(|(to, _)| to);
        let firsts = self.firsts.iter().flatten();
        firsts
            .chain(offered)
            .filter(|to| **to == connection)
            .count()
    }
}

/// Whether a peer has passed pieces on before, as it says.
fn is_tested(peer: &Peer) -> bool {
    !peer.standing.untested && peer.standing.slots > 0
}

impl Swarm {
    /// How many stripes are pushed whatever the uplink is thought to carry: one whole stream, or nothing would spread.
    pub(super) fn least_slots(&self) -> usize {
        match self.role() {
            Role::Streamer => COUNT,
            Role::Viewer => 0,
        }
    }

    /// Streamer: whether a peer is pushed a stripe that it has subscribed to.
    pub(super) fn may_seed(
        &mut self,
        connection: ConnectionId,
        place: usize,
        stripe: Stripes,
    ) -> bool {
        if self.peers.get(&connection).is_none_or(|peer| peer.choked) {
            return false;
        }
        let offered = self.seeding.offers[place].is_some_and(|(to, _)| to == connection);
        if self.has_met_an_audience_within(ASKED_FIRST_AGAIN)
            && !self.peers.get(&connection).is_some_and(is_tested)
        {
            // It was not one of those on whom the audience lived.
            return false;
        }
        // Where nothing is heard of those who have it, the one that comes and asks has just lost it with them.
        let served = self
            .peers
            .values()
            .any(|peer| peer.fed.contains(stripe) && !peer.is_missed(self.now, ASKED_PATIENCE));
        if offered || !served {
            if !offered {
                if self.is_unfit_beside_others(connection, place, stripe) {
                    self.offer(place, stripe);
                    return false;
                }
                // Those who lived on the one before will ask too.
                self.seeding.lose_first(place, self.now);
            }
            self.seeding.begin(place, connection, self.now);
            return true;
        }
        let used = self.used_slots();
        let slots = self.slots().max(COUNT);
        let spare: usize = self
            .peers
            .values()
            .filter(|peer| peer.is_ready() && !peer.standing.upload_off)
            .map(|peer| usize::from(peer.standing.spare))
            .sum();
        let audience = self.peers.values().filter(|peer| peer.is_ready());
        let is_small = audience.count() <= SMALL_AUDIENCE;
        let is_short = self.is_short_of_upload();
        let passes_on = self
            .peers
            .get(&connection)
            .is_some_and(|peer| !peer.standing.is_leaf());
        let orphaned = self.seeding.lost_at[place].is_some();
        let help = if is_small || self.others_aside.is_felt() {
            slots
        } else {
            slots.min(HELP)
        };
        let most = if orphaned && passes_on {
            slots
        } else if is_short && passes_on {
            help
        } else if self.has_met_an_audience_within(RETURNING) && passes_on {
            slots.min(HELP)
        } else if is_small && (is_short || spare < COUNT) {
            slots
        } else if is_short {
            // The rest is for those who pass it on, when they come.
            help * 3 / 4
        } else {
            slots.min(COUNT + FOOTHOLD)
        };
        used < most
    }

    /// Whether somebody else is fit to have a stripe first and this peer is not. The one that asks first for a stripe that is
    /// lost need not be: all of the audience would hang on one that passes on to one other, or wait for one that nobody
    /// lives on.
    fn is_unfit_beside_others(
        &self,
        connection: ConnectionId,
        place: usize,
        stripe: Stripes,
    ) -> bool {
        let unfitness = |peer: &Peer| {
            let is_heir = self.lived_on_the_last(peer, place);
            (self.burden_of(peer) / COUNT, Reverse(is_heir))
        };
        self.peers.get(&connection).is_some_and(|peer| {
            let own = unfitness(peer);
            self.candidates(stripe).any(|other| unfitness(other) < own)
        })
    }

    /// Whether a peer had a stripe through its last first viewer: those who live on such a one have it again with it.
    fn lived_on_the_last(&self, peer: &Peer, place: usize) -> bool {
        let last = peer.last_branches[place];
        last.is_some() && last == self.seeding.branch(place)
    }

    /// Offers a stripe to the one that is fit to be given it first, unless an offer is open.
    fn offer(&mut self, place: usize, stripe: Stripes) {
        self.close_offer_in_vain(place);
        if self.seeding.offers[place].is_none() {
            let best = self.best_heir(place, self.candidates(stripe));
            self.seeding.offers[place] = best.map(|peer| (peer.connection, self.now));
        }
    }

    /// Takes back an offer that was not accepted in time, or whose receiver is gone.
    fn close_offer_in_vain(&mut self, place: usize) {
        self.seeding.offers[place] = self.seeding.offers[place].filter(|(to, since)| {
            *since + OFFER_LIFETIME > self.now && self.peers.contains_key(to)
        });
    }

    /// Whether most of those whom the streamer knows have passed the stream on before: it was gone for a moment only. Who has
    /// not said where it stands does not count.
    fn has_met_an_audience(&self) -> bool {
        let ready = || self.peers.values().filter(|peer| peer.is_ready());
        let tested = ready().filter(|peer| is_tested(peer)).count();
        tested > ready().filter(|peer| peer.standing.untested).count()
    }

    /// The same, where that began less than this ago.
    fn has_met_an_audience_within(&self, time: Duration) -> bool {
        self.seeding.is_within(time, self.now) && self.has_met_an_audience()
    }

    /// What a peer is pushed that it had better get elsewhere.
    pub(super) fn surplus_of(&self, connection: ConnectionId) -> Stripes {
        if self.role() == Role::Viewer {
            return Stripes::NONE;
        }
        let Some(peer) = self.peers.get(&connection) else {
            return Stripes::NONE;
        };
        Stripes::each()
            .filter(|(place, stripe)| {
                peer.fed.contains(*stripe)
                    && self.seeding.firsts[*place] != Some(connection)
                    && self.seeding.lost_at[*place].is_none()
            })
            .fold(Stripes::NONE, |all, (_, stripe)| all.with(stripe))
    }

    /// What a peer is asked to subscribe to.
    pub(super) fn offered_to(&self, connection: ConnectionId) -> Stripes {
        let offers = &self.seeding.offers;
        Stripes::each()
            .filter(|(place, _)| offers[*place].is_some_and(|(to, _)| to == connection))
            .fold(Stripes::NONE, |all, (_, stripe)| all.with(stripe))
    }

    /// Streamer: sees to it that each stripe has a first viewer and spreads.
    pub(super) fn seed(&mut self) {
        if self.secret.is_none() || self.on_air.is_none() {
            return;
        }
        self.settle_firsts();
        self.even_out();
        self.reseed();
        for connection in self.peers.connections() {
            self.tell_child(connection, false);
        }
    }

    fn settle_firsts(&mut self) {
        let now = self.now;
        let somebody = self.peers.values().any(Peer::is_ready);
        if somebody {
            self.seeding.met_at.get_or_insert(now);
        }
        let in_beginning = self.seeding.is_within(ASKED_FIRST, now)
            || self.has_met_an_audience_within(ASKED_FIRST_AGAIN);
        for (place, stripe) in Stripes::each() {
            let first = self.seeding.firsts[place].and_then(|first| self.peers.get(&first));
            if let Some(branch) = first.and_then(Peer::branch) {
                self.seeding.branches[place] = Some(branch);
            }
            let feeds = |connection: ConnectionId| {
                let peer = self.peers.get(&connection);
                peer.is_some_and(|peer| peer.fed.contains(stripe))
            };
            if !self.seeding.firsts[place].is_some_and(feeds) {
                self.seeding.lose_first(place, now);
                self.seeding.firsts[place] = self.head_of_most(place, stripe);
            }
            if self.seeding.lost_at[place].is_some_and(|at| at + ORPHANED_FOR <= now) {
                // Those who lost it with the first viewer have it again: it shows through whom.
                self.seeding.lost_at[place] = None;
                self.seeding.firsts[place] = self.head_of_most(place, stripe);
            }
            self.close_offer_in_vain(place);
            if self.seeding.firsts[place].is_none() && !in_beginning {
                self.offer(place, stripe);
            }
        }
    }

    /// Who of those that are pushed a stripe is its first viewer from now on: of the fittest the one through which most of our
    /// neighbours have it, so that few have to move when the others are asked to get it elsewhere.
    fn head_of_most(&self, place: usize, stripe: Stripes) -> Option<ConnectionId> {
        let fed = self.peers.values().filter(|peer| peer.fed.contains(stripe));
        let head = fed.min_by_key(|peer| {
            let branch = peer.branch();
            let through_it = self
                .peers
                .viewers()
                .filter(|other| branch.is_some() && other.standing.branch(place) == branch)
                .count();
            let risk = self.risk_of(peer);
            (risk / COUNT, Reverse(through_it), risk, peer.way())
        });
        head.map(|peer| peer.connection)
    }

    /// Peers that could be given a stripe that they do not have from us.
    fn candidates(&self, stripe: Stripes) -> impl Iterator<Item = &Peer> {
        let broadcast = self
            .on_air
            .as_ref()
            .map(|on_air| on_air.description.broadcast);
        self.peers.values().filter(move |peer| {
            peer.is_ready()
                && !peer.choked
                && !peer.fed.contains(stripe)
                && !peer.standing.stands_aside
                && !peer.is_avoided(self.now)
                && broadcast.is_some()
                && peer.context == broadcast
                && !peer.is_quiet(self.now, STRANGER_PATIENCE)
                && !peer.is_still_missed()
        })
    }

    fn best_first<'a>(&self, peers: impl Iterator<Item = &'a Peer>) -> Option<&'a Peer> {
        peers.min_by_key(|peer| {
            let spare = Reverse(peer.standing.spare / SPARE_STEP);
            (self.risk_of(peer), spare, peer.way())
        })
    }

    /// Who is given a stripe whose first viewer is gone: of those who are fit, the nearest of those who lived on it, since
    /// most others live on that one already.
    fn best_heir<'a>(
        &self,
        place: usize,
        peers: impl Iterator<Item = &'a Peer>,
    ) -> Option<&'a Peer> {
        peers.min_by_key(|peer| {
            let burden = self.risk_of(peer);
            let load = LOAD_COUNTS_FOR * (burden % COUNT) as u32;
            let delay = peer.last_delays[place].unwrap_or(FARTHEST);
            let is_heir = self.lived_on_the_last(peer, place);
            (burden / COUNT, Reverse(is_heir), delay + load)
        })
    }

    /// How little a peer is fit to be given one more stripe first. All that a stripe's tree can carry hangs on its first
    /// viewer, so one with a weak uplink is taken only where there is no other.
    fn burden_of(&self, peer: &Peer) -> usize {
        let standing = &peer.standing;
        let unfit = match standing.slots {
            _ if standing.upload_off => 8 * COUNT,
            _ if standing.is_leaf() => 4 * COUNT,
            // Given a few, it is soon tested.
            _ if standing.untested => UNTESTED_COUNTS_FOR,
            _ if !standing.is_worthy() => 2 * COUNT,
            _ => 0,
        };
        unfit + self.seeding.load_of(peer.connection)
    }

    /// The same, and how doubtful it is that it would pass on what it is given.
    fn risk_of(&self, peer: &Peer) -> usize {
        let unproved = !peer.has_passed_on && self.seeding.load_of(peer.connection) > 0;
        let doubt = if unproved { UNPROVED_COUNTS_FOR } else { 0 };
        self.burden_of(peer) + doubt
    }

    /// Moves a stripe from the peer that has most to one that has few.
    fn even_out(&mut self) {
        if self.seeding.moved_at + MOVE_INTERVAL > self.now {
            return;
        }
        let firsts = self.seeding.firsts.iter().flatten();
        let heaviest = firsts
            .filter_map(|first| self.peers.get(first))
            .max_by_key(|peer| self.burden_of(peer));
        let Some(heaviest) = heaviest else {
            return;
        };
        let (from, burden) = (heaviest.connection, self.burden_of(heaviest));
        let movable = Stripes::each().find(|(place, _)| {
            self.seeding.firsts[*place] == Some(from) && self.seeding.offers[*place].is_none()
        });
        let Some((place, stripe)) = movable else {
            return;
        };
        let best = self.best_first(self.candidates(stripe));
        let best = best.filter(|peer| self.burden_of(peer) + 2 <= burden);
        if let Some(best) = best {
            self.seeding.offers[place] = Some((best.connection, self.now));
            self.seeding.moved_at = self.now;
        }
    }

    /// Gives pieces that nobody has passed on to somebody else.
    fn reseed(&mut self) {
        let now = self.now;
        let (stuck, spread) = match &self.on_air {
            Some(on_air) => self.stuck_pieces(on_air),
            None => return,
        };
        for (place, _) in Stripes::each().filter(|(_, stripe)| spread.contains(*stripe)) {
            self.seeding.kept[place] = 0;
            let first = self.seeding.firsts[place];
            if let Some(first) = first.and_then(|first| self.peers.get_mut(&first)) {
                first.has_passed_on = true;
            }
        }
        self.seeding
            .seeded_again
            .retain(|_, at| *at + SPREAD_UNTIL > now);
        let is_short = self.is_short_of_upload();
        for (piece, place) in stuck {
            let stripe = Stripes::of(piece);
            // One that passes nothing on would not spread it either: not where upload is short.
            let lacking = self
                .candidates(stripe)
                .filter(|peer| !peer.has(piece))
                .filter(|peer| !(is_short && peer.standing.is_leaf()));
            let Some(target) = self.best_first(lacking).map(|peer| peer.connection) else {
                continue;
            };
            self.seeding.seeded_again.insert(piece, now);
            let held = self
                .on_air
                .as_ref()
                .and_then(|on_air| on_air.store.segment_of(piece));
            if let (Some(held), Some(peer)) = (held, self.peers.get_mut(&target)) {
                peer.announce(held.announcement.number, &held.signed);
                peer.queue(piece, true, now);
            }
            self.seeding.kept[place] += 1;
            if self.seeding.kept[place] >= KEPT_PIECES {
                self.dismiss(place, stripe);
            }
        }
    }

    /// Whether a piece could not have spread yet: the audience has only just been met again.
    fn is_excused(&self, place: usize, announced_at: Time) -> bool {
        let first_since = self.seeding.first_since[place];
        first_since.is_none_or(|since| announced_at < since)
            && self.has_met_an_audience_within(RETURNING)
    }

    /// Pieces that only those have whom we gave them, although there are others; and the stripes whose newest piece that
    /// is old enough has gone farther.
    fn stuck_pieces(&self, on_air: &OnAir) -> (Vec<(PieceIndex, usize)>, Stripes) {
        let now = self.now;
        let mut stuck = Vec::new();
        let (mut spread, mut seen) = (Stripes::NONE, Stripes::NONE);
        let recent = on_air.store.announced_after(now, SPREAD_UNTIL);
        for held in recent.filter(|held| held.announced_at + SPREAD_BY <= now) {
            for piece in held.announcement.pieces() {
                let again = self.seeding.seeded_again.get(&piece);
                let spreading = again.is_some_and(|at| *at + RESEED_INTERVAL > now);
                let (place, stripe) = (Stripes::place_of(piece), Stripes::of(piece));
                let has_spread = self.peers.values().any(|peer| peer.has_from_others(piece));
                if has_spread && !seen.contains(stripe) {
                    spread = spread.with(stripe);
                }
                seen = seen.with(stripe);
                if !spreading && !has_spread && !self.is_excused(place, held.announced_at) {
                    stuck.push((piece, place));
                }
            }
        }
        (stuck, spread)
    }

    /// Takes a stripe from a first viewer that does not pass it on.
    fn dismiss(&mut self, place: usize, stripe: Stripes) {
        self.seeding.kept[place] = 0;
        let first = self.seeding.firsts[place].take();
        if let Some(peer) = first.and_then(|first| self.peers.get_mut(&first)) {
            peer.failed_us(self.now);
            peer.fed = peer.fed.without(stripe);
        }
    }
}
