//! Who gets pieces when not everyone can: BEP 3's choking with an optimistic slot, over what uplink there is.

use crate::ConnectionId;

/// A peer that wants pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) connection: ConnectionId,
    /// Piece data that it has given since the last round: to us, or (seen from the streamer) to others.
    pub(crate) given: u64,
    pub(crate) unchoked: bool,
}

/// The connections to unchoke: those that give most, keeping today's among equals, and one place in turn for anybody
/// (`optimistic` counts the rounds), so that a newcomer is never starved.
pub(crate) fn unchoked(
    mut candidates: Vec<Candidate>,
    slots: usize,
    optimistic: usize,
) -> Vec<ConnectionId> {
    candidates.sort_by_key(|candidate| {
        (
            std::cmp::Reverse(candidate.given),
            !candidate.unchoked,
            candidate.connection,
        )
    });
    if candidates.len() > slots && slots > 1 {
        let others = candidates.len() - (slots - 1);
        let lucky = slots - 1 + optimistic % others;
        candidates.swap(slots - 1, lucky);
    }
    candidates.truncate(slots);
    candidates
        .into_iter()
        .map(|candidate| candidate.connection)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(given: &[u64]) -> Vec<Candidate> {
        given
            .iter()
            .enumerate()
            .map(|(at, given)| Candidate {
                connection: ConnectionId(at as u64),
                given: *given,
                unchoked: false,
            })
            .collect()
    }

    #[test]
    fn with_room_for_all_nobody_is_choked() {
        assert_eq!(unchoked(candidates(&[0, 0, 5]), 3, 0).len(), 3);
    }

    #[test]
    fn those_that_give_keep_their_place_and_everybody_else_has_a_turn() {
        let mut had_a_turn = std::collections::BTreeSet::new();
        for round in 0..4 {
            let chosen = unchoked(candidates(&[9, 0, 8, 0, 0, 0]), 3, round);
            assert!(chosen.contains(&ConnectionId(0)) && chosen.contains(&ConnectionId(2)));
            had_a_turn.insert(chosen[2]);
        }
        assert_eq!(had_a_turn.len(), 4);
    }
}
