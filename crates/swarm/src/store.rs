//! The segments of the last seconds: what has been announced, which pieces are here, what can be passed on or played.
//!
//! Nothing enters it unverified: announcements by the streamer's signature (checked by the caller), pieces by their hash.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::announcement::Announcement;
use crate::checks::Checks;
use crate::torrent::PIECE_LEN;
use crate::window::Window;
use crate::{PieceIndex, Segment, SegmentNumber, Time};

/// How many segments back a repeated announcement is looked for: what a neighbour may lag behind.
const RECENT: usize = 16;

/// A segment of the window.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) announcement: Arc<Announcement>,
    /// Signature and record, as they are passed on.
    pub(crate) signed: Bytes,
    pub(crate) announced_at: Time,
    pieces: Vec<Option<Bytes>>,
    missing: usize,
}

impl Held {
    pub(crate) fn is_complete(&self) -> bool {
        self.missing == 0
    }

    pub(crate) fn missing_pieces(&self) -> impl Iterator<Item = PieceIndex> {
        self.announcement
            .pieces()
            .zip(&self.pieces)
            .filter(|(_, piece)| piece.is_none())
            .map(|(index, _)| index)
    }

    /// The whole segment, once it is complete. Its bytes are joined for the player and not kept.
    pub(crate) fn segment(&self) -> Option<Segment> {
        self.is_complete().then(|| Segment {
            number: self.announcement.number,
            presentation_time: self.announcement.presentation_time,
            duration: self.announcement.duration,
            key_frame: self.announcement.key_frame,
            captured_at: self.announcement.captured_at,
            bytes: self.join(),
        })
    }

    fn join(&self) -> Bytes {
        let mut pieces = self.pieces.iter().flatten();
        if let (1, Some(only)) = (self.pieces.len(), pieces.clone().next()) {
            return only.clone();
        }
        let mut whole = BytesMut::with_capacity(self.announcement.info.segment_len());
        pieces
            .by_ref()
            .for_each(|piece| whole.extend_from_slice(piece));
        whole.freeze()
    }
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// It verified and is new; its segment is now complete or not.
    New { completes: Option<SegmentNumber> },
    /// It was here already.
    Duplicate,
    /// No announced segment has it (any more).
    Unknown,
    /// It does not verify.
    Wrong,
}

/// The segments of one broadcast's window.
#[derive(Debug)]
pub(crate) struct Store {
    window: Duration,
    segments: BTreeMap<SegmentNumber, Held>,
    by_first_piece: BTreeMap<PieceIndex, SegmentNumber>,
    /// Which pieces the streamer itself sent.
    from_streamer: Window,
}

impl Store {
    pub(crate) fn new(window: Duration) -> Self {
        Self {
            window,
            segments: BTreeMap::new(),
            by_first_piece: BTreeMap::new(),
            from_streamer: Window::default(),
        }
    }

    /// Takes in a whole segment of our own.
    pub(crate) fn publish(
        &mut self,
        announcement: Announcement,
        signed: Bytes,
        whole: Bytes,
        now: Time,
    ) {
        let pieces = (0..whole.len())
            .step_by(PIECE_LEN)
            .map(|at| Some(whole.slice(at..whole.len().min(at + PIECE_LEN))))
            .collect();
        self.insert(Held {
            announcement: Arc::new(announcement),
            signed,
            announced_at: now,
            pieces,
            missing: 0,
        });
    }

    /// Takes in an announcement that verified. Returns whether it was new and is of use.
    pub(crate) fn announce(
        &mut self,
        announcement: Announcement,
        signed: Bytes,
        now: Time,
    ) -> bool {
        let number = announcement.number;
        let too_old = self.newest().is_some_and(|newest| {
            announcement.presentation_time + self.window < newest.announcement.presentation_time
        });
        if too_old || self.segments.contains_key(&number) {
            return false;
        }
        let count = announcement.info.piece_count();
        self.insert(Held {
            announcement: Arc::new(announcement),
            signed,
            announced_at: now,
            pieces: vec![None; count],
            missing: count,
        });
        true
    }

    fn insert(&mut self, held: Held) {
        let number = held.announcement.number;
        self.by_first_piece
            .insert(held.announcement.first_piece, number);
        self.segments.insert(number, held);
        self.expire();
    }

    fn expire(&mut self) {
        let Some(newest) = self.newest() else {
            return;
        };
        let newest = newest.announcement.presentation_time;
        while let Some(oldest) = self.segments.first_entry() {
            if oldest.get().announcement.presentation_time + self.window >= newest {
                break;
            }
            let gone = oldest.remove();
            self.by_first_piece.remove(&gone.announcement.first_piece);
        }
        if let Some((_, first_piece)) = self.oldest() {
            self.from_streamer.forget_before(first_piece.0.into());
        }
    }

    /// Notes that a piece which is here was sent by the streamer itself.
    pub(crate) fn credit_streamer(&mut self, index: PieceIndex) {
        self.from_streamer.insert(index.0.into());
    }

    /// Whether the streamer itself sent a piece that is here.
    pub(crate) fn is_from_streamer(&self, index: PieceIndex) -> bool {
        self.from_streamer.contains(index.0.into())
    }

    /// Verifies a piece and keeps it.
    pub(crate) fn accept(
        &mut self,
        checks: &dyn Checks,
        index: PieceIndex,
        data: Bytes,
    ) -> Accepted {
        let Some((held, offset)) = self.locate_mut(index) else {
            return Accepted::Unknown;
        };
        if held.pieces[offset].is_some() {
            return Accepted::Duplicate;
        }
        if !held.announcement.info.verified_by(checks, offset, &data) {
            return Accepted::Wrong;
        }
        held.pieces[offset] = Some(data);
        held.missing -= 1;
        Accepted::New {
            completes: (held.missing == 0).then_some(held.announcement.number),
        }
    }

    /// Whether a piece is of a segment that has not been announced yet: behind all that have been, or between them, since
    /// announcements may overtake each other.
    pub(crate) fn is_untold(&self, index: PieceIndex) -> bool {
        let passed = self
            .oldest()
            .is_some_and(|(_, first_piece)| index < first_piece);
        !passed && self.locate(index).is_none()
    }

    /// The bytes of a piece, if it is here.
    pub(crate) fn piece(&self, index: PieceIndex) -> Option<&Bytes> {
        let (held, offset) = self.locate(index)?;
        held.pieces[offset].as_ref()
    }

    /// The segment that a piece is of.
    pub(crate) fn segment_of(&self, index: PieceIndex) -> Option<&Held> {
        self.locate(index).map(|(held, _)| held)
    }

    pub(crate) fn get(&self, number: SegmentNumber) -> Option<&Held> {
        self.segments.get(&number)
    }

    /// The segments that were announced less than `age` ago, newest first.
    pub(crate) fn announced_after(&self, now: Time, age: Duration) -> impl Iterator<Item = &Held> {
        self.segments
            .values()
            .rev()
            .take_while(move |held| held.announced_at + age > now)
    }

    /// Which segment this very announcement is of, if it is here. Spares checking a signature again.
    pub(crate) fn number_of(&self, signed: &Bytes) -> Option<SegmentNumber> {
        let recent = self.segments.values().rev().take(RECENT);
        recent
            .filter(|held| held.signed == *signed)
            .map(|held| held.announcement.number)
            .next()
    }

    pub(crate) fn newest(&self) -> Option<&Held> {
        self.segments.values().next_back()
    }

    /// The oldest segment of the window and its first piece.
    pub(crate) fn oldest(&self) -> Option<(SegmentNumber, PieceIndex)> {
        let held = self.segments.values().next()?;
        Some((held.announcement.number, held.announcement.first_piece))
    }

    /// The newest announced segment that begins with a key frame.
    pub(crate) fn newest_key_frame(&self) -> Option<SegmentNumber> {
        self.newest_where(|held| held.announcement.key_frame)
    }

    /// The newest segment that begins with a key frame and is whole.
    pub(crate) fn newest_whole_key_frame(&self) -> Option<SegmentNumber> {
        self.newest_where(|held| held.announcement.key_frame && held.is_complete())
    }

    fn newest_where(&self, fits: impl Fn(&Held) -> bool) -> Option<SegmentNumber> {
        self.segments
            .iter()
            .rev()
            .find(|(_, held)| fits(held))
            .map(|(number, _)| *number)
    }

    /// The segments from `from` on.
    pub(crate) fn since(&self, from: SegmentNumber) -> impl Iterator<Item = &Held> {
        self.segments.range(from..).map(|(_, held)| held)
    }

    fn locate(&self, index: PieceIndex) -> Option<(&Held, usize)> {
        let (_, number) = self.by_first_piece.range(..=index).next_back()?;
        let held = self.segments.get(number)?;
        Some((held, held.announcement.offset_of(index)?))
    }

    fn locate_mut(&mut self, index: PieceIndex) -> Option<(&mut Held, usize)> {
        let (_, number) = self.by_first_piece.range(..=index).next_back()?;
        let held = self.segments.get_mut(number)?;
        let offset = held.announcement.offset_of(index)?;
        Some((held, offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Genuine;
    use crate::torrent::InfoDictionary;
    use crate::{BroadcastId, UnixMillis};

    fn announcement(number: u64, segment: &[u8]) -> Announcement {
        let (broadcast, number_) = (BroadcastId(1), SegmentNumber(number));
        Announcement {
            broadcast,
            number: number_,
            first_piece: PieceIndex(number as u32 * 3),
            presentation_time: Duration::from_millis(250 * number),
            duration: Duration::from_millis(250),
            key_frame: number.is_multiple_of(8),
            captured_at: UnixMillis(0),
            info: InfoDictionary::of_segment(broadcast, number_, segment),
        }
    }

    fn store() -> Store {
        Store::new(Duration::from_secs(2))
    }

    #[test]
    fn a_segment_is_whole_when_its_last_piece_has_come_in_any_order() {
        let segment: Vec<u8> = (0..2 * PIECE_LEN + 7).map(|at| at as u8).collect();
        let mut store = store();
        assert!(store.announce(announcement(8, &segment), Bytes::new(), Time::ZERO));
        let pieces: Vec<Bytes> = segment
            .chunks(PIECE_LEN)
            .map(Bytes::copy_from_slice)
            .collect();
        let accept = |store: &mut Store, at: usize| {
            store.accept(&Genuine, PieceIndex(24 + at as u32), pieces[at].clone())
        };
        assert_eq!(accept(&mut store, 2), Accepted::New { completes: None });
        assert_eq!(accept(&mut store, 2), Accepted::Duplicate);
        assert_eq!(accept(&mut store, 0), Accepted::New { completes: None });
        assert_eq!(store.newest_whole_key_frame(), None);
        assert_eq!(
            accept(&mut store, 1),
            Accepted::New {
                completes: Some(SegmentNumber(8))
            }
        );
        let held = store.get(SegmentNumber(8)).unwrap();
        assert_eq!(held.segment().unwrap().bytes, segment);
        assert_eq!(store.piece(PieceIndex(26)).unwrap(), &pieces[2]);
    }

    #[test]
    fn a_wrong_piece_and_an_unknown_one_stay_out() {
        let mut store = store();
        store.announce(announcement(0, &[1; 10]), Bytes::new(), Time::ZERO);
        let wrong = Bytes::from_static(&[2; 10]);
        assert_eq!(
            store.accept(&Genuine, PieceIndex(0), wrong.clone()),
            Accepted::Wrong
        );
        assert_eq!(
            store.accept(&Genuine, PieceIndex(1), wrong),
            Accepted::Unknown
        );
        assert!(store.piece(PieceIndex(0)).is_none());
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten_and_not_taken_again() {
        let mut store = store();
        for number in 0..20 {
            store.announce(announcement(number, &[1; 10]), Bytes::new(), Time::ZERO);
        }
        assert!(store.get(SegmentNumber(10)).is_none());
        assert!(store.segment_of(PieceIndex(30)).is_none());
        assert!(store.get(SegmentNumber(11)).is_some());
        assert!(!store.announce(announcement(10, &[1; 10]), Bytes::new(), Time::ZERO));
        assert_eq!(store.newest_key_frame(), Some(SegmentNumber(16)));
    }
}
