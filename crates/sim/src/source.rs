//! The stream: segments of a size that encoders make, a key frame's larger than the others.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use swarm::{
    BroadcastId, BroadcastState, Description, Details, Segment, SegmentNumber, UnixMillis,
};

use crate::scenario::Scenario;

/// A group of pictures: 2 s of segments of 250 ms.
const SEGMENTS_PER_GROUP: u64 = 8;
/// A segment with a key frame, in multiples of the mean.
const KEY_SEGMENT: f64 = 2.2;

/// The stream of one broadcast.
pub(crate) struct Source {
    broadcast: u64,
    next: u64,
    segment: Duration,
    mean_len: f64,
}

impl Source {
    pub(crate) fn new(scenario: &Scenario, broadcast: u64) -> Self {
        Self {
            broadcast,
            next: 0,
            segment: scenario.segment(),
            mean_len: scenario.byte_rate() * scenario.segment().as_secs_f64(),
        }
    }

    pub(crate) fn description(&self, scenario: &Scenario) -> Description {
        Description {
            broadcast: BroadcastId(self.broadcast),
            revision: 0,
            state: BroadcastState::Live,
            started_at: UnixMillis(self.broadcast),
            details: Details::titled("A simulated broadcast"),
            codecs: "avc1.640028,mp4a.40.2".to_owned(),
            bits_per_second: scenario.bits_per_second,
            segment_millis: scenario.segment_millis,
            init_segment: Bytes::from(vec![0; 1300]),
        }
    }

    pub(crate) fn next_segment(&mut self) -> Segment {
        let number = self.next;
        self.next += 1;
        let key_frame = number.is_multiple_of(SEGMENTS_PER_GROUP);
        let group = SEGMENTS_PER_GROUP as f64;
        let share = if key_frame {
            KEY_SEGMENT
        } else {
            (group - KEY_SEGMENT) / (group - 1.0)
        };
        let len = (self.mean_len * share) as usize;
        let mut bytes = BytesMut::zeroed(len);
        // Each piece begins like no other, so that a stand-in for its hash can tell them apart.
        for (at, piece) in bytes.chunks_mut(swarm::torrent::PIECE_LEN).enumerate() {
            let mark = [self.broadcast, number, at as u64].map(|part| part as u16);
            for (place, part) in mark.into_iter().enumerate() {
                let at = place * 2;
                if let Some(slot) = piece.get_mut(at..at + 2) {
                    slot.copy_from_slice(&part.to_be_bytes());
                }
            }
        }
        Segment {
            number: SegmentNumber(number),
            presentation_time: self.segment * u32::try_from(number).unwrap_or(u32::MAX),
            duration: self.segment,
            key_frame,
            captured_at: UnixMillis(0),
            bytes: bytes.freeze(),
        }
    }
}
