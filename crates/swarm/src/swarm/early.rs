//! Pieces that come before their segment's announcement: each comes by its own way, and not everyone who pushes pieces
//! tells of segments too. They wait here, unverified and passed on to nobody.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{ConnectionId, PieceIndex, Time};

/// How many wait at the most, all peers together and from one: a key frame's segment at 4 Mbit/s. Announcements are
/// small and mostly come first.
const MOST: usize = 64;
const MOST_OF_ONE: usize = 24;

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Early(BTreeMap<PieceIndex, Waiting>);

#[derive(Debug)]
struct Waiting {
    from: ConnectionId,
    since: Time,
    data: Bytes,
}

impl Early {
    /// Keeps a piece, if there is room. Of two that say to be the same the first stays.
    pub(super) fn keep(&mut self, from: ConnectionId, piece: PieceIndex, data: Bytes, since: Time) {
        let of_one = self
            .0
            .values()
            .filter(|waiting| waiting.from == from)
            .count();
        if self.0.len() < MOST && of_one < MOST_OF_ONE {
            let waiting = Waiting { from, since, data };
            self.0.entry(piece).or_insert(waiting);
        }
    }

    /// What has come of these pieces. What is older is forgotten: its segment has been passed over.
    pub(super) fn take(
        &mut self,
        pieces: impl Iterator<Item = PieceIndex> + Clone,
    ) -> Vec<(ConnectionId, PieceIndex, Bytes)> {
        let taken = pieces
            .clone()
            .filter_map(|piece| {
                let waiting = self.0.remove(&piece)?;
                Some((waiting.from, piece, waiting.data))
            })
            .collect();
        if let Some(first) = pieces.clone().next() {
            self.0 = self.0.split_off(&first);
        }
        taken
    }

    /// Since when the oldest waits.
    pub(super) fn oldest(&self) -> Option<Time> {
        self.0.values().map(|waiting| waiting.since).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(range: std::ops::Range<u32>) -> impl Iterator<Item = PieceIndex> + Clone {
        range.map(PieceIndex)
    }

    #[test]
    fn pieces_wait_for_their_announcement() {
        let mut early = Early::default();
        for piece in [3, 7, 8, 20] {
            let at = Time::from_epoch(std::time::Duration::from_millis(piece.into()));
            early.keep(ConnectionId(1), PieceIndex(piece), Bytes::new(), at);
        }
        let taken = early.take(pieces(7..10));
        let numbers: Vec<u32> = taken.iter().map(|(_, piece, _)| piece.0).collect();
        assert_eq!(numbers, [7, 8]);
        let left = Time::from_epoch(std::time::Duration::from_millis(20));
        assert_eq!(early.oldest(), Some(left), "3 has been passed over");
    }

    #[test]
    fn one_that_sends_nonsense_fills_only_its_share() {
        let mut early = Early::default();
        for piece in 0..1000 {
            early.keep(ConnectionId(1), PieceIndex(piece), Bytes::new(), Time::ZERO);
        }
        early.keep(ConnectionId(2), PieceIndex(1000), Bytes::new(), Time::ZERO);
        assert_eq!(early.take(pieces(0..1001)).len(), MOST_OF_ONE + 1);
    }
}
