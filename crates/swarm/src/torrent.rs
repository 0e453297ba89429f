//! A segment as a torrent (BEP 3): 16 KiB pieces, their SHA-1 hashes, the info dictionary and its info-hash.

use bytes::Bytes;
use sha1::{Digest, Sha1};

use crate::checks::{Checks, Genuine};
use crate::record::{Record, RecordError, RecordWriter};
use crate::{BroadcastId, InfoHash, SegmentNumber};

/// Bytes in each piece but a segment's last. Also the block size that every BitTorrent client requests (BEP 3), so
/// that a piece is one request and one message.
pub const PIECE_LEN: usize = 16 * 1024;

/// The most bytes in a segment: 16 MiB are 64 Mbit/s in segments of 2 s, far above every preset.
pub const MAX_SEGMENT_LEN: usize = 16 * 1024 * 1024;

const HASH_LEN: usize = 20;
/// A name is ours to choose; 128 characters hold it many times over.
const MAX_NAME_CHARS: usize = 128;

/// A segment's info dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfoDictionary {
    bytes: Bytes,
    info_hash: InfoHash,
    length: usize,
    piece_hashes: Vec<[u8; HASH_LEN]>,
}

impl InfoDictionary {
    /// Hashes a segment's bytes.
    pub fn of_segment(broadcast: BroadcastId, number: SegmentNumber, segment: &[u8]) -> Self {
        Self::hashed_by(&Genuine, broadcast, number, segment)
    }

    /// The same with another hash for the pieces.
    pub(crate) fn hashed_by(
        checks: &dyn Checks,
        broadcast: BroadcastId,
        number: SegmentNumber,
        segment: &[u8],
    ) -> Self {
        let pieces = segment.chunks(PIECE_LEN);
        let hashes: Vec<[u8; HASH_LEN]> = pieces.map(|piece| checks.hash(piece)).collect();
        let bytes = RecordWriter::default()
            .integer("length", segment.len() as u64)
            .bytes("name", segment_name(broadcast, number))
            .integer("piece length", PIECE_LEN as u64)
            .bytes("pieces", hashes.concat())
            .finish();
        Self {
            info_hash: InfoHash(sha1(&bytes)),
            bytes: bytes.into(),
            length: segment.len(),
            piece_hashes: hashes,
        }
    }

    /// Reads a bencoded info dictionary of a segment.
    ///
    /// # Errors
    ///
    /// When it is not one in canonical form, has another piece length, or is empty or too long.
    pub fn parse(bytes: Bytes) -> Result<Self, RecordError> {
        let mut record = Record::parse(&bytes)?;
        record.text("name", MAX_NAME_CHARS)?;
        let length = record.integer::<usize>("length")?;
        if length == 0 || length > MAX_SEGMENT_LEN {
            return Err(RecordError::Range("length"));
        }
        if record.integer::<usize>("piece length")? != PIECE_LEN {
            return Err(RecordError::Range("piece length"));
        }
        let hashes = record.bytes("pieces")?;
        let (hashes, rest) = hashes.as_chunks::<HASH_LEN>();
        if !rest.is_empty() || hashes.len() != length.div_ceil(PIECE_LEN) {
            return Err(RecordError::Range("pieces"));
        }
        Ok(Self {
            info_hash: InfoHash(sha1(&bytes)),
            piece_hashes: hashes.to_vec(),
            length,
            bytes,
        })
    }

    /// The dictionary as it is hashed and sent.
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// SHA-1 of the dictionary: the segment's name as a torrent.
    pub fn info_hash(&self) -> InfoHash {
        self.info_hash
    }

    /// Bytes in the segment.
    pub fn segment_len(&self) -> usize {
        self.length
    }

    /// How many pieces the segment has, at least 1.
    pub fn piece_count(&self) -> usize {
        self.piece_hashes.len()
    }

    /// Bytes in piece `index` of this segment.
    pub fn piece_len(&self, index: usize) -> usize {
        PIECE_LEN.min(self.length.saturating_sub(index * PIECE_LEN))
    }

    /// Whether `piece` is piece `index` of this segment.
    pub fn verifies(&self, index: usize, piece: &[u8]) -> bool {
        self.verified_by(&Genuine, index, piece)
    }

    pub(crate) fn verified_by(&self, checks: &dyn Checks, index: usize, piece: &[u8]) -> bool {
        let fits = |hash: &[u8; HASH_LEN]| {
            piece.len() == self.piece_len(index) && checks.hash(piece) == *hash
        };
        self.piece_hashes.get(index).is_some_and(fits)
    }
}

/// The file's name when a stock client downloads the segment.
fn segment_name(broadcast: BroadcastId, number: SegmentNumber) -> String {
    format!("live-{broadcast}-{}.m4s", number.0)
}

fn sha1(bytes: &[u8]) -> [u8; HASH_LEN] {
    Sha1::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn info(segment: &[u8]) -> InfoDictionary {
        InfoDictionary::of_segment(BroadcastId(1), SegmentNumber(2), segment)
    }

    #[test]
    fn the_last_piece_is_the_rest() {
        let info = info(&vec![9; 2 * PIECE_LEN + 5]);
        assert_eq!(info.piece_count(), 3);
        assert_eq!(info.piece_len(1), PIECE_LEN);
        assert_eq!(info.piece_len(2), 5);
        assert!(info.verifies(2, &[9; 5]));
        assert!(!info.verifies(2, &[9; 6]));
        assert!(!info.verifies(3, &[9; 5]));
    }

    #[test]
    fn a_dictionary_that_does_not_add_up_is_refused() {
        let good = info(&[1; 100]).as_bytes().to_vec();
        for (from, to) in [
            ("6:lengthi100e", "6:lengthi0e"),
            ("6:lengthi100e", "6:lengthi16385e"),
            ("6:lengthi100e", "6:lengthi99999999e"),
            ("lengthi16384e", "lengthi32768e"),
        ] {
            let at = good
                .windows(from.len())
                .position(|part| part == from.as_bytes())
                .unwrap();
            let mut bad = good.clone();
            bad.splice(at..at + from.len(), to.bytes());
            assert!(InfoDictionary::parse(bad.into()).is_err(), "{to}");
        }
    }

    proptest! {
        #[test]
        fn a_dictionary_reads_as_it_was_made(segment in prop::collection::vec(any::<u8>(), 1..40_000)) {
            let made = info(&segment);
            prop_assert_eq!(InfoDictionary::parse(made.as_bytes().clone()), Ok(made.clone()));
            for (index, piece) in segment.chunks(PIECE_LEN).enumerate() {
                prop_assert!(made.verifies(index, piece));
            }
        }
    }
}
