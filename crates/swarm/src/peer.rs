//! What is known of one connected peer, and what waits to be sent to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::wire::{Block, Decoder, LiveMessage, Message, Stripes};
use crate::{BroadcastId, ConnectionId, PeerId, PeerStats, PieceIndex, SegmentNumber, Time};

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
    pub(crate) interested: bool,
    /// What it has subscribed to at us.
    pub(crate) wants: Stripes,
    /// What we have subscribed to at it.
    pub(crate) subscribed: Stripes,

    /// Announcements that it has, from us or from elsewhere.
    pub(crate) knows: BTreeSet<SegmentNumber>,
    /// Pieces that it has or that are on their way to it.
    pub(crate) has: BTreeSet<PieceIndex>,
    /// Requests of ours that it has not answered, and when they were made.
    pub(crate) requested: BTreeMap<PieceIndex, Time>,

    pub(crate) outbox: Outbox,
    pub(crate) liveness: Liveness,
    pub(crate) downloaded: u64,
    pub(crate) uploaded: u64,
    /// Piece data got from it since the last round of choking.
    pub(crate) given_this_round: u64,
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Small messages, joined into one send.
    control: BytesMut,
    /// Pieces, in sending order. Their bytes are looked up when they are sent.
    pieces: VecDeque<PieceIndex>,
    /// Bytes that the driver has not sent yet.
    pub(crate) unsent: usize,
}

/// Whether the peer is still there, and how far away.
#[derive(Debug)]
pub(crate) struct Liveness {
    pub(crate) last_received: Time,
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
            interested: false,
            wants: Stripes::NONE,
            subscribed: Stripes::NONE,
            knows: BTreeSet::new(),
            has: BTreeSet::new(),
            requested: BTreeMap::new(),
            outbox: Outbox::default(),
            liveness: Liveness {
                last_received: now,
                last_ping: now,
                ping: 0,
                round_trip: None,
            },
            downloaded: 0,
            uploaded: 0,
            given_this_round: 0,
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

    /// Sends the announcement unless the peer has it.
    pub(crate) fn announce(&mut self, number: SegmentNumber, signed: &Bytes) {
        if self.knows.insert(number) {
            self.say_live(&LiveMessage::Announcement(signed.clone()));
        }
    }

    /// Queues a piece unless the peer has it or is about to. Returns whether it did.
    pub(crate) fn queue(&mut self, piece: PieceIndex) -> bool {
        let new = !self.choked && self.has.insert(piece);
        if new {
            self.outbox.pieces.push_back(piece);
        }
        new
    }

    /// Takes back what is queued and not sent, where `wanted` says no.
    pub(crate) fn unqueue(&mut self, wanted: impl Fn(PieceIndex) -> bool) {
        let has = &mut self.has;
        self.outbox.pieces.retain(|piece| {
            let keep = wanted(*piece);
            if !keep {
                has.remove(piece);
            }
            keep
        });
    }

    pub(crate) fn choke(&mut self) {
        self.choked = true;
        self.say(&Message::Choke);
        self.unqueue(|_| false);
    }

    pub(crate) fn unchoke(&mut self) {
        self.choked = false;
        self.say(&Message::Unchoke);
    }

    pub(crate) fn request(&mut self, piece: PieceIndex, length: usize, now: Time) {
        self.requested.insert(piece, now);
        self.say(&Message::Request(whole_piece(piece, length)));
    }

    pub(crate) fn cancel(&mut self, piece: PieceIndex, length: usize) {
        if self.requested.remove(&piece).is_some() {
            self.say(&Message::Cancel(whole_piece(piece, length)));
        }
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
        self.wants = Stripes::NONE;
        self.subscribed = Stripes::NONE;
        self.knows.clear();
        self.has.clear();
        self.requested.clear();
        self.outbox.pieces.clear();
    }

    /// Forgets what lies before the window.
    pub(crate) fn forget_before(&mut self, segment: SegmentNumber, piece: PieceIndex) {
        if self.knows.first().is_some_and(|oldest| *oldest < segment) {
            self.knows = self.knows.split_off(&segment);
        }
        if self.has.first().is_some_and(|oldest| *oldest < piece) {
            self.has = self.has.split_off(&piece);
        }
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
        })
    }
}

impl Outbox {
    /// The small messages that wait, as one send.
    pub(crate) fn take_control(&mut self) -> Option<Bytes> {
        if self.control.is_empty() {
            return None;
        }
        let control = self.control.split().freeze();
        self.unsent += control.len();
        Some(control)
    }

    pub(crate) fn next_piece(&self) -> Option<PieceIndex> {
        self.pieces.front().copied()
    }

    pub(crate) fn drop_piece(&mut self) {
        self.pieces.pop_front();
    }

    /// The next piece as a message of its own, to be sent now.
    pub(crate) fn take_piece(&mut self, data: Bytes) -> Option<Bytes> {
        let piece = self.pieces.pop_front()?;
        let mut out = BytesMut::with_capacity(data.len() + 13);
        let begin = 0;
        Message::Piece { piece, begin, data }.write(&mut out);
        self.unsent += out.len();
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
