//! What is known of one connected peer, and what waits to be sent to it.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::torrent::PIECE_LEN;
use crate::window::Window;
use crate::wire::{Block, Decoder, LiveMessage, Message, PIECE_HEADER_LEN, Standing, Stripes};
use crate::{BroadcastId, ConnectionId, PeerId, PeerStats, PieceIndex, SegmentNumber, Time};

/// How long a peer that did not do what it said is left alone after the first time.
const FIRST_AVOIDANCE: Duration = Duration::from_secs(2);
/// How many requests in a row a peer may leave unanswered.
const UNANSWERED: u32 = 4;
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
    /// The broadcast that its numbers are of.
    pub(crate) context: Option<BroadcastId>,

    pub(crate) chokes_us: bool,
    pub(crate) choked: bool,
    /// What it says of itself.
    pub(crate) standing: Standing,
    /// What we last told it of ourselves.
    pub(crate) told_standing: Option<Standing>,
    /// As a child: what it has subscribed to at us, and what of that we push.
    pub(crate) fed: Stripes,
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
    /// Pieces that it is still to be told we have.
    news: Vec<PieceIndex>,
    /// Requests of ours that it has not answered.
    pub(crate) asked: usize,

    pub(crate) outbox: Outbox,
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
    /// Until when it is not asked for stripes again.
    pub(crate) avoided_until: Option<Time>,
    /// How often it has failed us, and requests that it has left unanswered in a row; forgiven when it delivers.
    pub(crate) failures: u32,
    pub(crate) unanswered: u32,
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

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Small messages, joined into one send.
    control: BytesMut,
    /// Pieces, in sending order. Their bytes are looked up when they are sent.
    pieces: VecDeque<Waiting>,
    /// What the driver has not sent yet, as the lengths of what it was given.
    handed: VecDeque<Handed>,
    /// Bytes in it.
    pub(crate) unsent: usize,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    piece: PieceIndex,
    /// Asked for by the peer; pushed by subscription otherwise.
    asked: bool,
    since: Time,
}

#[derive(Clone, Copy, Debug)]
struct Handed {
    len: usize,
    since: Time,
}

/// Whether the peer is still there, and how far away.
#[derive(Debug)]
pub(crate) struct Liveness {
    pub(crate) last_received: Time,
    pub(crate) last_said: Time,
    pub(crate) last_ping: Time,
    /// Any number; the peer sends it back.
    ping: u64,
    pub(crate) round_trip: Option<Duration>,
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
            context: None,
            chokes_us: true,
            choked: true,
            standing: Standing::default(),
            told_standing: None,
            fed: Stripes::NONE,
            told: Told::default(),
            parent: Parent::default(),
            knows: Window::default(),
            has: Window::default(),
            pushed: Window::default(),
            news: Vec::new(),
            asked: 0,
            outbox: Outbox::default(),
            liveness: Liveness {
                last_received: now,
                last_said: now,
                last_ping: now,
                ping: 0,
                round_trip: None,
            },
            downloaded: 0,
            uploaded: 0,
            errands: Errands::new(now),
        }
    }

    /// Whether both handshakes are done.
    pub(crate) fn is_ready(&self) -> bool {
        self.live_id.is_some()
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

    /// Whether nothing has been heard of it for so long that it cannot be relied on.
    pub(crate) fn is_quiet(&self, now: Time, patience: Duration) -> bool {
        self.liveness.last_received + patience <= now
    }

    /// Whether stripes may be had from it: it gives, is there, and has not failed us lately.
    pub(crate) fn can_feed(&self, broadcast: BroadcastId, now: Time, patience: Duration) -> bool {
        self.is_feeding(broadcast, now, patience) && !self.is_avoided(now)
    }

    /// The same for a peer that does already: one that has been slow with something else is not left for that.
    pub(crate) fn is_feeding(&self, broadcast: BroadcastId, now: Time, patience: Duration) -> bool {
        self.can_give(broadcast) && !self.standing.upload_off && !self.is_quiet(now, patience)
    }

    /// Whether it has failed us so lately that others are tried first.
    pub(crate) fn is_avoided(&self, now: Time) -> bool {
        self.parent.avoided_until.is_some_and(|until| until > now)
    }

    /// It did not do what it said. After each time it is left alone for twice as long.
    pub(crate) fn failed_us(&mut self, now: Time) {
        let pause = FIRST_AVOIDANCE * 2_u32.pow(self.parent.failures.min(5));
        self.parent.failures += 1;
        self.parent.avoided_until = Some(now + pause);
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
            self.liveness.round_trip = Some(now - self.liveness.last_ping);
        }
    }

    /// Forgets all that was about another broadcast.
    pub(crate) fn begin_broadcast(&mut self) {
        self.fed = Stripes::NONE;
        self.told = Told::default();
        self.standing = Standing::default();
        self.told_standing = None;
        self.parent = Parent::default();
        self.knows.clear();
        self.has.clear();
        self.pushed.clear();
        self.news.clear();
        self.asked = 0;
        self.outbox.pieces.clear();
    }

    /// Forgets what lies before the window.
    pub(crate) fn forget_before(&mut self, segment: SegmentNumber, piece: PieceIndex) {
        self.knows.forget_before(segment.0);
        self.has.forget_before(piece.0.into());
        self.pushed.forget_before(piece.0.into());
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

impl Outbox {
    /// The small messages that wait, as one send.
    pub(crate) fn take_control(&mut self, now: Time) -> Option<Bytes> {
        if self.control.is_empty() {
            return None;
        }
        let control = self.control.split().freeze();
        self.hand(control.len(), now);
        Some(control)
    }

    /// Takes note of bytes that the driver is given; `since` is when they could have been sent at the soonest.
    pub(crate) fn hand(&mut self, len: usize, since: Time) {
        self.unsent += len;
        self.handed.push_back(Handed { len, since });
    }

    /// So many of the bytes that the driver was given have left. Returns how long the last of them took, where
    /// it was whole pieces.
    pub(crate) fn sent(&mut self, mut bytes: usize, now: Time) -> Option<Duration> {
        self.unsent = self.unsent.saturating_sub(bytes);
        let mut took = None;
        while let Some(first) = self.handed.front_mut() {
            if first.len > bytes {
                first.len -= bytes;
                break;
            }
            bytes -= first.len;
            if first.len >= PIECE_LEN / 2 {
                took = Some(now - first.since);
            }
            self.handed.pop_front();
        }
        took
    }

    /// Since when the oldest piece waits, with us or with the driver.
    pub(crate) fn waits_since(&self) -> Option<Time> {
        let handed = self.handed.front().map(|handed| handed.since);
        handed.or_else(|| self.pieces.front().map(|waiting| waiting.since))
    }

    /// Pieces that wait here.
    pub(crate) fn waiting(&self) -> usize {
        self.pieces.len()
    }

    pub(crate) fn next_piece(&self) -> Option<PieceIndex> {
        self.pieces.front().map(|waiting| waiting.piece)
    }

    pub(crate) fn drop_piece(&mut self) {
        self.pieces.pop_front();
    }

    /// The next piece as a message of its own, to be sent now.
    pub(crate) fn take_piece(&mut self, data: Bytes) -> Option<Bytes> {
        let Waiting { piece, since, .. } = self.pieces.pop_front()?;
        let mut out = BytesMut::with_capacity(data.len() + PIECE_HEADER_LEN);
        let begin = 0;
        Message::Piece { piece, begin, data }.write(&mut out);
        self.hand(out.len(), since);
        Some(out.freeze())
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
