//! The boxes of ISO/IEC 14496-12 that a plain file has and a fragmented one has not.

use crate::segmenter::fragments::{Box, Malformed, Reader};

/// A box with these contents.
pub(super) fn boxed(name: [u8; 4], contents: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(contents.len() + 8);
    // An index of 4 GiB would be that of some centuries.
    bytes.extend((contents.len() as u32 + 8).to_be_bytes());
    bytes.extend(name);
    bytes.extend(contents);
    bytes
}

/// A full box (version and flags 0) of a table: the number of rows, then the rows.
fn table(name: [u8; 4], rows: usize, bytes: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let mut contents = vec![0; 4];
    contents.extend((rows as u32).to_be_bytes());
    contents.extend(bytes);
    boxed(name, &contents)
}

/// How long samples are shown, as runs of equal ones.
#[derive(Default)]
pub(super) struct Durations(Vec<(u32, u32)>);

impl Durations {
    pub(super) fn push(&mut self, duration: u32) {
        match self.0.last_mut() {
            Some((count, of)) if *of == duration => *count += 1,
            _ => self.0.push((1, duration)),
        }
    }

    /// The last sample is shown longer.
    pub(super) fn extend_last(&mut self, by: u64) {
        if by == 0 {
            return;
        }
        let Some((count, duration)) = self.0.last_mut() else {
            return;
        };
        let longer = u64::from(*duration).saturating_add(by);
        *count -= 1;
        if *count == 0 {
            self.0.pop();
        }
        self.push(u32::try_from(longer).unwrap_or(u32::MAX));
    }

    /// `stts`.
    pub(super) fn boxed(&self) -> Vec<u8> {
        let rows = self.0.iter();
        let rows = rows.flat_map(|(count, duration)| [*count, *duration]);
        table(*b"stts", self.0.len(), rows.flat_map(u32::to_be_bytes))
    }
}

/// `stss`: which samples are key frames, counted from 1.
pub(super) fn key_frames(numbers: &[u32]) -> Vec<u8> {
    let rows = numbers.iter().flat_map(|number| number.to_be_bytes());
    table(*b"stss", numbers.len(), rows)
}

/// `stsc` and `co64`: how many samples lie together, and where.
pub(super) fn chunk_offsets(chunks: &[(u64, u32)]) -> [Vec<u8>; 2] {
    let mut runs: Vec<[u32; 3]> = Vec::new();
    for (number, (_, samples)) in (1..).zip(chunks) {
        if runs.last().is_none_or(|[_, of, _]| of != samples) {
            // All samples are described by the first and only entry of `stsd`.
            runs.push([number, *samples, 1]);
        }
    }
    let rows = runs
        .iter()
        .flatten()
        .flat_map(|number| number.to_be_bytes());
    let offsets = chunks.iter().flat_map(|(at, _)| at.to_be_bytes());
    [
        table(*b"stsc", runs.len(), rows),
        table(*b"co64", chunks.len(), offsets),
    ]
}

/// `stsz`: how many bytes each sample has.
pub(super) fn sizes(sizes: &[u32]) -> Vec<u8> {
    // Four more bytes of head: no size that all of them have.
    let mut contents = vec![0; 8];
    contents.extend((sizes.len() as u32).to_be_bytes());
    contents.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    boxed(*b"stsz", &contents)
}

/// An `mvhd`, `tkhd` or `mdhd` with that duration, in version 1, whose durations have 8 bytes: 32 bits of sound's units
/// are a day.
pub(super) fn with_duration(head: Box<'_>, duration: u64) -> Result<Vec<u8>, Malformed> {
    let mut reader = Reader::new(head.contents, "a header");
    let (version, flags) = reader.version_and_flags()?;
    let wide = |reader: &mut Reader<'_>| {
        if version == 1 {
            reader.u64()
        } else {
            reader.u32().map(u64::from)
        }
    };
    let mut contents = (flags | 1 << 24).to_be_bytes().to_vec();
    let (created, changed) = (wide(&mut reader)?, wide(&mut reader)?);
    contents.extend(created.to_be_bytes());
    contents.extend(changed.to_be_bytes());
    // A track's number and a reserved field, or else units in a second.
    let between = if head.name == *b"tkhd" { 8 } else { 4 };
    contents.extend(reader.take(between)?);
    wide(&mut reader)?;
    contents.extend(duration.to_be_bytes());
    contents.extend(reader.rest());
    Ok(boxed(head.name, &contents))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_runs() {
        let mut durations = Durations::default();
        for duration in [512, 512, 512, 500] {
            durations.push(duration);
        }
        durations.extend_last(12);
        durations.extend_last(0);
        assert_eq!(durations.0, [(4, 512)]);
        durations.extend_last(1000);
        assert_eq!(durations.0, [(3, 512), (1, 1512)]);
    }

    #[test]
    fn chunks_of_as_many_samples_share_a_row() {
        let [stsc, co64] = chunk_offsets(&[(100, 8), (200, 8), (300, 7)]);
        assert_eq!(stsc.len(), 16 + 2 * 12);
        assert_eq!(co64.len(), 16 + 3 * 8);
    }

    #[test]
    fn a_header_keeps_all_but_its_duration() {
        let mut mdhd = vec![0; 4];
        for field in [1_u32, 2, 48_000, 7] {
            mdhd.extend(field.to_be_bytes());
        }
        mdhd.extend(*b"rest");
        let head = Box {
            name: *b"mdhd",
            contents: &mdhd,
        };
        let bytes = with_duration(head, 1 << 40).unwrap();
        let mut expected = vec![1, 0, 0, 0];
        for field in [1_u64, 2] {
            expected.extend(field.to_be_bytes());
        }
        expected.extend(48_000_u32.to_be_bytes());
        expected.extend((1_u64 << 40).to_be_bytes());
        expected.extend(*b"rest");
        assert_eq!(bytes, boxed(*b"mdhd", &expected));
    }
}
