//! What a media segment says of its samples.

use std::time::Duration;

use super::boxes::{Box, Malformed, Reader, boxes, find};
use super::init::{Kind, Track};

/// `sample_is_non_sync_sample`.
const NOT_SYNC: u32 = 0x1_0000;

mod tfhd {
    pub(super) const BASE_DATA_OFFSET: u32 = 0x1;
    pub(super) const DESCRIPTION: u32 = 0x2;
    pub(super) const DURATION: u32 = 0x8;
    pub(super) const SIZE: u32 = 0x10;
    pub(super) const FLAGS: u32 = 0x20;
}

mod trun {
    pub(super) const DATA_OFFSET: u32 = 0x1;
    pub(super) const FIRST_FLAGS: u32 = 0x4;
    pub(super) const DURATION: u32 = 0x100;
    pub(super) const SIZE: u32 = 0x200;
    pub(super) const FLAGS: u32 = 0x400;
    pub(super) const COMPOSITION: u32 = 0x800;
}

/// One track's samples in a media segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::segmenter) struct Run {
    pub(in crate::segmenter) kind: Kind,
    /// When the first sample is decoded, which is when it is shown.
    pub(in crate::segmenter) begin: Duration,
    /// When the last sample is.
    pub(in crate::segmenter) last: Duration,
    pub(in crate::segmenter) end: Duration,
    /// Whether the first sample is a key frame.
    pub(in crate::segmenter) key_frame: bool,
}

/// The runs of a media segment: a track that has no sample in it has none.
pub(in crate::segmenter) fn runs(segment: &[u8], tracks: &[Track]) -> Result<Vec<Run>, Malformed> {
    let moof = find(segment, "moof")?;
    let mut found = Vec::with_capacity(tracks.len());
    for traf in boxes(moof)?.iter().filter(|child| child.name == *b"traf") {
        let counted = count(traf, tracks)?;
        found.extend(counted);
    }
    Ok(found)
}

/// Samples counted in the track's own units.
struct Count {
    samples: u32,
    duration: u64,
    last: u64,
    first_flags: u32,
}

fn count(traf: &Box<'_>, tracks: &[Track]) -> Result<Option<Run>, Malformed> {
    let parts = boxes(traf.contents)?;
    let (track, defaults) = header(find(traf.contents, "tfhd")?, tracks)?;
    let base = base_time(find(traf.contents, "tfdt")?)?;
    let mut count = Count {
        samples: 0,
        duration: 0,
        last: 0,
        first_flags: 0,
    };
    for trun in parts.iter().filter(|part| part.name == *b"trun") {
        count.add(trun.contents, defaults)?;
    }
    if count.samples == 0 {
        return Ok(None);
    }
    let at = |units: u64| scaled(units, track.timescale);
    Ok(Some(Run {
        kind: track.kind,
        begin: at(base),
        last: at(base + count.last),
        end: at(base + count.duration),
        key_frame: count.first_flags & NOT_SYNC == 0,
    }))
}

/// What samples are when a `trun` does not say.
#[derive(Clone, Copy)]
struct Defaults {
    duration: u32,
    flags: u32,
}

fn header<'a>(tfhd: &[u8], tracks: &'a [Track]) -> Result<(&'a Track, Defaults), Malformed> {
    let mut reader = Reader::new(tfhd, "tfhd");
    let (_, flags) = reader.version_and_flags()?;
    let id = reader.u32()?;
    let track = tracks
        .iter()
        .find(|track| track.id == id)
        .ok_or(reader.malformed())?;
    if flags & tfhd::BASE_DATA_OFFSET != 0 {
        reader.u64()?;
    }
    if flags & tfhd::DESCRIPTION != 0 {
        reader.u32()?;
    }
    let mut defaults = Defaults {
        duration: track.default_duration,
        flags: track.default_flags,
    };
    if flags & tfhd::DURATION != 0 {
        defaults.duration = reader.u32()?;
    }
    if flags & tfhd::SIZE != 0 {
        reader.u32()?;
    }
    if flags & tfhd::FLAGS != 0 {
        defaults.flags = reader.u32()?;
    }
    Ok((track, defaults))
}

fn base_time(tfdt: &[u8]) -> Result<u64, Malformed> {
    let mut reader = Reader::new(tfdt, "tfdt");
    let (version, _) = reader.version_and_flags()?;
    if version == 1 {
        reader.u64()
    } else {
        reader.u32().map(u64::from)
    }
}

impl Count {
    fn add(&mut self, trun: &[u8], defaults: Defaults) -> Result<(), Malformed> {
        let mut reader = Reader::new(trun, "trun");
        let (_, flags) = reader.version_and_flags()?;
        let samples = reader.u32()?;
        if flags & trun::DATA_OFFSET != 0 {
            reader.u32()?;
        }
        let mut first_flags = None;
        if flags & trun::FIRST_FLAGS != 0 {
            first_flags = Some(reader.u32()?);
        }
        for _ in 0..samples {
            let mut duration = defaults.duration;
            let mut sample_flags = first_flags.take().unwrap_or(defaults.flags);
            if flags & trun::DURATION != 0 {
                duration = reader.u32()?;
            }
            if flags & trun::SIZE != 0 {
                reader.u32()?;
            }
            if flags & trun::FLAGS != 0 {
                sample_flags = reader.u32()?;
            }
            if flags & trun::COMPOSITION != 0 {
                reader.u32()?;
            }
            if self.samples == 0 {
                self.first_flags = sample_flags;
            }
            self.samples += 1;
            self.last = self.duration;
            self.duration += u64::from(duration);
        }
        Ok(())
    }
}

/// Rounded up, so that the moment does not lie in the unit before.
fn scaled(units: u64, timescale: u32) -> Duration {
    let timescale = u64::from(timescale);
    Duration::from_secs(units / timescale)
        + Duration::from_nanos(((units % timescale) * 1_000_000_000).div_ceil(timescale))
}
