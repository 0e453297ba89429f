//! Where groups of pictures and segments begin, in whole frames.

use std::time::Duration;

use super::Encoding;

const NANOSECONDS: u64 = 1_000_000_000;

/// The broadcast's time line cut into slots of one frame each, groups of pictures and segments.
///
/// Segments divide a group of pictures evenly, so that none is a stump: where the segment duration does not divide the key
/// frame interval, all segments are equally shorter than asked. None is ever longer, unless a single frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cadence {
    frames_per_second: u64,
    frames_per_group: u64,
    segments_per_group: u64,
}

impl Cadence {
    pub(super) fn new(encoding: &Encoding) -> Self {
        let frames_per_second = u64::from(encoding.frames_per_second);
        let interval = nanoseconds(encoding.key_frame_interval);
        let frames_per_group = (interval * frames_per_second).div_ceil(NANOSECONDS).max(1);
        let group = frames_per_group * NANOSECONDS / frames_per_second;
        let segments_per_group = group
            .div_ceil(nanoseconds(encoding.segment_duration).max(1))
            .clamp(1, frames_per_group);
        Self {
            frames_per_second,
            frames_per_group,
            segments_per_group,
        }
    }

    pub(super) fn frames_per_group(self) -> u64 {
        self.frames_per_group
    }

    /// When a slot begins, rounded up: the muxer rounds down to units of its own, and must not end up below.
    pub(super) fn slot_time(self, slot: u64) -> Duration {
        Duration::from_nanos((slot * NANOSECONDS).div_ceil(self.frames_per_second))
    }

    /// The slot that a moment lies in.
    pub(super) fn slot_at(self, time: Duration) -> u64 {
        nanoseconds(time) * self.frames_per_second / NANOSECONDS
    }

    pub(super) fn group_of(self, slot: u64) -> u64 {
        slot / self.frames_per_group
    }

    pub(super) fn group_time(self, group: u64) -> Duration {
        self.slot_time(group * self.frames_per_group)
    }

    /// The segment that a moment lies in, counted from the broadcast's start.
    pub(super) fn segment_at(self, time: Duration) -> u64 {
        let slot = self.slot_at(time);
        let (group, within) = (slot / self.frames_per_group, slot % self.frames_per_group);
        group * self.segments_per_group + within * self.segments_per_group / self.frames_per_group
    }

    /// The segment that a slot lies in.
    pub(super) fn segment_of(self, slot: u64) -> u64 {
        self.segment_at(self.slot_time(slot))
    }

    /// When a segment begins: with a frame.
    pub(super) fn segment_time(self, segment: u64) -> Duration {
        self.slot_time(self.first_slot(segment))
    }

    /// The slot that a segment begins with.
    pub(super) fn first_slot(self, segment: u64) -> u64 {
        let (group, within) = (
            segment / self.segments_per_group,
            segment % self.segments_per_group,
        );
        let frames = (within * self.frames_per_group).div_ceil(self.segments_per_group);
        group * self.frames_per_group + frames
    }

    pub(super) fn segment_begins_group(self, segment: u64) -> bool {
        segment.is_multiple_of(self.segments_per_group)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    // 2^64 ns are 584 years.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cadence(frames_per_second: u32, segment_ms: u64, interval_ms: u64) -> Cadence {
        Cadence::new(&Encoding {
            frames_per_second,
            segment_duration: Duration::from_millis(segment_ms),
            key_frame_interval: Duration::from_millis(interval_ms),
            ..Encoding::default()
        })
    }

    #[test]
    fn by_default_eight_segments_make_a_group_of_sixty_frames() {
        let cadence = cadence(30, 250, 2000);
        assert_eq!(cadence.frames_per_group, 60);
        assert_eq!(cadence.segments_per_group, 8);
        assert_eq!(cadence.segment_time(8), Duration::from_secs(2));
    }

    #[test]
    fn a_segment_duration_that_does_not_divide_the_interval_makes_equal_shorter_segments() {
        let cadence = cadence(60, 300, 2000);
        assert_eq!(cadence.segments_per_group, 7);
        for segment in 0..21 {
            let duration = cadence.segment_time(segment + 1) - cadence.segment_time(segment);
            assert!(duration > Duration::from_millis(266) && duration < Duration::from_millis(301));
        }
    }

    #[test]
    fn a_segment_is_never_longer_than_a_group_nor_shorter_than_a_frame() {
        assert_eq!(cadence(30, 2000, 500).segments_per_group, 1);
        assert_eq!(cadence(5, 100, 1000).segments_per_group, 5);
    }

    proptest! {
        #[test]
        fn each_segment_begins_where_the_one_before_it_ends(
            fps in 5..=60_u32, segment_ms in 100..=2000_u64, interval_ms in 500..=10_000_u64, segment in 0..100_000_u64,
        ) {
            let cadence = cadence(fps, segment_ms, interval_ms);
            let begin = cadence.segment_time(segment);
            prop_assert_eq!(cadence.segment_at(begin), segment);
            let last_frame = cadence.slot_at(cadence.segment_time(segment + 1)) - 1;
            prop_assert_eq!(cadence.segment_at(cadence.slot_time(last_frame)), segment);
            let group = cadence.group_of(cadence.slot_at(begin));
            prop_assert_eq!(cadence.segment_begins_group(segment), cadence.group_time(group) == begin);
        }

        #[test]
        fn a_slots_time_lies_in_that_slot(fps in 5..=60_u32, slot in 0..10_000_000_u64) {
            let cadence = cadence(fps, 250, 2000);
            prop_assert_eq!(cadence.slot_at(cadence.slot_time(slot)), slot);
        }
    }
}
