//! What a peer says, and what follows from it.

use bytes::Bytes;

use super::{OnAir, Swarm};
use crate::store::Accepted;
use crate::torrent::PIECE_LEN;
use crate::wire::{ExtendedHandshake, Handshake, Incoming, LiveMessage, Message, Stripes};
use crate::{Action, ConnectionId, PeerId, PieceIndex};

/// Requests that a peer may have waiting here: two segments of 2 s at 2.5 Mbit/s.
const REQUEST_QUEUE: u32 = 64;

/// Why a connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is of no use to us, through no ill will: another swarm, another client, ourselves.
    Stranger,
    /// What it sent does not verify or cannot be read.
    Liar,
}

impl Swarm {
    pub(super) fn received(&mut self, connection: ConnectionId, bytes: Bytes) {
        self.counters.downloaded_bytes += bytes.len() as u64;
        match self.peers.get_mut(&connection) {
            Some(peer) => {
                peer.is_heard(self.now);
                peer.decoder.push(bytes);
            }
            None => return,
        }
        // Looked up again for each message: one of them may have ended the connection.
        while let Some(peer) = self.peers.get_mut(&connection) {
            let understood = match peer.decoder.next() {
                Ok(Some(Incoming::Handshake(handshake))) => self.shaken(connection, handshake),
                Ok(Some(Incoming::Message(message))) => self.heard(connection, message),
                Ok(None) => return,
                Err(_) => Err(Fault::Liar),
            };
            if let Err(fault) = understood {
                self.part_with(connection, fault);
            }
        }
    }

    pub(super) fn part_with(&mut self, connection: ConnectionId, fault: Fault) {
        match fault {
            Fault::Stranger => self.close(connection),
            Fault::Liar => self.ban(connection),
        }
    }

    fn shaken(&mut self, connection: ConnectionId, handshake: Handshake) -> Result<(), Fault> {
        let id = handshake.peer_id;
        if handshake.info_hash != self.channel.swarm_hash()
            || !handshake.extensions
            || id == self.peer_id
            || self.banned.contains(&id)
        {
            return Err(Fault::Stranger);
        }
        let extended = ExtendedHandshake {
            live_id: Some(crate::wire::LT_LIVE_ID),
            request_queue: Some(REQUEST_QUEUE),
            proof: self.proof_for(id),
        };
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.id = Some(id);
            peer.say(&Message::Extended {
                id: ExtendedHandshake::ID,
                payload: extended.to_bytes(),
            });
        }
        self.resolve_twin(connection, id);
        Ok(())
    }

    fn heard(&mut self, connection: ConnectionId, message: Message) -> Result<(), Fault> {
        match message {
            Message::Extended { id, payload } => {
                return self.heard_extended(connection, id, payload);
            }
            Message::Piece { piece, begin, data } => {
                return self.heard_piece(connection, piece, begin, data);
            }
            Message::Request(block) => self.heard_request(connection, block),
            Message::Choke | Message::Unchoke => {
                let choked = message == Message::Choke;
                if let Some(peer) = self.peers.get_mut(&connection) {
                    peer.chokes_us = choked;
                    if choked {
                        peer.asked = 0;
                        peer.parent.granted = Stripes::NONE;
                        self.lose_parent(connection);
                    }
                }
                self.subscribe();
            }
            Message::Have(piece) => {
                if let Some((peer, on_air)) = self.in_context(connection) {
                    peer.holds(piece);
                    if let Some(held) = on_air.store.segment_of(piece) {
                        peer.learns(held.announcement.number);
                    }
                }
            }
            Message::Cancel(block) => {
                if let Some((peer, _)) = self.in_context(connection) {
                    peer.unqueue(|queued, _| queued != block.piece);
                }
            }
            Message::Reject(block) => self.heard_reject(connection, block.piece),
            Message::Interested | Message::NotInterested => {
                if let Some(peer) = self.peers.get_mut(&connection) {
                    peer.interested = message == Message::Interested;
                }
            }
            Message::KeepAlive | Message::Other(_) => {}
        }
        Ok(())
    }

    fn heard_extended(
        &mut self,
        connection: ConnectionId,
        id: u8,
        payload: Bytes,
    ) -> Result<(), Fault> {
        match id {
            ExtendedHandshake::ID => self.heard_extended_handshake(connection, &payload),
            crate::wire::LT_LIVE_ID => {
                let message = LiveMessage::parse(payload).map_err(|_| Fault::Liar)?;
                self.heard_live(connection, message)
            }
            _ => Ok(()),
        }
    }

    fn heard_extended_handshake(
        &mut self,
        connection: ConnectionId,
        payload: &[u8],
    ) -> Result<(), Fault> {
        let handshake = ExtendedHandshake::parse(payload).map_err(|_| Fault::Liar)?;
        let own_id = self.peer_id;
        let channel = self.channel;
        let is_viewer = self.secret.is_none();
        let Some(peer) = self.peers.get_mut(&connection) else {
            return Ok(());
        };
        let id = peer.id.ok_or(Fault::Liar)?;
        if handshake.live_id.is_none() {
            return Err(Fault::Stranger);
        }
        let first = peer.live_id.is_none();
        peer.live_id = handshake.live_id;
        if let Some(proof) = &handshake.proof {
            if !channel.is_streamer(self.checks, id, own_id, proof) {
                return Err(Fault::Liar);
            }
            peer.streamer = true;
        }
        if first {
            if is_viewer {
                peer.say(&Message::Interested);
                peer.told_interest = true;
            }
            if !self.upload_off {
                peer.unchoke();
            }
            peer.ping(self.now);
            self.greet_with_description(connection);
            self.tell_standing();
            self.name_neighbours(connection);
        }
        Ok(())
    }

    fn heard_live(&mut self, connection: ConnectionId, message: LiveMessage) -> Result<(), Fault> {
        match message {
            LiveMessage::Description(signed) => self.heard_description(connection, signed),
            LiveMessage::Announcement(signed) => self.heard_announcement(connection, signed),
            LiveMessage::Subscribe { stripes, from } => {
                self.heard_subscribe(connection, stripes, from);
                Ok(())
            }
            LiveMessage::Ping(number) => {
                if let Some(peer) = self.peers.get_mut(&connection) {
                    peer.say_live(&LiveMessage::Pong(number));
                }
                Ok(())
            }
            LiveMessage::Pong(number) => {
                if let Some(peer) = self.peers.get_mut(&connection) {
                    peer.pong(number, self.now);
                }
                Ok(())
            }
            LiveMessage::Standing(standing) => {
                let peer = self.peers.get_mut(&connection);
                let concerns_us = peer.is_some_and(|peer| peer.stands(standing));
                if concerns_us || !self.has_begun() {
                    self.subscribe();
                }
                Ok(())
            }
            LiveMessage::Feed {
                granted,
                surplus,
                offered,
            } => {
                self.heard_feed(connection, granted, surplus, offered);
                Ok(())
            }
            LiveMessage::Acquaintances(named) => {
                self.heard_acquaintances(connection, named);
                Ok(())
            }
            LiveMessage::Offer(signal) => {
                self.heard_signal(connection, signal, true);
                Ok(())
            }
            LiveMessage::Answer(signal) => {
                self.heard_signal(connection, signal, false);
                Ok(())
            }
            LiveMessage::TakingPart {
                broadcast,
                revision,
            } => {
                self.heard_taking_part(connection, broadcast, revision);
                Ok(())
            }
            LiveMessage::Describe => {
                self.heard_describe(connection);
                Ok(())
            }
            LiveMessage::Other(_) => Ok(()),
        }
    }

    /// The peer and the broadcast, if the peer's numbers are of that broadcast.
    pub(super) fn in_context(
        &mut self,
        connection: ConnectionId,
    ) -> Option<(&mut crate::peer::Peer, &mut OnAir)> {
        let on_air = self.on_air.as_mut()?;
        let peer = self.peers.get_mut(&connection)?;
        (peer.is_ready() && peer.context == Some(on_air.description.broadcast))
            .then_some((peer, on_air))
    }

    pub(super) fn heard_piece(
        &mut self,
        connection: ConnectionId,
        piece: PieceIndex,
        begin: u32,
        data: Bytes,
    ) -> Result<(), Fault> {
        let len = data.len() as u64;
        let (checks, now) = (self.checks, self.now);
        let Some((peer, on_air)) = self.in_context(connection) else {
            return Ok(());
        };
        peer.holds(piece);
        if begin != 0 || data.len() > PIECE_LEN {
            return Err(Fault::Liar);
        }
        if on_air.store.is_untold(piece) {
            let fed_it = peer.parent.subscribed.contains(Stripes::of(piece));
            if fed_it {
                on_air.early.keep(connection, piece, data, now);
            }
            return Ok(());
        }
        match on_air.store.accept(checks, piece, data) {
            Accepted::New { completes } => {
                peer.downloaded += len;
                if peer.streamer {
                    on_air.store.credit_streamer(piece);
                    on_air.from_streamer_at = Some(now);
                    self.counters.from_streamer_bytes += len;
                }
                self.counters.downloaded_piece_bytes += len;
                self.may_play |= completes.is_some();
                self.verified(connection, piece);
                Ok(())
            }
            Accepted::Duplicate => {
                self.counters.duplicate_bytes += len;
                self.excuse(connection, piece);
                Ok(())
            }
            // Late for the window, or of a segment that was never told of.
            Accepted::Unknown => Ok(()),
            Accepted::Wrong => Err(Fault::Liar),
        }
    }

    /// A piece is new here: nobody else need send it, children get it, and the others hear of it.
    fn verified(&mut self, from: ConnectionId, piece: PieceIndex) {
        let now = self.now;
        let still_asked = self.credit(from, piece);
        let Some(on_air) = &self.on_air else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        let length = on_air.store.piece(piece).map_or(0, Bytes::len);
        let segment = on_air.store.segment_of(piece);
        let stripe = Stripes::of(piece);
        let concerned: Vec<ConnectionId> = self
            .peers
            .values()
            .filter(|peer| {
                peer.is_ready()
                    && peer.context == Some(broadcast)
                    && peer.connection != from
                    && (peer.streamer
                        || peer.fed.contains(stripe)
                        || peer.parent.subscribed.contains(stripe)
                        || peer.is_waiting_for(piece))
            })
            .map(|peer| peer.connection)
            .chain(still_asked)
            .collect();
        for connection in concerned {
            let Some(peer) = self.peers.get_mut(&connection) else {
                continue;
            };
            if still_asked == Some(connection) {
                peer.cancel(piece, length);
            }
            if peer.parent.subscribed.contains(stripe) {
                // It is late with it, and may still spare itself the sending.
                peer.say(&Message::Have(piece));
            } else if peer.fed.contains(stripe) {
                if let Some(held) = segment.filter(|_| peer.interested) {
                    peer.announce(held.announcement.number, &held.signed);
                }
                peer.queue(piece, false, now);
            } else if peer.streamer {
                peer.tell_later(piece);
            }
            peer.tell_awaited(piece);
        }
    }

    /// Whether this peer has played anything of what is on air.
    fn has_begun(&self) -> bool {
        self.on_air
            .as_ref()
            .is_some_and(|on_air| on_air.playhead.next().is_some())
    }

    pub(super) fn send(&mut self, connection: ConnectionId, bytes: Bytes) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.outbox.hand(bytes.len(), self.now, self.now, false);
            self.counters.uploaded_bytes += bytes.len() as u64;
            self.actions.push_back(Action::Send(connection, bytes));
        }
    }

    /// The streamer's peer id, for tests and the driver's log.
    pub fn peer_id(&self) -> PeerId {
        self.peer_id
    }
}
