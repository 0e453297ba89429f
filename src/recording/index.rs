//! Where each sample is in the file, and the `moov` that says so at the end.

use super::tables::{Durations, boxed, chunk_offsets, key_frames, sizes, with_duration};
use crate::segmenter::fragments::{
    Kind, Malformed, Reader, Track, TrackRun, boxes, find, track_runs, tracks,
};

/// What has been written so far.
pub(super) struct Index {
    /// The contents of the init segment's `moov`.
    moov: Vec<u8>,
    tracks: Vec<Track>,
    tables: Vec<Table>,
}

/// One track's samples.
#[derive(Default)]
struct Table {
    sizes: Vec<u32>,
    durations: Durations,
    /// Numbers of key frames, from 1.
    key_frames: Vec<u32>,
    /// Where each run of samples begins, and how many samples it has.
    chunks: Vec<(u64, u32)>,
    /// When the first sample is shown, in the track's own units.
    begin: u64,
    /// When the last one ends.
    end: u64,
}

impl Table {
    fn add(&mut self, run: &TrackRun, segment_at: u64) {
        if self.sizes.is_empty() {
            self.begin = run.base;
            self.end = run.base;
        }
        // A segment that was not recorded: the sample before it stays for as long.
        self.durations
            .extend_last(run.base.saturating_sub(self.end));
        self.end = self.end.max(run.base);
        for sample in &run.samples {
            self.sizes.push(sample.size);
            self.durations.push(sample.duration);
            self.end += u64::from(sample.duration);
            if sample.key_frame {
                self.key_frames.push(count(&self.sizes));
            }
        }
        for (offset, samples) in &run.chunks {
            self.chunks.push((segment_at + *offset as u64, *samples));
        }
    }

    /// How long it plays, in the track's own units.
    fn duration(&self) -> u64 {
        self.end - self.begin
    }

    /// `stbl`, with the `stsd` of the init segment.
    fn boxed(&self, stsd: &[u8], kind: Kind) -> Vec<u8> {
        let mut contents = vec![boxed(*b"stsd", stsd), self.durations.boxed()];
        // Each of sound's samples can be begun with, which goes without saying.
        if kind == Kind::Video {
            contents.push(key_frames(&self.key_frames));
        }
        contents.extend(chunk_offsets(&self.chunks));
        contents.push(sizes(&self.sizes));
        boxed(*b"stbl", &contents.concat())
    }
}

/// 2^32 samples are two years of video.
fn count<T>(items: &[T]) -> u32 {
    items.len() as u32
}

impl Index {
    pub(super) fn new(init: &[u8]) -> Result<Self, Malformed> {
        let tracks = tracks(init)?;
        Ok(Self {
            moov: find(init, "moov")?.to_vec(),
            tables: tracks.iter().map(|_| Table::default()).collect(),
            tracks,
        })
    }

    /// Takes note of a segment that begins there in the file.
    pub(super) fn add(&mut self, segment: &[u8], at: u64) -> Result<(), Malformed> {
        for run in track_runs(segment, &self.tracks)? {
            self.tables[run.track].add(&run, at);
        }
        Ok(())
    }

    /// The `moov` of a plain file; `None` where there is nothing to play.
    pub(super) fn moov(&self) -> Result<Option<Vec<u8>>, Malformed> {
        if self.tables.iter().all(|table| table.sizes.is_empty()) {
            return Ok(None);
        }
        let movie = timescale(find(&self.moov, "mvhd")?)?;
        let seconds =
            |units: u64, index: usize| units as f64 / f64::from(self.tracks[index].timescale());
        let longest = self
            .tables
            .iter()
            .enumerate()
            .map(|(index, table)| seconds(table.duration(), index))
            .fold(0.0, f64::max);
        let in_movie = |seconds: f64| (seconds * f64::from(movie)) as u64;
        let mut contents = Vec::new();
        let mut number = 0;
        for child in boxes(&self.moov)? {
            match &child.name {
                b"mvhd" => contents.push(with_duration(child, in_movie(longest))?),
                b"trak" => {
                    let duration = in_movie(seconds(self.tables[number].duration(), number));
                    contents.push(self.trak(number, child.contents, duration)?);
                    number += 1;
                }
                // There are no fragments any more.
                b"mvex" => {}
                _ => contents.push(boxed(child.name, child.contents)),
            }
        }
        Ok(Some(boxed(*b"moov", &contents.concat())))
    }

    fn trak(&self, number: usize, trak: &[u8], duration: u64) -> Result<Vec<u8>, Malformed> {
        let mut contents = Vec::new();
        for child in boxes(trak)? {
            contents.push(match &child.name {
                b"tkhd" => with_duration(child, duration)?,
                b"mdia" => self.mdia(number, child.contents)?,
                _ => boxed(child.name, child.contents),
            });
        }
        Ok(boxed(*b"trak", &contents.concat()))
    }

    fn mdia(&self, number: usize, mdia: &[u8]) -> Result<Vec<u8>, Malformed> {
        let table = &self.tables[number];
        let mut contents = Vec::new();
        for child in boxes(mdia)? {
            contents.push(match &child.name {
                b"mdhd" => with_duration(child, table.duration())?,
                b"minf" => {
                    let mut inside = Vec::new();
                    for child in boxes(child.contents)? {
                        inside.push(match &child.name {
                            b"stbl" => {
                                let stsd = find(child.contents, "stsd")?;
                                table.boxed(stsd, self.tracks[number].kind())
                            }
                            _ => boxed(child.name, child.contents),
                        });
                    }
                    boxed(*b"minf", &inside.concat())
                }
                _ => boxed(child.name, child.contents),
            });
        }
        Ok(boxed(*b"mdia", &contents.concat()))
    }
}

/// The units of an `mvhd` in a second.
fn timescale(mvhd: &[u8]) -> Result<u32, Malformed> {
    let mut reader = Reader::new(mvhd, "mvhd");
    let (version, _) = reader.version_and_flags()?;
    reader.take(if version == 1 { 16 } else { 8 })?;
    reader.u32()
}
