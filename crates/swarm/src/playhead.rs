//! In which order verified segments go to the player, and when it has to go on without one.

use std::sync::Arc;
use std::time::Duration;

use crate::store::Store;
use crate::{Segment, SegmentNumber, Time};

/// How long the next segment is waited for after it, or one behind it, was announced, before playing goes on at a
/// later key frame. The page holds 0.2 to 0.5 s; three times that is where a person would rather lose the moment than
/// wait. The simulator may shift it.
const PATIENCE: Duration = Duration::from_millis(1800);

/// Where playing is.
#[derive(Debug, Default)]
pub(crate) struct Playhead {
    first: Option<SegmentNumber>,
    next: Option<SegmentNumber>,
    lost: u64,
}

impl Playhead {
    /// Playing goes on at the newest key frame, whatever was played before.
    pub(crate) fn begin_again(&mut self) {
        self.next = None;
    }

    /// The segment that playing began at.
    pub(crate) fn first(&self) -> Option<SegmentNumber> {
        self.first
    }

    /// The first segment that is still of use to this viewer.
    pub(crate) fn next(&self) -> Option<SegmentNumber> {
        self.next
    }

    /// How many segments were played without.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// The next segment to play, if it can be had now. To be called until `None`.
    pub(crate) fn advance(&mut self, store: &Store, now: Time) -> Option<Arc<Segment>> {
        let segment = match self.next {
            None => store.get(store.newest_whole_key_frame()?)?.segment()?,
            Some(next) => match store.get(next).and_then(|held| held.segment()) {
                Some(segment) => segment,
                None => {
                    let later = store
                        .newest_whole_key_frame()
                        .filter(|later| *later > next)?;
                    if now < self.give_up_at(store)? {
                        return None;
                    }
                    self.lost += later.0 - next.0;
                    store.get(later)?.segment()?
                }
            },
        };
        self.first.get_or_insert(segment.number);
        self.next = Some(segment.number.next());
        Some(Arc::new(segment))
    }

    /// When the segment that is being waited for is given up.
    pub(crate) fn give_up_at(&self, store: &Store) -> Option<Time> {
        let waited_for = store.since(self.next?).next()?;
        Some(waited_for.announced_at + PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::announcement::Announcement;
    use crate::checks::Genuine;
    use crate::torrent::InfoDictionary;
    use crate::{BroadcastId, PieceIndex, UnixMillis};
    use bytes::Bytes;

    const BYTES: Bytes = Bytes::from_static(&[5; 100]);

    fn announcement(number: u64) -> Announcement {
        let (broadcast, number) = (BroadcastId(1), SegmentNumber(number));
        Announcement {
            broadcast,
            number,
            first_piece: PieceIndex(number.0 as u32),
            presentation_time: Duration::from_millis(250 * number.0),
            duration: Duration::from_millis(250),
            key_frame: number.0.is_multiple_of(4),
            captured_at: UnixMillis(0),
            info: InfoDictionary::of_segment(broadcast, number, &BYTES),
        }
    }

    fn at(millis: u64) -> Time {
        Time::from_epoch(Duration::from_millis(millis))
    }

    struct Watching {
        store: Store,
        playhead: Playhead,
    }

    impl Watching {
        fn new() -> Self {
            Self {
                store: Store::new(Duration::from_secs(30)),
                playhead: Playhead::default(),
            }
        }

        fn announce(&mut self, number: u64) {
            let now = at(250 * number);
            self.store.announce(announcement(number), Bytes::new(), now);
        }

        fn complete(&mut self, number: u64) {
            self.announce(number);
            self.store
                .accept(&Genuine, PieceIndex(number as u32), BYTES);
        }

        fn played(&mut self, now: Time) -> Vec<u64> {
            std::iter::from_fn(|| self.playhead.advance(&self.store, now))
                .map(|segment| segment.number.0)
                .collect()
        }
    }

    #[test]
    fn playing_starts_at_the_newest_whole_key_frame() {
        let mut watching = Watching::new();
        for number in [3, 4, 5, 6] {
            watching.complete(number);
        }
        watching.announce(8);
        assert_eq!(watching.played(at(2000)), [4, 5, 6]);
    }

    #[test]
    fn segments_play_in_order_however_they_come() {
        let mut watching = Watching::new();
        watching.complete(0);
        watching.complete(2);
        assert_eq!(watching.played(at(500)), [0]);
        watching.complete(1);
        assert_eq!(watching.played(at(510)), [1, 2]);
    }

    #[test]
    fn a_lost_segment_is_waited_for_and_then_skipped_to_a_key_frame() {
        let mut watching = Watching::new();
        watching.complete(0);
        assert_eq!(watching.played(at(0)), [0]);
        watching.announce(1);
        for number in 2..=5 {
            watching.complete(number);
        }
        assert_eq!(watching.played(at(2000)), [0; 0], "1 may still come");
        assert_eq!(watching.played(at(2050)), [4, 5]);
        assert_eq!(watching.playhead.lost(), 3);
    }
}
