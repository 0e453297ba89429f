//! What goes out: small messages at once, pieces as fast as paths and the upload limit take them.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::{OnAir, Swarm};
use crate::peer::Peer;
use crate::torrent::PIECE_LEN;
use crate::wire::{Block, Message};
use crate::{Action, ConnectionId, Role, Time};

/// Bytes handed to the driver for one connection and not sent yet. It fills a path of 60 ms at 17 Mbit/s, and what is
/// beyond it can still be reordered or dropped here when it grows stale.
const SEND_AHEAD: usize = 128 * 1024;
/// A peer whose next piece has waited this long cannot keep up: it goes on at the newest key frame. Twice the usual
/// group of pictures.
const STALE: Duration = Duration::from_secs(4);

/// So long must a message have waited that messages given to the driver later, for others, have left meanwhile. A far
/// peer's window opens in less.
const STALLED: Duration = Duration::from_millis(400);
/// A small message that waits so long is behind others that were too many.
const CLOGGED: Duration = Duration::from_millis(800);
const CLOGGED_AT_LEAST: usize = 3;
/// How long a piece may be put off for the sake of peers that pass more on.
const PUT_OFF: Duration = Duration::from_millis(300);
/// A viewer does not push what has waited this long: its child has asked others by now.
const TOO_LATE: Duration = Duration::from_millis(1200);

impl Swarm {
    /// Sends what can be sent.
    pub(super) fn flush(&mut self) {
        let now = self.now;
        for connection in self.peers.take_touched() {
            let control = self.peers.with_outbox(connection, |peer| {
                let control = peer.outbox.take_control(now)?;
                peer.liveness.last_said = now;
                Some(control)
            });
            if let Some(control) = control.flatten() {
                self.counters.uploaded_bytes += control.len() as u64;
                self.pacer.spend(control.len());
                self.uplink.small_talk(control.len());
                self.actions.push_back(Action::Send(connection, control));
            }
        }
        self.flush_pieces();
    }

    /// One piece for each in turn, so that what the uplink carries is shared evenly; but first for those who pass much on,
    /// since all below them wait too.
    fn flush_pieces(&mut self) {
        let ahead = self.uplink.ahead();
        if self.peers.unsent() >= ahead {
            return;
        }
        let turns: Vec<ConnectionId> = self.peers.waiting_behind(self.served_last).collect();
        // One that takes nothing, because it is gone, must not take up all that may be with the driver.
        let share = if turns.len() > 1 || self.children > 1 {
            (ahead / 3).max(PIECE_LEN)
        } else {
            SEND_AHEAD
        };
        let (first, others): (VecDeque<_>, VecDeque<_>) = turns
            .into_iter()
            .partition(|connection| self.goes_first(*connection));
        for mut turns in [first, others] {
            while let Some(connection) = turns.pop_front() {
                if self.peers.unsent() >= ahead || !self.pacer.is_open(self.now) {
                    return;
                }
                if let Some(message) = self.take_piece(connection, share) {
                    self.counters.uploaded_bytes += message.len() as u64;
                    self.pacer.spend(message.len());
                    self.actions.push_back(Action::Send(connection, message));
                    self.served_last = connection;
                    turns.push_back(connection);
                }
            }
        }
    }

    fn goes_first(&self, connection: ConnectionId) -> bool {
        self.peers.get(&connection).is_some_and(|peer| {
            let waited = peer.outbox.waits_since();
            peer.standing.is_worthy() || waited.is_some_and(|since| since + PUT_OFF <= self.now)
        })
    }

    /// A peer's next piece as a message, if it can be sent now.
    fn take_piece(&mut self, connection: ConnectionId, share: usize) -> Option<Bytes> {
        let on_air = self.on_air.as_ref()?;
        let (now, is_viewer) = (self.now, self.secret.is_none());
        let mut len = 0;
        let message = self.peers.with_outbox(connection, |peer| {
            if peer.outbox.unsent >= share.min(SEND_AHEAD) || peer.outbox.stalled {
                return None;
            }
            skip_stale(peer, on_air, now);
            if is_viewer {
                peer.outbox_drop_late(now, TOO_LATE);
            }
            let data = loop {
                match on_air.store.piece(peer.outbox.next_piece()?) {
                    Some(data) => break data.clone(),
                    None => peer.outbox.drop_piece(),
                }
            };
            len = data.len() as u64;
            peer.liveness.last_said = now;
            peer.uploaded += len;
            peer.outbox.take_piece(data, now)
        });
        self.counters.uploaded_piece_bytes += len;
        message.flatten()
    }

    /// Whether small messages do not leave in time, to most peers, of a viewer whose uplink carries no more than that.
    pub(super) fn is_clogged(&self) -> bool {
        if self.role() == Role::Streamer || self.slots() > 0 {
            return false;
        }
        let late = |peer: &Peer| {
            let since = peer.outbox.small_waits_since();
            since.is_some_and(|since| since + CLOGGED <= self.now)
        };
        let late = self.peers.values().filter(|peer| late(peer)).count();
        late >= CLOGGED_AT_LEAST && late * 2 > self.peers.len()
    }

    /// Takes note of peers to whom nothing leaves while to others it does.
    pub(super) fn note_stalled(&mut self) {
        let newest_left = self.newest_left;
        let lagging: Vec<ConnectionId> = self
            .peers
            .values()
            .filter(|peer| !peer.outbox.stalled && peer.outbox.lags_behind(newest_left, STALLED))
            .map(|peer| peer.connection)
            .collect();
        for connection in lagging {
            self.peers
                .with_outbox(connection, |peer| peer.outbox.stalled = true);
        }
    }

    /// The driver has got rid of bytes that it was given.
    pub(super) fn sent(&mut self, connection: ConnectionId, bytes: usize) {
        let now = self.now;
        self.uplink.sent(bytes);
        let left = self.peers.with_outbox(connection, |peer| {
            let was_stalled = std::mem::take(&mut peer.outbox.stalled);
            (peer.outbox.sent(bytes, now), was_stalled)
        });
        let Some((left, was_stalled)) = left else {
            return;
        };
        self.newest_left = self.newest_left.max(left.newest.unwrap_or_default());
        if was_stalled {
            return;
        }
        if let Some(handed_at) = left.first_piece {
            self.uplink.pieces_left(left.piece_bytes, handed_at, now);
        }
        if let Some(took) = left.took {
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
        // Blocks are whole pieces here.
        let ours = on_air.store.piece(block.piece);
        let fits = ours.is_some_and(|data| block.begin == 0 && block.length as usize == data.len());
        if peer.choked || !fits || is_busy {
            if ours.is_none() {
                peer.waits_for(block.piece);
            }
            peer.say(&Message::Reject(block));
        } else if !peer.queue(block.piece, true, now) && !peer.outbox.is_waiting(block.piece) {
            // It has had it from us, or is just getting it. Where it did not, somebody else can give it sooner than we would
            // find out.
            peer.say(&Message::Reject(block));
        }
    }

    /// Bytes of pieces that wait, with us and with the driver, for peers that are not stalled.
    fn backlog(&self) -> usize {
        let of = |peer: &Peer| peer.outbox.unsent + peer.outbox.waiting() * PIECE_LEN;
        let moving = self.peers.values().filter(|peer| !peer.outbox.stalled);
        moving.map(of).sum()
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
