//! Bytes on their way: the sender's uplink, the path with its losses, the receiver's downlink.
//!
//! Not here: what is sent, and how long paths and packets are (`terrain`).

use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use swarm::{ConnectionId, Event, Time};

use crate::board::Board;
use crate::downlink::Arrived;
use crate::shard::{Happening, Shard};
use crate::terrain;

/// Messages below this are told to have left together with the next larger one, or with the next beat.
const SMALL: usize = 2048;
/// A lost packet of a reliable channel comes again after about this many round trips.
const RETRANSMISSION_ROUND_TRIPS: f64 = 1.2;

impl Shard {
    pub(crate) fn transmit(
        &mut self,
        board: &Board,
        host: usize,
        connection: ConnectionId,
        bytes: Bytes,
    ) {
        const PIECE: u8 = 7;
        let is_piece = bytes.len() > SMALL && bytes[4] == PIECE;
        let (len, now) = (bytes.len(), self.now);
        let sender = self.host_mut(host);
        // What goes to one that is gone never leaves: nobody acknowledges it, and the window closes.
        let other = sender.link(connection).map(|link| link.to.host);
        if !other.is_some_and(|other| board.alive[other]) {
            return;
        }
        let left_at = sender.leave_at(terrain::wire_len(len), now);
        let nature = sender.nature;
        let Some(link) = sender.link(connection) else {
            return;
        };
        if len < SMALL {
            link.untold_leave_at = left_at;
            if link.untold == 0 {
                link.untold = len;
                sender.untold.push(connection);
            } else {
                link.untold += len;
            }
        } else {
            let told = len + std::mem::take(&mut link.untold);
            let sent = Happening::Sent(host, connection, told);
            self.agenda.at(left_at, sent);
        }
        let message = if is_piece { self.shared(bytes) } else { bytes };
        if let Some(message) = nature.twist(message, is_piece) {
            self.carry(board, host, connection, message, left_at);
        }
    }

    fn carry(
        &mut self,
        board: &Board,
        host: usize,
        connection: ConnectionId,
        bytes: Bytes,
        left_at: Time,
    ) {
        self.wire_bytes += terrain::wire_len(bytes.len()) as u64;
        let packets = terrain::packets(bytes.len()) as f64;
        let is_lost = self.rng.random_range(0.0..1.0) < board.scenario.loss * packets;
        let Some(link) = self.host_mut(host).link(connection) else {
            return;
        };
        let way = link.way;
        let again = if is_lost {
            way.mul_f64(2.0 * RETRANSMISSION_ROUND_TRIPS)
        } else {
            Duration::ZERO
        };
        link.last_arrival = link.last_arrival.max(left_at + way + again);
        let (arrives, to) = (link.last_arrival, link.to);
        let arrive = Happening::Arrive(to.host, to.connection, bytes);
        self.put(to.host, arrives, arrive);
    }

    /// Bytes are at the far end of a host's downlink. They wait there for those that came before.
    pub(crate) fn arrive(
        &mut self,
        board: &Board,
        host: usize,
        connection: ConnectionId,
        bytes: Bytes,
    ) {
        let downlink = &mut self.host_mut(host).downlink;
        let others_wait = downlink.is_waiting();
        downlink.push(Arrived { connection, bytes });
        if !others_wait {
            self.enter(board, host);
        }
    }

    /// What waits for a host's downlink goes on, as long as it is free.
    pub(crate) fn enter(&mut self, board: &Board, host: usize) {
        let now = self.now;
        while let Some(arrived) = self.host_mut(host).downlink.next(now) {
            let received = Event::Received(arrived.connection, arrived.bytes);
            self.handle(board, host, received);
        }
        let downlink = &self.host(host).downlink;
        if downlink.is_waiting() {
            let free_at = downlink.free_at();
            self.agenda.at(free_at, Happening::Enter(host));
        }
    }

    /// The one copy of a piece's message that is held.
    fn shared(&mut self, bytes: Bytes) -> Bytes {
        let number = u32::from_be_bytes([bytes[5], bytes[6], bytes[7], bytes[8]]);
        self.pieces.shared(number, bytes)
    }
}

/// The newest pieces' messages, of each the one copy that is held, whoever sends it.
pub(crate) struct Pieces(Vec<Bytes>);

impl Pieces {
    /// Twenty-five seconds of stream at the usual rate: more than peers hold. What is older is held more than once.
    const COUNT: usize = 512;

    pub(crate) fn new() -> Self {
        Self(vec![Bytes::new(); Self::COUNT])
    }

    fn shared(&mut self, number: u32, bytes: Bytes) -> Bytes {
        let held = &mut self.0[number as usize % Self::COUNT];
        if held.len() != bytes.len() || ends(held) != ends(&bytes) {
            *held = bytes;
        }
        held.clone()
    }
}

/// By which a piece's message can be told from every other: its number and the marks in its data. Swarms pass on only
/// what has verified, and forgers change it later.
fn ends(message: &[u8]) -> (Option<&[u8; 64]>, Option<&[u8; 64]>) {
    (message.first_chunk(), message.last_chunk())
}
