//! The signed record of a segment: what lets a viewer believe its pieces before the segment is whole.

use std::time::Duration;

use bytes::Bytes;

use crate::record::{Record, RecordError, RecordWriter};
use crate::torrent::InfoDictionary;
use crate::{BroadcastId, PieceIndex, SegmentNumber, UnixMillis};

/// The record of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The broadcast that it belongs to.
    pub broadcast: BroadcastId,
    /// Its place in the broadcast.
    pub number: SegmentNumber,
    /// The number of its first piece; the others follow.
    pub first_piece: PieceIndex,
    /// Where it is on the broadcast's time line.
    pub presentation_time: Duration,
    /// How long it plays.
    pub duration: Duration,
    /// Whether it begins with a key frame.
    pub key_frame: bool,
    /// When its last frame was captured, by the streamer's wall clock.
    pub captured_at: UnixMillis,
    /// The segment as a torrent.
    pub info: InfoDictionary,
}

impl Announcement {
    /// The numbers of its pieces.
    pub fn pieces(&self) -> impl Iterator<Item = PieceIndex> + Clone + use<> {
        let first = self.first_piece.0;
        // `parse` and the streamer's counter keep the sum inside 32 bits.
        (first..first + self.info.piece_count() as u32).map(PieceIndex)
    }

    /// Which piece of this segment the broadcast's piece `index` is.
    pub fn offset_of(&self, index: PieceIndex) -> Option<usize> {
        let offset = index.0.checked_sub(self.first_piece.0)? as usize;
        (offset < self.info.piece_count()).then_some(offset)
    }

    /// The record that is signed.
    pub(crate) fn to_record(&self) -> Vec<u8> {
        RecordWriter::default()
            .bytes("broadcast", self.broadcast.0.to_be_bytes())
            .integer("number", self.number.0)
            .integer("first", self.first_piece.0.into())
            .integer("time", micros(self.presentation_time))
            .integer("duration", micros(self.duration))
            .integer("key", self.key_frame.into())
            .integer("captured", self.captured_at.0)
            .bytes("info", self.info.as_bytes().as_ref())
            .finish()
    }

    /// Reads a record whose signature has been checked.
    ///
    /// # Errors
    ///
    /// When a field is missing or out of range.
    pub fn parse(record: &[u8]) -> Result<Self, RecordError> {
        let mut record = Record::parse(record)?;
        let info = InfoDictionary::parse(Bytes::from(record.bytes("info")?))?;
        let first_piece = PieceIndex(record.integer("first")?);
        if u32::try_from(info.piece_count())
            .ok()
            .and_then(|count| first_piece.0.checked_add(count))
            .is_none()
        {
            return Err(RecordError::Range("first"));
        }
        Ok(Self {
            broadcast: record.broadcast()?,
            number: SegmentNumber(record.integer("number")?),
            first_piece,
            presentation_time: Duration::from_micros(record.integer("time")?),
            duration: Duration::from_micros(record.integer("duration")?),
            key_frame: record.integer::<u8>("key")? == 1,
            captured_at: UnixMillis(record.integer("captured")?),
            info,
        })
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torrent::PIECE_LEN;

    fn announcement(first: u32) -> Announcement {
        let broadcast = BroadcastId(5);
        let number = SegmentNumber(40);
        Announcement {
            broadcast,
            number,
            first_piece: PieceIndex(first),
            presentation_time: Duration::from_micros(10_000_001),
            duration: Duration::from_millis(250),
            key_frame: true,
            captured_at: UnixMillis(1_700_000_000_123),
            info: InfoDictionary::of_segment(broadcast, number, &vec![1; PIECE_LEN + 1]),
        }
    }

    #[test]
    fn an_announcement_reads_as_it_was_written() {
        let written = announcement(100);
        assert_eq!(
            Announcement::parse(&written.to_record()),
            Ok(written.clone())
        );
        assert_eq!(written.offset_of(PieceIndex(99)), None);
        assert_eq!(written.offset_of(PieceIndex(101)), Some(1));
        assert_eq!(written.offset_of(PieceIndex(102)), None);
    }

    #[test]
    fn piece_numbers_do_not_run_over() {
        let last = announcement(u32::MAX - 1).to_record();
        assert_eq!(Announcement::parse(&last), Err(RecordError::Range("first")));
    }
}
