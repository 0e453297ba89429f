//! Pieces that come before their segment's announcement: each comes by its own way, and not everyone who pushes pieces
//! tells of segments too. They wait here, unverified and passed on to nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::{ConnectionId, PieceIndex, Time};

/// How many wait at the most, all peers together and from one: a key frame's segment at 4 Mbit/s. Announcements are
/// small and mostly come first.
const MOST: usize = 64;
const MOST_OF_ONE: usize = 24;
/// How long one waits. Its announcement is late when another one has overtaken it; after this nobody would play it.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

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

    /// What has come of these pieces. What waits in vain is forgotten.
    pub(super) fn take(
        &mut self,
        pieces: impl Iterator<Item = PieceIndex>,
        now: Time,
    ) -> Vec<(ConnectionId, PieceIndex, Bytes)> {
        let taken = pieces
            .filter_map(|piece| {
                let waiting = self.0.remove(&piece)?;
                Some((waiting.from, piece, waiting.data))
            })
            .collect();
        self.0
            .retain(|_, waiting| waiting.since + LONGEST_WAIT > now);
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

    fn pieces(range: std::ops::Range<u32>) -> impl Iterator<Item = PieceIndex> {
        range.map(PieceIndex)
    }

    fn numbers(taken: Vec<(ConnectionId, PieceIndex, Bytes)>) -> Vec<u32> {
        taken.iter().map(|(_, piece, _)| piece.0).collect()
    }

    #[test]
    fn pieces_wait_for_their_announcement_even_if_another_overtakes_it() {
        let mut early = Early::default();
        for piece in [3, 7, 8, 20] {
            early.keep(ConnectionId(1), PieceIndex(piece), Bytes::new(), Time::ZERO);
        }
        let now = Time::ZERO + Duration::from_millis(300);
        assert_eq!(numbers(early.take(pieces(7..10), now)), [7, 8]);
        assert_eq!(numbers(early.take(pieces(0..7), now)), [3]);
        assert_eq!(early.oldest(), Some(Time::ZERO), "20 still waits");
    }

    #[test]
    fn what_nobody_tells_of_is_forgotten() {
        let mut early = Early::default();
        early.keep(ConnectionId(1), PieceIndex(3), Bytes::new(), Time::ZERO);
        early.take(pieces(7..10), Time::ZERO + LONGEST_WAIT);
        assert_eq!(early.oldest(), None);
    }

    #[test]
    fn one_that_sends_nonsense_fills_only_its_share() {
        let mut early = Early::default();
        for piece in 0..1000 {
            early.keep(ConnectionId(1), PieceIndex(piece), Bytes::new(), Time::ZERO);
        }
        early.keep(ConnectionId(2), PieceIndex(1000), Bytes::new(), Time::ZERO);
        assert_eq!(
            early.take(pieces(0..1001), Time::ZERO).len(),
            MOST_OF_ONE + 1
        );
    }
}
