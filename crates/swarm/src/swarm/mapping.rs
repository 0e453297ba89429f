//! Which pieces of the last seconds are here, and who sent them: for a person to see. Nothing is decided by it.

use super::Swarm;
use crate::store::Held;
use crate::{PieceIndex, PieceState, SegmentPieces};

impl Swarm {
    /// The pieces of the segments that are still held, oldest first, from the one that playing began at. Empty before,
    /// and for the streamer.
    pub fn piece_map(&self) -> Vec<SegmentPieces> {
        let Some(on_air) = &self.on_air else {
            return Vec::new();
        };
        let (Some(first), Some(next)) = (on_air.playhead.first(), on_air.playhead.next()) else {
            return Vec::new();
        };
        let store = &on_air.store;
        let state = |held: &Held, piece: PieceIndex| {
            if store.piece(piece).is_none() {
                let passed = held.announcement.number < next;
                if passed {
                    PieceState::Missing
                } else {
                    PieceState::OnItsWay
                }
            } else if store.is_from_streamer(piece) {
                PieceState::FromStreamer
            } else {
                PieceState::FromViewer
            }
        };
        store
            .since(first)
            .map(|held| SegmentPieces {
                number: held.announcement.number,
                pieces: held
                    .announcement
                    .pieces()
                    .map(|piece| state(held, piece))
                    .collect(),
            })
            .collect()
    }
}
