//! What waits to be sent to one peer: small messages, then pieces in their order, and what the driver still has of it.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::wire::{Message, PIECE_HEADER_LEN};
use crate::{PieceIndex, Time};

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Small messages, joined into one send.
    pub(crate) control: BytesMut,
    /// Pieces, in sending order. Their bytes are looked up when they are sent.
    pub(crate) pieces: VecDeque<Waiting>,
    /// What the driver has not sent yet, as the lengths of what it was given.
    handed: VecDeque<Handed>,
    /// Bytes in it.
    pub(crate) unsent: usize,
    /// Nothing leaves, while to others it does: the peer is gone, or its own path is at an end. Our uplink is not judged
    /// by it.
    pub(crate) stalled: bool,
}

/// A piece that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) piece: PieceIndex,
    /// Asked for by the peer; pushed by subscription otherwise.
    pub(crate) asked: bool,
    pub(crate) since: Time,
}

#[derive(Clone, Copy, Debug)]
struct Handed {
    /// What is left of it, and what it was.
    len: usize,
    whole: usize,
    is_piece: bool,
    /// When it could have been sent at the soonest, and when the driver was given it.
    since: Time,
    at: Time,
}

/// What has left the driver.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Left {
    /// Bytes of whole pieces.
    pub(crate) piece_bytes: usize,
    /// How long the last of those pieces took from when it could have been sent.
    pub(crate) took: Option<Duration>,
    /// When the driver was given the last of it, and the first of those pieces.
    pub(crate) newest: Option<Time>,
    pub(crate) first_piece: Option<Time>,
}

impl Outbox {
    /// The small messages that wait, as one send.
    pub(crate) fn take_control(&mut self, now: Time) -> Option<Bytes> {
        if self.control.is_empty() {
            return None;
        }
        let control = self.control.split().freeze();
        self.hand(control.len(), now, now, false);
        Some(control)
    }

    /// Takes note of bytes that the driver is given; `since` is when they could have been sent at the soonest.
    pub(crate) fn hand(&mut self, len: usize, since: Time, at: Time, is_piece: bool) {
        self.unsent += len;
        self.handed.push_back(Handed {
            len,
            whole: len,
            is_piece,
            since,
            at,
        });
    }

    /// So many of the bytes that the driver was given have left.
    pub(crate) fn sent(&mut self, mut bytes: usize, now: Time) -> Left {
        self.unsent = self.unsent.saturating_sub(bytes);
        let mut left = Left::default();
        while let Some(first) = self.handed.front_mut() {
            if first.len > bytes {
                first.len -= bytes;
                break;
            }
            bytes -= first.len;
            left.newest = Some(first.at);
            if first.is_piece {
                left.first_piece.get_or_insert(first.at);
                left.piece_bytes += first.whole;
                left.took = Some(now - first.since);
            }
            self.handed.pop_front();
        }
        left
    }

    /// Whether something still waits that was given to the driver so long before what has left to others.
    pub(crate) fn lags_behind(&self, others: Time, by: Duration) -> bool {
        self.handed
            .front()
            .is_some_and(|first| first.at + by <= others)
    }

    /// Since when a small message is with the driver, if one is the oldest that it has.
    pub(crate) fn small_waits_since(&self) -> Option<Time> {
        let first = self.handed.front()?;
        (!first.is_piece).then_some(first.at)
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

    pub(crate) fn is_waiting(&self, piece: PieceIndex) -> bool {
        self.pieces.iter().any(|waiting| waiting.piece == piece)
    }

    pub(crate) fn next_piece(&self) -> Option<PieceIndex> {
        self.pieces.front().map(|waiting| waiting.piece)
    }

    pub(crate) fn drop_piece(&mut self) {
        self.pieces.pop_front();
    }

    /// The next piece as a message of its own, to be sent now.
    pub(crate) fn take_piece(&mut self, data: Bytes, now: Time) -> Option<Bytes> {
        let Waiting { piece, since, .. } = self.pieces.pop_front()?;
        let mut out = BytesMut::with_capacity(data.len() + PIECE_HEADER_LEN);
        let begin = 0;
        Message::Piece { piece, begin, data }.write(&mut out);
        self.hand(out.len(), since, now, true);
        Some(out.freeze())
    }
}
