//! What goes out: small messages at once, pieces as fast as paths and the upload limit take them, and who is choked.

use std::time::Duration;

use super::{OnAir, Swarm};
use crate::choke::{self, Candidate};
use crate::peer::Peer;
use crate::{Action, Time};

/// Bytes handed to the driver for one connection and not sent yet. It fills a path of 60 ms at 17 Mbit/s, and what is
/// beyond it can still be reordered or dropped here when it grows stale.
const SEND_AHEAD: usize = 128 * 1024;
/// A peer whose next piece has waited this long cannot keep up: it goes on at the newest key frame. Twice the usual
/// group of pictures.
const STALE: Duration = Duration::from_secs(4);
/// BEP 3's time between rounds of choking.
const CHOKE_INTERVAL: Duration = Duration::from_secs(10);

impl Swarm {
    /// Sends what can be sent.
    pub(super) fn flush(&mut self) {
        for peer in self.peers.values_mut() {
            if let Some(control) = peer.outbox.take_control() {
                self.counters.uploaded_bytes += control.len() as u64;
                self.actions
                    .push_back(Action::Send(peer.connection, control));
            }
        }
        let Some(on_air) = &self.on_air else {
            return;
        };
        // One piece for each in turn, so that a limit is shared evenly.
        let mut sent = true;
        while sent {
            sent = false;
            for peer in self.peers.values_mut() {
                if peer.outbox.next_piece().is_none() || peer.outbox.unsent >= SEND_AHEAD {
                    continue;
                }
                if !self.pacer.is_open(self.now) {
                    return;
                }
                skip_stale(peer, on_air, self.now);
                let Some(piece) = peer.outbox.next_piece() else {
                    continue;
                };
                sent = true;
                let Some(data) = on_air.store.piece(piece) else {
                    peer.outbox.drop_piece();
                    continue;
                };
                let len = data.len() as u64;
                if let Some(message) = peer.outbox.take_piece(data.clone()) {
                    peer.uploaded += len;
                    self.counters.uploaded_piece_bytes += len;
                    self.counters.uploaded_bytes += message.len() as u64;
                    self.pacer.spend(message.len());
                    self.actions
                        .push_back(Action::Send(peer.connection, message));
                }
            }
        }
    }

    /// A round of choking, when it is time.
    pub(super) fn choke_round(&mut self) {
        if self.choked_at + CHOKE_INTERVAL <= self.now {
            self.choked_at = self.now;
            self.choke_rounds += 1;
            self.choke_anew();
            for peer in self.peers.values_mut() {
                peer.given_this_round = 0;
            }
        }
    }

    /// Decides who is choked.
    pub(super) fn choke_anew(&mut self) {
        let candidates: Vec<Candidate> = self
            .peers
            .values()
            .filter(|peer| peer.is_ready() && peer.interested)
            .map(|peer| Candidate {
                connection: peer.connection,
                given: peer.given_this_round,
                unchoked: !peer.choked,
            })
            .collect();
        let chosen = choke::unchoked(candidates, self.upload_slots(), self.choke_rounds);
        for peer in self.peers.values_mut() {
            let serve = chosen.contains(&peer.connection);
            if serve && peer.choked {
                peer.unchoke();
            } else if !serve && !peer.choked {
                peer.choke();
            }
        }
    }

    /// How many peers can get the whole stream at once under the upload limit; at least one, or nothing would spread.
    fn upload_slots(&self) -> usize {
        let rate = self
            .on_air
            .as_ref()
            .map_or(0, |on_air| on_air.description.bits_per_second / 8);
        match self.config.upload_limit {
            Some(limit) if rate > 0 => {
                let slots = usize::try_from(limit / rate).unwrap_or(usize::MAX);
                slots.clamp(1, self.config.max_connections)
            }
            _ => self.config.max_connections,
        }
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
        peer.unqueue(|piece| piece >= first_piece);
    }
}
