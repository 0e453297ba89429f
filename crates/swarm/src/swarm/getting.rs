//! Where pieces come from: a parent for each stripe, and requests for what was not pushed.
//!
//! A parent is chosen by how long after the streamer it passes the stripe on, and by whether it has room. A better one
//! is subscribed to before the old one is left; one that fails is replaced by whoever had the piece that it did not
//! send (PlumTree's graft), which is also how circles of parents break up.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{OnAir, Swarm};
use crate::peer::Peer;
use crate::wire::{LiveMessage, Stripes};
use crate::{BroadcastId, ConnectionId, PieceIndex, SegmentNumber, Time};

/// How much longer than usual a piece that a parent should push is waited for before others are asked, and the bounds
/// of that wait after the announcement. Three tries must fit into what playing waits for.
const PUSH_SLACK: Duration = Duration::from_millis(150);
const SHORTEST_GRACE: Duration = Duration::from_millis(250);
const LONGEST_GRACE: Duration = Duration::from_millis(1000);
/// A piece that nobody pushes to us is asked for at once, but for the moment in which a parent may still be found.
const UNPUSHED_GRACE: Duration = Duration::from_millis(50);
/// How long after its announcement a piece that no viewer has is asked for from the streamer: time for one that has
/// been lost with a leaving peer to be seeded again first.
const STREAMER_GRACE: Duration = Duration::from_millis(1000);
/// How long an answer to a request is waited for, besides the way there and back, before somebody else is asked.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(500);
/// The most unanswered requests to one peer: two segments at 2.5 Mbit/s, so that what was asked for last still comes
/// before its deadline.
const MAX_REQUESTS: usize = 10;
/// How long a parent's answer to a subscription is waited for, besides the way there and back.
const GRANT_TIMEOUT: Duration = Duration::from_millis(400);
/// How long a peer that refused a stripe is not asked for that stripe again.
const REFUSED_FOR: Duration = Duration::from_millis(1000);
/// How long a stripe has no parent among the viewers before the streamer is asked to be it.
const STREAMER_AFTER: Duration = Duration::from_millis(300);
/// How many pieces in a row a parent may fail to push.
const MISSES: u32 = 3;
/// How long one may lack a stripe before its children are to look elsewhere. Most find another parent in half of it.
const HOLD: Duration = Duration::from_millis(1200);
/// A stripe stays with its parent for so long, however good others look, so that the tree can settle.
const SETTLED: Duration = Duration::from_secs(3);
/// A parent must be better by this and by a quarter of our delay to be worth a move.
const WORTH_MOVING: Duration = Duration::from_millis(60);
/// Whatever is farther than this from the streamer goes in circles.
const LONGEST_DELAY: Duration = Duration::from_secs(4);
/// What a stripe more on the same parent counts for: with everything on one parent, everything is lost with it.
const SPREAD: Duration = Duration::from_millis(8);
/// What looks like a way back to ourselves, or like an imposition on the streamer, counts for.
const LAST_RESORT: Duration = Duration::from_secs(1);

/// Who pushes a stripe to us, and how well.
#[derive(Debug)]
pub(super) struct Supply {
    current: Option<ConnectionId>,
    /// Who has been asked to take over, and when.
    next: Option<(ConnectionId, Time)>,
    /// Since when nobody pushes it.
    pub(super) wanting_since: Option<Time>,
    changed_at: Time,
    /// The parent that has just lost it for not pushing.
    dismissed: Option<ConnectionId>,
    /// Pieces in a row that came from others because the parent did not push them.
    misses: u32,
    /// How long after its announcement a piece comes at the most.
    lag: Duration,
    /// How long after the streamer we have it, as parents say.
    delay: Option<Duration>,
}

/// A request that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    of: ConnectionId,
    at: Time,
}

impl Supply {
    pub(super) fn new(now: Time) -> Self {
        Self {
            current: None,
            next: None,
            wanting_since: Some(now),
            changed_at: now,
            dismissed: None,
            misses: 0,
            lag: SHORTEST_GRACE,
            delay: None,
        }
    }

    /// How long after the streamer we have it. For a moment after a parent was lost it is what it was, so that children
    /// wait for us to find another one rather than all of them leave, and theirs.
    pub(super) fn delay(&self, now: Time) -> Option<Duration> {
        self.delay
            .filter(|_| self.wanting_since.is_none_or(|since| since + HOLD > now))
    }

    fn is_from(&self, connection: ConnectionId) -> bool {
        self.current == Some(connection) || self.next.is_some_and(|(next, _)| next == connection)
    }

    fn lose(&mut self, now: Time) {
        if self.current.take().is_some() {
            self.wanting_since = Some(now);
        }
        self.misses = 0;
    }

    fn take(&mut self, connection: ConnectionId, now: Time) {
        self.current = Some(connection);
        self.next = None;
        self.wanting_since = None;
        self.changed_at = now;
        self.misses = 0;
    }

    /// A piece came so long after its announcement. The longest counts, slowly forgotten: a key frame's pieces queue at
    /// each uplink on the way, and to ask others for what is on its way would only make the queues longer.
    fn learn_lag(&mut self, lag: Duration) {
        self.lag = lag.max(self.lag * 31 / 32);
    }

    /// How long after its announcement a piece should have come.
    fn grace(&self) -> Duration {
        match self.current {
            Some(_) => (self.lag + PUSH_SLACK).clamp(SHORTEST_GRACE, LONGEST_GRACE),
            None => UNPUSHED_GRACE,
        }
    }
}

impl Swarm {
    /// Finds a parent for each stripe that has none or could have a better one, and tells peers what has changed.
    pub(super) fn subscribe(&mut self) {
        if self.secret.is_some() {
            return;
        }
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        for supply in &mut on_air.supplies {
            let mute = supply.dismissed.take();
            if let Some(peer) = mute.and_then(|mute| self.peers.get_mut(&mute)) {
                peer.failed_us(now);
            }
        }
        let choosing = Choosing {
            peers: &self.peers,
            broadcast: on_air.description.broadcast,
            now,
            patience: on_air.patience(),
            has_begun: on_air.playhead.next().is_some(),
        };
        let mut pending = BTreeMap::new();
        for (place, stripe) in Stripes::each() {
            choosing.review(&mut on_air.supplies[place], place, stripe);
            let supply = &on_air.supplies[place];
            for of in supply
                .current
                .into_iter()
                .chain(supply.next.map(|next| next.0))
            {
                let load: &mut Load = pending.entry(of).or_default();
                load.stripes += 1;
                load.unanswered += usize::from(supply.current != Some(of));
            }
        }
        let mut moves = 0;
        for (place, stripe) in Stripes::each() {
            let supply = &mut on_air.supplies[place];
            if let Some(parent) = choosing.choose(supply, place, stripe, &pending, moves) {
                moves += usize::from(supply.current.is_some());
                supply.next = Some((parent, now));
                let load = pending.entry(parent).or_default();
                load.stripes += 1;
                load.unanswered += 1;
            }
        }
        self.tell_parents();
    }

    fn tell_parents(&mut self) {
        let Some(on_air) = &self.on_air else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        for peer in self.peers.values_mut() {
            if !peer.can_give(broadcast) {
                peer.parent.subscribed = Stripes::NONE;
                continue;
            }
            let stripes = Stripes::each()
                .filter(|(place, _)| on_air.supplies[*place].is_from(peer.connection))
                .fold(Stripes::NONE, |all, (_, stripe)| all.with(stripe));
            let before = std::mem::replace(&mut peer.parent.subscribed, stripes);
            if stripes == before {
                continue;
            }
            // What it is told now it need not push.
            peer.tell_news();
            let from = on_air.wanted_from(stripes.without(before));
            peer.say_live(&LiveMessage::Subscribe { stripes, from });
        }
    }

    pub(super) fn heard_feed(
        &mut self,
        connection: ConnectionId,
        granted: Stripes,
        surplus: Stripes,
        offered: Stripes,
    ) {
        let now = self.now;
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        let parent = &mut peer.parent;
        parent.granted = granted;
        parent.surplus = surplus;
        parent.offered = offered;
        let way = peer.way();
        for (place, stripe) in Stripes::each() {
            let supply = &mut on_air.supplies[place];
            if granted.contains(stripe) {
                if supply.next.is_some_and(|(next, _)| next == connection) {
                    supply.take(connection, now);
                }
                continue;
            }
            if supply.current == Some(connection) {
                supply.lose(now);
            }
            // An answer cannot have come sooner than this; what came is about an earlier question.
            let refused = supply
                .next
                .is_some_and(|(next, asked_at)| next == connection && asked_at + way <= now);
            if refused {
                supply.next = None;
                peer.parent.refused = peer.parent.refused.with(stripe);
                peer.parent.refused_at = now;
            }
        }
        self.subscribe();
    }

    /// A parent is gone.
    pub(super) fn lose_parent(&mut self, connection: ConnectionId) {
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        on_air.asked.retain(|_, asked| asked.of != connection);
        for supply in &mut on_air.supplies {
            if supply.current == Some(connection) {
                supply.lose(now);
            }
            if supply.next.is_some_and(|(next, _)| next == connection) {
                supply.next = None;
            }
        }
    }

    /// A piece has come that was new. Returns from whom it was still asked for, if that is somebody else.
    pub(super) fn credit(&mut self, from: ConnectionId, piece: PieceIndex) -> Option<ConnectionId> {
        let now = self.now;
        let on_air = self.on_air.as_mut()?;
        let asked = on_air.asked.remove(&piece);
        let place = Stripes::place_of(piece);
        let announced_at = on_air.store.segment_of(piece)?.announced_at;
        let supply = &mut on_air.supplies[place];
        let answers = asked.is_some_and(|asked| asked.of == from);
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.parent.failures = 0;
            peer.parent.unanswered = 0;
            peer.asked -= usize::from(answers && peer.asked > 0);
        }
        if supply.current == Some(from) {
            supply.misses = 0;
            if !answers {
                supply.learn_lag(now - announced_at);
            }
        } else if answers && supply.current.is_some() {
            supply.misses += 1;
        }
        asked.filter(|asked| asked.of != from).map(|asked| asked.of)
    }

    /// A piece has come from its parent when others had already been asked: the parent is late, and not mute.
    pub(super) fn excuse(&mut self, from: ConnectionId, piece: PieceIndex) {
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        let supply = &mut on_air.supplies[Stripes::place_of(piece)];
        if supply.current == Some(from) {
            supply.misses = 0;
            if let Some(held) = on_air.store.segment_of(piece) {
                supply.learn_lag(now - held.announced_at);
            }
        }
    }

    pub(super) fn heard_reject(&mut self, connection: ConnectionId, piece: PieceIndex) {
        let now = self.now;
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        if on_air
            .asked
            .get(&piece)
            .is_some_and(|asked| asked.of == connection)
        {
            on_air.asked.remove(&piece);
            peer.asked = peer.asked.saturating_sub(1);
            peer.parent.busy_at = Some(now);
        }
    }

    /// Gives up requests that are not answered.
    fn drop_requests(&mut self) {
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        let peers = &mut self.peers;
        on_air.asked.retain(|_, asked| {
            let Some(peer) = peers.get_mut(&asked.of) else {
                return false;
            };
            let kept = asked.at + REQUEST_TIMEOUT + peer.way() * 2 > now;
            if !kept {
                peer.asked = peer.asked.saturating_sub(1);
                peer.left_unanswered(now);
            }
            kept
        });
    }

    /// Asks for what should have been pushed and was not.
    pub(super) fn repair(&mut self) {
        self.drop_requests();
        let now = self.now;
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        let from = on_air
            .playhead
            .next()
            .or_else(|| on_air.store.newest_key_frame());
        let Some(from) = from else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        for held in on_air.store.since(from).filter(|held| !held.is_complete()) {
            for piece in held.missing_pieces() {
                let supply = &on_air.supplies[Stripes::place_of(piece)];
                let overdue = held.announced_at + supply.grace() <= now;
                if !overdue || on_air.asked.contains_key(&piece) {
                    continue;
                }
                let Some(offset) = held.announcement.offset_of(piece) else {
                    continue;
                };
                let of_streamer = held.announced_at + STREAMER_GRACE <= now;
                let giver =
                    choose_giver(self.peers.values_mut(), broadcast, piece, of_streamer, now);
                if let Some(peer) = giver {
                    peer.request(piece, held.announcement.info.piece_len(offset));
                    let of = peer.connection;
                    on_air.asked.insert(piece, Asked { of, at: now });
                }
            }
        }
    }
}

impl OnAir {
    /// How long a neighbour may say nothing. Peers tell what they have several times a second, where there is
    /// something to tell: with each segment.
    pub(super) fn patience(&self) -> Duration {
        let segment = Duration::from_millis(self.description.segment_millis.into());
        Duration::from_millis(500) + segment.min(Duration::from_secs(2)) * 2
    }

    /// From which segment on newly subscribed stripes are wanted: from the first that lacks something of them. `None`,
    /// the newest key frame, before anything was played.
    fn wanted_from(&self, stripes: Stripes) -> Option<SegmentNumber> {
        let next = self.playhead.next()?;
        let newest = self.store.newest()?.announcement.number;
        let unserved = |place: usize, stripe| {
            stripes.contains(stripe) && self.supplies[place].current.is_none()
        };
        let urgent = Stripes::each()
            .filter(|(place, stripe)| unserved(*place, *stripe))
            .fold(Stripes::NONE, |all, (_, stripe)| all.with(stripe));
        let lacks = |piece| urgent.contains(Stripes::of(piece)) && !self.asked.contains_key(&piece);
        let first = self
            .store
            .since(next)
            .find(|held| !held.is_complete() && held.missing_pieces().any(lacks));
        Some(first.map_or(newest.next(), |held| held.announcement.number))
    }
}

/// What a parent carries for us already.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    stripes: usize,
    unanswered: usize,
}

/// The choice of parents at one moment.
struct Choosing<'a> {
    peers: &'a BTreeMap<ConnectionId, Peer>,
    broadcast: BroadcastId,
    now: Time,
    patience: Duration,
    /// Something has been played; before that, whoever answers first will do.
    has_begun: bool,
}

impl Choosing<'_> {
    /// Takes note of what has become of a stripe's parent and of the one asked.
    fn review(&self, supply: &mut Supply, place: usize, stripe: Stripes) {
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
            }
        }
        let Some(current) = supply.current else {
            return;
        };
        let parent = feeds(current).filter(|peer| peer.parent.granted.contains(stripe));
        let delay = parent
            .and_then(|peer| Some(delay_of(peer, place)? + peer.way()))
            .filter(|delay| *delay < LONGEST_DELAY);
        if supply.misses >= MISSES {
            supply.dismissed = supply.current;
        }
        match delay {
            Some(_) if supply.misses < MISSES => supply.delay = delay,
            _ => supply.lose(self.now),
        }
    }

    /// Whom to ask for a stripe now, if anybody.
    fn choose(
        &self,
        supply: &Supply,
        place: usize,
        stripe: Stripes,
        loads: &BTreeMap<ConnectionId, Load>,
        moves: usize,
    ) -> Option<ConnectionId> {
        let current = supply.current.and_then(|current| self.peers.get(&current));
        let offered = self
            .peers
            .values()
            .find(|peer| peer.streamer && peer.parent.offered.contains(stripe));
        if let Some(offerer) = offered {
            let new = !supply.is_from(offerer.connection);
            return (new && offerer.can_give(self.broadcast)).then_some(offerer.connection);
        }
        if supply.next.is_some() {
            return None;
        }
        let unwelcome = current.is_some_and(|peer| peer.parent.surplus.contains(stripe));
        let settled = supply.changed_at + SETTLED > self.now;
        if current.is_some() && !unwelcome && (settled || moves > 0) {
            return None;
        }
        let (cost, best) = self
            .peers
            .values()
            .filter(|peer| ![supply.current, supply.dismissed].contains(&Some(peer.connection)))
            .filter_map(|peer| {
                let load = loads.get(&peer.connection).copied().unwrap_or_default();
                Some((self.cost(peer, supply, place, stripe, load)?, peer))
            })
            .min_by_key(|(cost, _)| *cost)?;
        let worth_it = match supply.delay.filter(|_| current.is_some()) {
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
        let refused = parent.refused.contains(stripe) && parent.refused_at + REFUSED_FOR > self.now;
        if refused
            || peer.fed.contains(stripe)
            || !peer.can_feed(self.broadcast, self.now, self.patience)
        {
            return None;
        }
        let delay = delay_of(peer, place)?;
        let mut cost = delay + peer.way() + SPREAD * load.stripes as u32;
        if peer.streamer {
            let waited = supply
                .wanting_since
                .is_some_and(|since| since + STREAMER_AFTER <= self.now);
            if self.has_begun && !waited {
                return None;
            }
            cost += LAST_RESORT;
        } else {
            if usize::from(peer.standing.spare) <= load.unanswered {
                return None;
            }
            // Only somebody nearer to the streamer than we were surely does not live on us.
            let behind_us = supply.delay.is_some_and(|own| delay >= own);
            if behind_us {
                cost += LAST_RESORT;
            }
        }
        Some(cost)
    }
}

/// How long after the streamer a peer passes a stripe on. The streamer itself need not say.
fn delay_of(peer: &Peer, place: usize) -> Option<Duration> {
    let said = peer.standing.delay(place);
    if peer.streamer {
        Some(said.unwrap_or_default())
    } else {
        said
    }
}

/// Who is asked for a piece: somebody that has it, reliable ones first, then with the fewest requests waiting; the
/// streamer last, and only if `of_streamer`.
fn choose_giver<'a>(
    peers: impl Iterator<Item = &'a mut Peer>,
    broadcast: BroadcastId,
    piece: PieceIndex,
    of_streamer: bool,
    now: Time,
) -> Option<&'a mut Peer> {
    peers
        .filter(|peer| {
            peer.can_give(broadcast)
                && peer.asked < MAX_REQUESTS
                && peer.has(piece)
                && (!peer.streamer || of_streamer)
        })
        .min_by_key(|peer| {
            let busy = peer
                .parent
                .busy_at
                .is_some_and(|at| at + REQUEST_TIMEOUT > now);
            let doubtful = peer.is_avoided(now) || peer.standing.slots == 0;
            let full = peer.standing.spare == 0;
            (
                doubtful || busy,
                peer.streamer,
                full,
                peer.asked,
                peer.way(),
            )
        })
}
