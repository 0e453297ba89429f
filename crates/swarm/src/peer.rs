//! What is known of one connected peer, and what waits to be sent to it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use crate::outbox::{Outbox, Waiting};
use crate::window::Window;
use crate::wire::{Block, Branch, Decoder, LiveMessage, Message, Standing, Stripes};
use crate::{BroadcastId, ConnectionId, PeerId, PeerStats, PieceIndex, SegmentNumber, Time};

/// How long a peer that did not do what it said is left alone after the first time.
const FIRST_AVOIDANCE: Duration = Duration::from_secs(2);
/// The same, however often it has failed, where nobody else is left.
const SHORTEST_AVOIDANCE: Duration = Duration::from_secs(3);
/// How many failures it counts for that a peer has never done what it said.
const NEVER_PASSED_ON: u32 = 3;
/// How long one that has let a request go unanswered is asked last.
const BUSY_FOR: Duration = Duration::from_millis(500);
/// How long nobody is waited for, however long it usually says nothing.
const MOST_MISSED: Duration = Duration::from_secs(3);
/// How many pieces are remembered as asked for in vain: a key frame's segment at 4 Mbit/s.
const MOST_WAITED_FOR: usize = 64;
/// How many requests in a row a peer may leave unanswered.
const UNANSWERED: u32 = 4;
/// One that does not live on us is pinged each 4 s. One that has been silent for longer may be gone.
pub(crate) const STRANGER_PATIENCE: Duration = Duration::from_millis(4500);
/// Until a round trip is measured, within the first seconds.
const USUAL_ROUND_TRIP: Duration = Duration::from_millis(80);

/// One connected peer.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) connection: ConnectionId,
    /// Whether the offer was ours: decides which of two connections to the same peer stays.
    pub(crate) offered_by_us: bool,
    pub(crate) opened_at: Time,
    pub(crate) decoder: Decoder,
    /// Known from the handshake on.
    pub(crate) id: Option<PeerId>,
    /// The id for our `lt_live` messages to it; known from the extended handshake on.
    pub(crate) live_id: Option<u8>,
    /// It has proved to be the streamer.
    pub(crate) streamer: bool,
    /// It has passed something on: to us or, as the streamer sees, to others. Before that, what it says of itself is
    /// worth one try.
    pub(crate) has_passed_on: bool,
    /// The broadcast that its numbers are of.
    pub(crate) context: Option<BroadcastId>,
    /// Which revision of its description the peer has, by its own word.
    pub(crate) revision: Option<u32>,

    pub(crate) chokes_us: bool,
    pub(crate) choked: bool,
    /// It wants to be told of segments by us too, and what we last told it of ourselves.
    pub(crate) interested: bool,
    pub(crate) told_interest: bool,
    /// What it says of itself.
    pub(crate) standing: Standing,
    /// Whether it gets from the streamer what it pushes to us, and has told us of it; and when we have last told it so.
    pub(crate) near_streamer: bool,
    pub(crate) told_of_streamer_at: Option<Time>,
    /// How long after the streamer it passed on each stripe when it last did, and through whom it had it.
    pub(crate) last_delays: [Option<Duration>; Stripes::COUNT as usize],
    pub(crate) last_branches: [Option<Branch>; Stripes::COUNT as usize],
    /// What we last told it of ourselves, and when.
    pub(crate) told_standing: Option<(Standing, Time)>,
    /// As a child: what it has subscribed to at us, and what of that we push.
    pub(crate) fed: Stripes,
    /// Since when it has been pushed something all the time.
    pub(crate) fed_since: Time,
    /// When it was last let go of as a child because nothing was heard of it.
    pub(crate) missed_at: Option<Time>,
    /// What we pushed to it in the broadcast before this one, until it asks for something in this one.
    pub(crate) resumes: Stripes,
    /// What we last told it that we push, had better not, and offer.
    pub(crate) told: Told,
    /// As a parent: what we have subscribed to at it, and what it has said of that.
    pub(crate) parent: Parent,

    /// Announcements that it has, from us or from elsewhere.
    knows: Window,
    /// Pieces that it has or that are on their way to it.
    has: Window,
    /// Those of them that we have sent to it or are about to.
    pushed: Window,
    /// Pieces that it asked for when we did not have them.
    waits_for: BTreeSet<PieceIndex>,
    /// Pieces that it is still to be told we have.
    news: Vec<PieceIndex>,
    /// Requests of ours that it has not answered.
    pub(crate) asked: usize,

    pub(crate) outbox: Outbox,
    /// Its unsent bytes as all peers' are summed up.
    pub(crate) counted_unsent: usize,
    pub(crate) liveness: Liveness,
    pub(crate) downloaded: u64,
    pub(crate) uploaded: u64,
    /// What it may still have us carry to others.
    pub(crate) errands: Errands,
}

/// What a child has been told of what it gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) granted: Stripes,
    pub(crate) surplus: Stripes,
    pub(crate) offered: Stripes,
}

/// What a peer is to us as a parent.
#[derive(Debug, Default)]
pub(crate) struct Parent {
    /// What we have asked it to push.
    pub(crate) subscribed: Stripes,
    /// What it has said that it pushes, would rather not, and offers.
    pub(crate) granted: Stripes,
    pub(crate) surplus: Stripes,
    pub(crate) offered: Stripes,
    /// What it has refused, and when.
    pub(crate) refused: Stripes,
    pub(crate) refused_at: Time,
    /// When it last had no time for a request.
    pub(crate) busy_at: Option<Time>,
    /// Pieces that it was asked for and would not give, and when it said so.
    pub(crate) rejected: BTreeMap<PieceIndex, Time>,
    /// From when it failed us last until it is asked for stripes again.
    avoided: Option<Range<Time>>,
    /// How often it has failed us, and requests that it has left unanswered in a row; forgiven when it delivers.
    pub(crate) failures: u32,
    pub(crate) unanswered: u32,
}

impl Parent {
    /// Whether it has lately been too busy for a request.
    pub(crate) fn is_busy(&self, now: Time) -> bool {
        self.busy_at.is_some_and(|at| at + BUSY_FOR > now)
    }
}

/// How many messages a peer may still have us carry: a bucket that fills with time.
#[derive(Debug)]
pub(crate) struct Errands {
    left: f64,
    counted_at: Time,
}

impl Errands {
    /// A newcomer asks for a neighbourhood at once, then for one peer now and then.
    const BURST: f64 = 24.0;
    const PER_SECOND: f64 = 1.0;

    fn new(now: Time) -> Self {
        Self {
            left: Self::BURST,
            counted_at: now,
        }
    }

    /// Takes one, if one is left.
    pub(crate) fn take(&mut self, now: Time) -> bool {
        let grown = (now - self.counted_at).as_secs_f64() * Self::PER_SECOND;
        self.counted_at = now;
        self.left = (self.left + grown).min(Self::BURST);
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}

/// Whether the peer is still there, and how far away.
#[derive(Debug)]
pub(crate) struct Liveness {
    pub(crate) last_received: Time,
    /// How long it says nothing at the most, slowly forgotten.
    usual_gap: Duration,
    pub(crate) last_said: Time,
    pub(crate) last_ping: Time,
    /// Any number; the peer sends it back.
    ping: u64,
    pub(crate) round_trip: Option<Duration>,
    /// The shortest that was measured: what it takes when nothing waits in any queue.
    shortest_round_trip: Option<Duration>,
}

impl Peer {
    pub(crate) fn new(connection: ConnectionId, offered_by_us: bool, now: Time) -> Self {
        Self {
            connection,
            offered_by_us,
            opened_at: now,
            decoder: Decoder::default(),
            id: None,
            live_id: None,
            streamer: false,
            has_passed_on: false,
            context: None,
            revision: None,
            chokes_us: true,
            choked: true,
            interested: false,
            told_interest: false,
            standing: Standing::default(),
            near_streamer: false,
            told_of_streamer_at: None,
            last_delays: [None; Stripes::COUNT as usize],
            last_branches: [None; Stripes::COUNT as usize],
            told_standing: None,
            fed: Stripes::NONE,
            fed_since: now,
            missed_at: None,
            resumes: Stripes::NONE,
            told: Told::default(),
            parent: Parent::default(),
            knows: Window::default(),
            has: Window::default(),
            pushed: Window::default(),
            waits_for: BTreeSet::new(),
            news: Vec::new(),
            asked: 0,
            outbox: Outbox::default(),
            counted_unsent: 0,
            liveness: Liveness {
                last_received: now,
                usual_gap: Duration::ZERO,
                last_said: now,
                last_ping: now,
                ping: 0,
                round_trip: None,
                shortest_round_trip: None,
            },
            downloaded: 0,
            uploaded: 0,
            errands: Errands::new(now),
        }
    }

    /// It says where it stands. Returns whether it has lost or found a stripe that it pushes to us.
    pub(crate) fn stands(&mut self, standing: Standing) -> bool {
        let before = std::mem::replace(&mut self.standing, standing);
        for (place, _) in Stripes::each() {
            let (delay, branch) = (&mut self.last_delays[place], &mut self.last_branches[place]);
            *delay = standing.delay(place).or(*delay);
            *branch = standing.branch(place).or(*branch);
        }
        let pushed = self.parent.subscribed;
        Stripes::each()
            .filter(|(_, stripe)| pushed.contains(*stripe))
            .any(|(place, _)| before.delay(place).is_some() != standing.delay(place).is_some())
    }

    /// Whether both handshakes are done.
    pub(crate) fn is_ready(&self) -> bool {
        self.live_id.is_some()
    }

    /// What the branch is called that begins at it, where it is fed by the streamer.
    pub(crate) fn branch(&self) -> Option<Branch> {
        self.id.as_ref().map(Branch::of)
    }

    /// Whether it has pieces of this broadcast to give to us now.
    pub(crate) fn can_give(&self, broadcast: BroadcastId) -> bool {
        self.is_ready() && !self.chokes_us && self.context == Some(broadcast)
    }

    pub(crate) fn say(&mut self, message: &Message) {
        message.write(&mut self.outbox.control);
    }

    /// Says something of `lt_live`; nothing before its extended handshake.
    pub(crate) fn say_live(&mut self, message: &LiveMessage) {
        if let Some(id) = self.live_id {
            self.say(&Message::Extended {
                id,
                payload: message.to_bytes(),
            });
        }
    }

    /// It has just been heard.
    pub(crate) fn is_heard(&mut self, now: Time) {
        // Who is not lived on, on either side, says nothing for long.
        let related = !self.fed.is_empty() || !self.parent.granted.is_empty();
        let liveness = &mut self.liveness;
        let gap = now - std::mem::replace(&mut liveness.last_received, now);
        liveness.usual_gap = if related {
            gap.max(liveness.usual_gap * 63 / 64)
        } else {
            Duration::ZERO
        };
    }

    /// Whether nothing has been heard of it for so long and, where it often says nothing for a while, longer than that:
    /// a page on a busy machine is not gone.
    pub(crate) fn is_missed(&self, now: Time, patience: Duration) -> bool {
        let usual = (self.liveness.usual_gap * 3 / 2).min(MOST_MISSED);
        self.is_quiet(now, patience.max(usual))
    }

    /// Whether nothing has been heard of it for so long that it cannot be relied on.
    pub(crate) fn is_quiet(&self, now: Time, patience: Duration) -> bool {
        self.liveness.last_received + patience <= now
    }

    /// Whether it has been let go of as a child and not been heard of since.
    pub(crate) fn is_still_missed(&self) -> bool {
        self.missed_at
            .is_some_and(|at| self.liveness.last_received <= at)
    }

    /// Whether stripes may be had from it: it gives, is there, and has not failed us lately.
    pub(crate) fn can_feed(&self, broadcast: BroadcastId, now: Time) -> bool {
        self.is_feeding(broadcast, now, STRANGER_PATIENCE) && !self.is_avoided(now)
    }

    /// The same where nobody else is left: where everyone has failed us it may have been our own uplink that was full.
    pub(crate) fn may_feed_again(&self, broadcast: BroadcastId, now: Time) -> bool {
        let avoided = self.parent.avoided.as_ref();
        self.is_feeding(broadcast, now, STRANGER_PATIENCE)
            && avoided.is_none_or(|avoided| avoided.start + SHORTEST_AVOIDANCE <= now)
    }

    /// The same for a peer that does already: one that has been slow with something else is not left for that.
    pub(crate) fn is_feeding(&self, broadcast: BroadcastId, now: Time, patience: Duration) -> bool {
        self.can_give(broadcast) && !self.standing.upload_off && !self.is_missed(now, patience)
    }

    /// Whether it has failed us so lately that others are tried first.
    pub(crate) fn is_avoided(&self, now: Time) -> bool {
        let avoided = self.parent.avoided.as_ref();
        avoided.is_some_and(|avoided| avoided.end > now)
    }

    /// It did not do what it said. After each time it is left alone for twice as long.
    pub(crate) fn failed_us(&mut self, now: Time) {
        if !self.has_passed_on {
            self.parent.failures = self.parent.failures.max(NEVER_PASSED_ON);
        }
        let pause = FIRST_AVOIDANCE * 2_u32.pow(self.parent.failures.min(5));
        self.parent.failures += 1;
        self.parent.avoided = Some(now..now + pause);
    }

    /// It has let a request go unanswered. Now and then that is a queue; time after time it is a peer to avoid.
    pub(crate) fn left_unanswered(&mut self, now: Time) {
        self.parent.busy_at = Some(now);
        self.parent.unanswered += 1;
        if self.parent.unanswered >= UNANSWERED {
            self.parent.unanswered = 0;
            self.failed_us(now);
        }
    }

    /// Half of a measured round trip, or of a usual one.
    pub(crate) fn way(&self) -> Duration {
        self.liveness.round_trip.unwrap_or(USUAL_ROUND_TRIP) / 2
    }

    /// How long an answer takes at least. The last round trip may have been through queues that are empty by now.
    pub(crate) fn shortest_way(&self) -> Duration {
        let shortest = self.liveness.shortest_round_trip;
        shortest.unwrap_or(USUAL_ROUND_TRIP) / 2
    }

    /// It has an announcement.
    pub(crate) fn learns(&mut self, number: SegmentNumber) {
        self.knows.insert(number.0);
    }

    /// It has a piece, by its own word or because we got it from there. It need not be sent any more.
    pub(crate) fn holds(&mut self, piece: PieceIndex) {
        self.outbox.pieces.retain(|waiting| waiting.piece != piece);
        self.has.insert(piece.0.into());
        self.pushed.remove(piece.0.into());
    }

    pub(crate) fn has(&self, piece: PieceIndex) -> bool {
        self.has.contains(piece.0.into())
    }

    /// Whether it has a piece that did not come from us.
    pub(crate) fn has_from_others(&self, piece: PieceIndex) -> bool {
        self.has(piece) && !self.pushed.contains(piece.0.into())
    }

    /// It has asked for a piece that we do not have, and is to be told when we do.
    pub(crate) fn waits_for(&mut self, piece: PieceIndex) {
        if self.waits_for.len() < MOST_WAITED_FOR {
            self.waits_for.insert(piece);
        }
    }

    pub(crate) fn is_waiting_for(&self, piece: PieceIndex) -> bool {
        self.waits_for.contains(&piece)
    }

    /// It is told that we have a piece that it has asked for.
    pub(crate) fn tell_awaited(&mut self, piece: PieceIndex) {
        if self.waits_for.remove(&piece) && !self.has(piece) {
            self.say(&Message::Have(piece));
        }
    }

    /// It is to be told, when there is time, that we have a piece.
    pub(crate) fn tell_later(&mut self, piece: PieceIndex) {
        if self.would_hear(piece) {
            self.news.push(piece);
        }
    }

    /// Whether it is news to it that we have a piece. The streamer has everything, and wants to know what spreads.
    fn would_hear(&self, piece: PieceIndex) -> bool {
        self.streamer || !self.has(piece)
    }

    /// Says that we are here, if we have said nothing for so long.
    pub(crate) fn keep_alive(&mut self, now: Time, silence: Duration) {
        if self.liveness.last_said + silence <= now {
            self.say(&Message::KeepAlive);
        }
    }

    /// Tells it of the pieces that we have got.
    pub(crate) fn tell_news(&mut self) {
        for piece in std::mem::take(&mut self.news) {
            if self.would_hear(piece) {
                self.say(&Message::Have(piece));
            }
        }
    }

    /// Sends the announcement unless the peer has it.
    pub(crate) fn announce(&mut self, number: SegmentNumber, signed: &Bytes) {
        if self.knows.insert(number.0) {
            self.say_live(&LiveMessage::Announcement(signed.clone()));
        }
    }

    /// Queues a piece unless the peer has it or is about to, behind the others: were repairs to go before pushes, a full
    /// uplink would make its pushes late, and late pushes call for repairs. Returns whether it did.
    pub(crate) fn queue(&mut self, piece: PieceIndex, asked: bool, now: Time) -> bool {
        let new = !self.choked && self.has.insert(piece.0.into());
        if new {
            self.pushed.insert(piece.0.into());
            let waiting = Waiting {
                piece,
                asked,
                since: now,
            };
            self.outbox.pieces.push_back(waiting);
        }
        new
    }

    /// Takes back what is queued and not sent, where `wanted` (told also whether it was asked for) says no.
    pub(crate) fn unqueue(&mut self, wanted: impl Fn(PieceIndex, bool) -> bool) {
        let (has, pushed) = (&mut self.has, &mut self.pushed);
        self.outbox.pieces.retain(|waiting| {
            let keep = wanted(waiting.piece, waiting.asked);
            if !keep {
                has.remove(waiting.piece.0.into());
                pushed.remove(waiting.piece.0.into());
            }
            keep
        });
    }

    /// Takes back what was to be pushed and has waited for too long.
    pub(crate) fn outbox_drop_late(&mut self, now: Time, after: Duration) {
        let is_late = |waiting: &Waiting| !waiting.asked && waiting.since + after <= now;
        while let Some(late) = self.outbox.pieces.pop_front_if(|waiting| is_late(waiting)) {
            self.has.remove(late.piece.0.into());
            self.pushed.remove(late.piece.0.into());
        }
    }

    pub(crate) fn choke(&mut self) {
        self.choked = true;
        self.say(&Message::Choke);
        self.unqueue(|_, _| false);
        self.fed = Stripes::NONE;
    }

    pub(crate) fn unchoke(&mut self) {
        self.choked = false;
        self.say(&Message::Unchoke);
    }

    pub(crate) fn request(&mut self, piece: PieceIndex, length: usize) {
        self.asked += 1;
        self.say(&Message::Request(whole_piece(piece, length)));
    }

    pub(crate) fn cancel(&mut self, piece: PieceIndex, length: usize) {
        self.asked = self.asked.saturating_sub(1);
        self.say(&Message::Cancel(whole_piece(piece, length)));
    }

    pub(crate) fn ping(&mut self, now: Time) {
        self.liveness.last_ping = now;
        self.liveness.ping += 1;
        self.say_live(&LiveMessage::Ping(self.liveness.ping));
    }

    pub(crate) fn pong(&mut self, number: u64, now: Time) {
        if number == self.liveness.ping {
            let took = now - self.liveness.last_ping;
            let shortest = self.liveness.shortest_round_trip.unwrap_or(took);
            self.liveness.shortest_round_trip = Some(shortest.min(took));
            self.liveness.round_trip = Some(took);
        }
    }

    /// From here on its numbers are of this broadcast, of whose description it has this revision.
    pub(crate) fn takes_part(&mut self, broadcast: BroadcastId, revision: u32) {
        if self.context != Some(broadcast) {
            self.context = Some(broadcast);
            self.begin_broadcast();
        }
        self.revision = Some(revision);
    }

    /// Forgets all that was about another broadcast.
    pub(crate) fn begin_broadcast(&mut self) {
        if !self.fed.is_empty() {
            self.resumes = std::mem::take(&mut self.fed);
        }
        self.revision = None;
        self.told = Told::default();
        self.standing = Standing::default();
        self.last_delays = Default::default();
        self.last_branches = Default::default();
        self.told_standing = None;
        self.parent = Parent::default();
        self.knows.clear();
        self.has.clear();
        self.pushed.clear();
        self.waits_for.clear();
        self.news.clear();
        self.asked = 0;
        self.outbox.pieces.clear();
    }

    /// Forgets what lies before the window.
    pub(crate) fn forget_before(&mut self, segment: SegmentNumber, piece: PieceIndex) {
        self.knows.forget_before(segment.0);
        self.has.forget_before(piece.0.into());
        self.pushed.forget_before(piece.0.into());
        self.parent.rejected = self.parent.rejected.split_off(&piece);
        self.waits_for = self.waits_for.split_off(&piece);
    }

    pub(crate) fn stats(&self) -> Option<PeerStats> {
        Some(PeerStats {
            connection: self.connection,
            peer: self.id?,
            streamer: self.streamer,
            since: self.opened_at,
            downloaded_piece_bytes: self.downloaded,
            uploaded_piece_bytes: self.uploaded,
            round_trip: self.liveness.round_trip,
            stripes_from: self.parent.granted.and(self.parent.subscribed).len(),
            stripes_to: self.fed.len(),
            upload_off: self.standing.upload_off,
            passes_on: self
                .standing
                .slots
                .saturating_sub(self.standing.spare)
                .into(),
            delay: self.standing.longest_delay(),
        })
    }
}

fn whole_piece(piece: PieceIndex, length: usize) -> Block {
    Block {
        piece,
        begin: 0,
        // A piece has at most 16 KiB.
        length: length as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_come_sooner_than_after_the_last_round_trip() {
        let at = |millis| Time::from_epoch(Duration::from_millis(millis));
        let mut peer = Peer::new(ConnectionId(1), true, at(0));
        assert_eq!(peer.shortest_way(), peer.way(), "nothing measured");
        for (pinged, answered) in [(1000, 1060), (5000, 5400)] {
            peer.liveness.last_ping = at(pinged);
            peer.pong(peer.liveness.ping, at(answered));
        }
        assert_eq!(peer.way(), Duration::from_millis(200));
        assert_eq!(peer.shortest_way(), Duration::from_millis(30));
    }
}
