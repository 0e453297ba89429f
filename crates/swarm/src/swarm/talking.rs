//! What a peer says, and what follows from it.

use bytes::Bytes;

use super::{OnAir, Swarm};
use crate::store::Accepted;
use crate::torrent::PIECE_LEN;
use crate::wire::{Block, ExtendedHandshake, Handshake, Incoming, LiveMessage, Message, Stripes};
use crate::{Action, ConnectionId, PeerId, PieceIndex, SegmentNumber};

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
                peer.liveness.last_received = self.now;
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
            match understood {
                Ok(()) => {}
                Err(Fault::Stranger) => self.close(connection),
                Err(Fault::Liar) => self.ban(connection),
            }
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
                        peer.requested.clear();
                    }
                }
                self.subscribe();
            }
            Message::Interested | Message::NotInterested => {
                if let Some(peer) = self.peers.get_mut(&connection) {
                    peer.interested = message == Message::Interested;
                }
                self.choke_anew();
            }
            Message::Have(piece) => {
                if let Some((peer, _)) = self.in_context(connection) {
                    peer.has.insert(piece);
                }
            }
            Message::Cancel(block) => {
                if let Some((peer, _)) = self.in_context(connection) {
                    peer.unqueue(|queued| queued != block.piece);
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
            if !channel.is_streamer(id, own_id, proof) {
                return Err(Fault::Liar);
            }
            peer.streamer = true;
        }
        if first {
            if is_viewer {
                peer.say(&Message::Interested);
            }
            peer.ping(self.now);
            self.greet_with_description(connection);
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

    fn heard_piece(
        &mut self,
        connection: ConnectionId,
        piece: PieceIndex,
        begin: u32,
        data: Bytes,
    ) -> Result<(), Fault> {
        let len = data.len() as u64;
        let Some((peer, on_air)) = self.in_context(connection) else {
            return Ok(());
        };
        peer.requested.remove(&piece);
        peer.has.insert(piece);
        if begin != 0 || data.len() > PIECE_LEN {
            return Err(Fault::Liar);
        }
        match on_air.store.accept(piece, data) {
            Accepted::New { completes: _ } => {
                peer.downloaded += len;
                peer.given_this_round += len;
                self.counters.downloaded_piece_bytes += len;
                self.verified(connection, piece);
                Ok(())
            }
            Accepted::Duplicate => {
                self.counters.duplicate_bytes += len;
                Ok(())
            }
            // Late for the window, or ahead of an announcement that was lost with a former connection.
            Accepted::Unknown => Ok(()),
            Accepted::Wrong => Err(Fault::Liar),
        }
    }

    /// A piece is new here: nobody else need send it, and others may have it.
    fn verified(&mut self, from: ConnectionId, piece: PieceIndex) {
        let Some(on_air) = &self.on_air else {
            return;
        };
        let broadcast = on_air.description.broadcast;
        let length = on_air.store.piece(piece).map_or(0, Bytes::len);
        for peer in self.peers.values_mut().filter(|peer| peer.is_ready()) {
            if peer.connection == from {
                continue;
            }
            peer.cancel(piece, length);
            if peer.context != Some(broadcast) {
                continue;
            }
            let pushed = peer.wants.contains(Stripes::of(piece)) && peer.queue(piece);
            if !pushed && !peer.has.contains(&piece) {
                peer.say(&Message::Have(piece));
            }
        }
    }

    fn heard_request(&mut self, connection: ConnectionId, block: Block) {
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        // Blocks are whole pieces here; a peer that has the piece from us, or is about to, need not ask.
        let ours = on_air.store.piece(block.piece);
        if ours.is_some_and(|data| block.begin == 0 && block.length as usize == data.len()) {
            peer.queue(block.piece);
        }
    }

    fn heard_subscribe(
        &mut self,
        connection: ConnectionId,
        stripes: Stripes,
        from: Option<SegmentNumber>,
    ) {
        let is_streamer = self.secret.is_some();
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        peer.wants = stripes;
        peer.unqueue(|piece| stripes.contains(Stripes::of(piece)));
        let Some(from) = from.or_else(|| on_air.store.newest_key_frame()) else {
            return;
        };
        for held in on_air.store.since(from) {
            peer.announce(held.announcement.number, &held.signed);
            for piece in held.announcement.pieces() {
                if on_air.store.piece(piece).is_none() {
                    continue;
                }
                let pushed = stripes.contains(Stripes::of(piece)) && peer.queue(piece);
                if !pushed && !is_streamer {
                    peer.say(&Message::Have(piece));
                }
            }
        }
    }

    pub(super) fn send(&mut self, connection: ConnectionId, bytes: Bytes) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.outbox.unsent += bytes.len();
            self.counters.uploaded_bytes += bytes.len() as u64;
            self.actions.push_back(Action::Send(connection, bytes));
        }
    }

    /// The streamer's peer id, for tests and the driver's log.
    pub fn peer_id(&self) -> PeerId {
        self.peer_id
    }
}
