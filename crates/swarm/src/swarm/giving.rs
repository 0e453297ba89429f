//! What goes out: small messages at once, pieces as fast as paths and the upload limit take them.

use std::collections::VecDeque;
use std::ops::Bound;
use std::time::Duration;

use super::{OnAir, Swarm};
use crate::peer::Peer;
use crate::torrent::PIECE_LEN;
use crate::wire::{Block, Message};
use crate::{Action, ConnectionId, Time};

/// Bytes handed to the driver for one connection and not sent yet. It fills a path of 60 ms at 17 Mbit/s, and what is
/// beyond it can still be reordered or dropped here when it grows stale.
const SEND_AHEAD: usize = 128 * 1024;
/// A peer whose next piece has waited this long cannot keep up: it goes on at the newest key frame. Twice the usual
/// group of pictures.
const STALE: Duration = Duration::from_secs(4);

/// A viewer does not push what has waited this long: its child has asked others by now.
const TOO_LATE: Duration = Duration::from_millis(1200);

impl Swarm {
    /// Sends what can be sent.
    pub(super) fn flush(&mut self) {
        let now = self.now;
        for peer in self.peers.values_mut() {
            if let Some(control) = peer.outbox.take_control(now) {
                peer.liveness.last_said = now;
                self.counters.uploaded_bytes += control.len() as u64;
                self.pacer.spend(control.len());
                self.actions
                    .push_back(Action::Send(peer.connection, control));
            }
        }
        self.flush_pieces();
    }

    /// One piece for each in turn, so that what the uplink carries is shared evenly.
    fn flush_pieces(&mut self) {
        let waiting = |peer: &&Peer| peer.outbox.next_piece().is_some();
        let behind = (Bound::Excluded(self.served_last), Bound::Unbounded);
        let mut turns: VecDeque<ConnectionId> = self
            .peers
            .range(behind)
            .chain(self.peers.range(..=self.served_last))
            .map(|(_, peer)| peer)
            .filter(waiting)
            .map(|peer| peer.connection)
            .collect();
        if turns.is_empty() {
            return;
        }
        let mut unsent: usize = self.peers.values().map(|peer| peer.outbox.unsent).sum();
        let ahead = self.uplink.ahead();
        while let Some(connection) = turns.pop_front() {
            if unsent >= ahead || !self.pacer.is_open(self.now) {
                return;
            }
            if let Some(sent) = self.send_piece(connection) {
                unsent += sent;
                self.served_last = connection;
                turns.push_back(connection);
            }
        }
    }

    /// Sends a peer's next piece. Returns its length, or `None` when nothing can be sent to it now.
    fn send_piece(&mut self, connection: ConnectionId) -> Option<usize> {
        let on_air = self.on_air.as_ref()?;
        let peer = self.peers.get_mut(&connection)?;
        if peer.outbox.unsent >= SEND_AHEAD {
            return None;
        }
        skip_stale(peer, on_air, self.now);
        if self.secret.is_none() {
            peer.outbox_drop_late(self.now, TOO_LATE);
        }
        let data = loop {
            match on_air.store.piece(peer.outbox.next_piece()?) {
                Some(data) => break data.clone(),
                None => peer.outbox.drop_piece(),
            }
        };
        let len = data.len() as u64;
        let message = peer.outbox.take_piece(data)?;
        peer.liveness.last_said = self.now;
        peer.uploaded += len;
        self.counters.uploaded_piece_bytes += len;
        self.counters.uploaded_bytes += message.len() as u64;
        self.pacer.spend(message.len());
        let sent = message.len();
        self.actions.push_back(Action::Send(connection, message));
        Some(sent)
    }

    /// The driver has got rid of bytes that it was given.
    pub(super) fn sent(&mut self, connection: ConnectionId, bytes: usize) {
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&connection) else {
            return;
        };
        self.uplink.sent(bytes);
        if let Some(took) = peer.outbox.sent(bytes, now) {
            self.passing_on = self.passing_on * 7 / 8 + took / 8;
        }
    }

    /// A peer asks for a piece. It gets it where that will be soon, and is told at once where not.
    pub(super) fn heard_request(&mut self, connection: ConnectionId, block: Block) {
        let now = self.now;
        let is_busy = self.uplink.is_busy_with(self.backlog());
        let Some((peer, on_air)) = self.in_context(connection) else {
            return;
        };
        // Blocks are whole pieces here; a peer that has the piece from us, or is about to, need not ask.
        let ours = on_air.store.piece(block.piece);
        let fits = ours.is_some_and(|data| block.begin == 0 && block.length as usize == data.len());
        if peer.choked || !fits || is_busy {
            peer.say(&Message::Reject(block));
        } else {
            peer.queue(block.piece, true, now);
        }
    }

    /// Bytes of pieces that wait, with us and with the driver.
    fn backlog(&self) -> usize {
        let of = |peer: &Peer| peer.outbox.unsent + peer.outbox.waiting() * PIECE_LEN;
        self.peers.values().map(of).sum()
    }
}

/// Drops what is queued from before the newest key frame, once it has waited too long.
fn skip_stale(peer: &mut Peer, on_air: &OnAir, now: Time) {
    let store = &on_air.store;
    let waited_since = peer
        .outbox
        .next_piece()
        .and_then(|piece| store.segment_of(piece))
        .map(|held| held.announced_at);
    if waited_since.is_none_or(|since| since + STALE > now) {
        return;
    }
    let first_piece = store
        .newest_key_frame()
        .and_then(|number| store.get(number))
        .map(|held| held.announcement.first_piece);
    if let Some(first_piece) = first_piece {
        peer.unqueue(|piece, _| piece >= first_piece);
    }
}
