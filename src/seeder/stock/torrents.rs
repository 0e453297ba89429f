//! The segments of the last half minute, by their info-hash.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use stock_peer::Torrent;
use swarm::torrent::InfoDictionary;
use swarm::{BroadcastId, InfoHash, Segment};

/// How long a segment can be had: as long as the live swarm keeps it.
const WINDOW: Duration = Duration::from_secs(30);

/// What is seeded.
#[derive(Debug, Default)]
pub(super) struct Torrents {
    by_hash: HashMap<InfoHash, Arc<Torrent>>,
    /// Oldest first, with the broadcast and its time in it.
    order: VecDeque<(BroadcastId, Duration, InfoHash)>,
}

impl Torrents {
    /// Adds a segment. Returns its name, and the names of those that are too old now.
    pub(super) fn add(
        &mut self,
        broadcast: BroadcastId,
        segment: &Segment,
    ) -> (InfoHash, Vec<InfoHash>) {
        let info = InfoDictionary::of_segment(broadcast, segment.number, &segment.bytes);
        let info_hash = info.info_hash();
        let bytes = segment.bytes.clone();
        let torrent = Arc::new(Torrent { info, bytes });
        self.by_hash.insert(info_hash, torrent);
        let now = segment.presentation_time;
        self.order.push_back((broadcast, now, info_hash));
        let mut gone = Vec::new();
        while let Some((of, at, name)) = self.order.front().copied() {
            // Another broadcast's time line is another one.
            if of == broadcast && at + WINDOW >= now {
                break;
            }
            self.order.pop_front();
            self.by_hash.remove(&name);
            gone.push(name);
        }
        (info_hash, gone)
    }

    pub(super) fn get(&self, info_hash: InfoHash) -> Option<Arc<Torrent>> {
        self.by_hash.get(&info_hash).cloned()
    }

    pub(super) fn info_hashes(&self) -> impl Iterator<Item = InfoHash> {
        self.order.iter().map(|(_, _, info_hash)| *info_hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use swarm::{SegmentNumber, UnixMillis};

    fn segment(number: u64) -> Segment {
        Segment {
            number: SegmentNumber(number),
            presentation_time: Duration::from_secs(number),
            duration: Duration::from_secs(1),
            key_frame: true,
            captured_at: UnixMillis(0),
            bytes: Bytes::from(vec![number as u8; 100]),
        }
    }

    #[test]
    fn a_segment_can_be_had_for_half_a_minute() {
        let mut torrents = Torrents::default();
        let (first, gone) = torrents.add(BroadcastId(1), &segment(0));
        assert!(gone.is_empty());
        for number in 1..=30 {
            assert!(torrents.add(BroadcastId(1), &segment(number)).1.is_empty());
        }
        assert!(torrents.get(first).is_some());
        assert_eq!(torrents.add(BroadcastId(1), &segment(31)).1, [first]);
        assert!(torrents.get(first).is_none());
    }

    #[test]
    fn with_the_next_broadcast_the_last_ones_segments_are_gone() {
        let mut torrents = Torrents::default();
        let (last, _) = torrents.add(BroadcastId(1), &segment(40));
        let (first, gone) = torrents.add(BroadcastId(2), &segment(0));
        assert_eq!(gone, [last]);
        assert_eq!(torrents.info_hashes().collect::<Vec<_>>(), [first]);
    }
}
