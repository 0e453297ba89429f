//! What a media segment says of its samples.

use std::time::Duration;

use super::boxes::{Box, Malformed, Reader, boxes, find};
use super::init::{Kind, Track};

/// A box's length and name.
const HEAD_LEN: usize = 8;
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
    pub(in crate::segmenter) end: Duration,
    /// Whether the first sample is a key frame.
    pub(in crate::segmenter) key_frame: bool,
}

/// One track's samples in a media segment, each by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrackRun {
    /// Which of the tracks, counted from 0.
    pub(crate) track: usize,
    /// When the first sample is shown, in the track's units.
    pub(crate) base: u64,
    /// Where bytes of the samples begin, from the segment's begin, and of how many samples: the muxer lays both tracks'
    /// side by side.
    pub(crate) chunks: Vec<(usize, u32)>,
    /// One after the other.
    pub(crate) samples: Vec<Sample>,
}

/// A picture, or a frame of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// In the track's units.
    pub(crate) duration: u32,
    /// In bytes.
    pub(crate) size: u32,
    /// Whether a player can begin with it.
    pub(crate) key_frame: bool,
}

/// The runs of a media segment: a track that has no sample in it has none.
pub(in crate::segmenter) fn runs(segment: &[u8], tracks: &[Track]) -> Result<Vec<Run>, Malformed> {
    let runs = track_runs(segment, tracks)?.into_iter().map(|run| {
        let track = &tracks[run.track];
        let duration: u64 = run
            .samples
            .iter()
            .map(|sample| u64::from(sample.duration))
            .sum();
        Run {
            kind: track.kind,
            begin: scaled(run.base, track.timescale),
            end: scaled(run.base + duration, track.timescale),
            key_frame: run.samples.first().is_some_and(|first| first.key_frame),
        }
    });
    Ok(runs.collect())
}

/// The same, sample by sample.
pub(crate) fn track_runs(segment: &[u8], tracks: &[Track]) -> Result<Vec<TrackRun>, Malformed> {
    let moof = find(segment, "moof")?;
    // Both lie in the same bytes.
    let moof_at = moof.as_ptr().addr() - segment.as_ptr().addr() - HEAD_LEN;
    let mut found = Vec::with_capacity(tracks.len());
    for traf in boxes(moof)?.iter().filter(|child| child.name == *b"traf") {
        found.extend(track_run(traf, tracks, moof_at)?);
    }
    Ok(found)
}

fn track_run(
    traf: &Box<'_>,
    tracks: &[Track],
    moof_at: usize,
) -> Result<Option<TrackRun>, Malformed> {
    let (track, defaults) = header(find(traf.contents, "tfhd")?, tracks)?;
    let mut run = TrackRun {
        track,
        base: base_time(find(traf.contents, "tfdt")?)?,
        chunks: Vec::new(),
        samples: Vec::new(),
    };
    let parts = boxes(traf.contents)?;
    for trun in parts.iter().filter(|part| part.name == *b"trun") {
        run.add(trun.contents, defaults, moof_at)?;
    }
    Ok((!run.samples.is_empty()).then_some(run))
}

/// What samples are when a `trun` does not say.
#[derive(Clone, Copy)]
struct Defaults {
    duration: u32,
    size: u32,
    flags: u32,
}

fn header(tfhd: &[u8], tracks: &[Track]) -> Result<(usize, Defaults), Malformed> {
    let mut reader = Reader::new(tfhd, "tfhd");
    let (_, flags) = reader.version_and_flags()?;
    let id = reader.u32()?;
    let number = tracks
        .iter()
        .position(|track| track.id == id)
        .ok_or(reader.malformed())?;
    let track = &tracks[number];
    // Samples are found from the `moof` on, wherever the segment lies.
    if flags & tfhd::BASE_DATA_OFFSET != 0 {
        return Err(reader.malformed());
    }
    if flags & tfhd::DESCRIPTION != 0 {
        reader.u32()?;
    }
    let mut defaults = Defaults {
        duration: track.default_duration,
        size: track.default_size,
        flags: track.default_flags,
    };
    if flags & tfhd::DURATION != 0 {
        defaults.duration = reader.u32()?;
    }
    if flags & tfhd::SIZE != 0 {
        defaults.size = reader.u32()?;
    }
    if flags & tfhd::FLAGS != 0 {
        defaults.flags = reader.u32()?;
    }
    Ok((number, defaults))
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

impl TrackRun {
    fn add(&mut self, trun: &[u8], defaults: Defaults, moof_at: usize) -> Result<(), Malformed> {
        let mut reader = Reader::new(trun, "trun");
        let (_, flags) = reader.version_and_flags()?;
        let samples = reader.u32()?;
        // Without it, they would lie behind those of the run before.
        if flags & trun::DATA_OFFSET == 0 {
            return Err(reader.malformed());
        }
        let offset = moof_at + reader.u32()? as usize;
        self.chunks.push((offset, samples));
        let mut first_flags = None;
        if flags & trun::FIRST_FLAGS != 0 {
            first_flags = Some(reader.u32()?);
        }
        for _ in 0..samples {
            let mut sample = Sample {
                duration: defaults.duration,
                size: defaults.size,
                key_frame: false,
            };
            let mut sample_flags = first_flags.take().unwrap_or(defaults.flags);
            if flags & trun::DURATION != 0 {
                sample.duration = reader.u32()?;
            }
            if flags & trun::SIZE != 0 {
                sample.size = reader.u32()?;
            }
            if flags & trun::FLAGS != 0 {
                sample_flags = reader.u32()?;
            }
            if flags & trun::COMPOSITION != 0 {
                reader.u32()?;
            }
            sample.key_frame = sample_flags & NOT_SYNC == 0;
            self.samples.push(sample);
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
