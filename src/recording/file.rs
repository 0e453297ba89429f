//! The file, which is a whole one at each moment.
//!
//! ```text
//! while recording    ftyp  free  moov(mvex)  moof mdat  moof mdat  …
//! at the end         ftyp  mdat ─────────────────────────────────┐ moov
//!                          └ all that was written, as it stands ─┘
//! ```
//!
//! The index of all samples is written behind everything; then one write of 16 bytes turns `free` into the head of an
//! `mdat` that holds the fragments, and the file is a plain one. A crash before that write leaves a fragmented file, one
//! after it a plain one, and a long recording takes no second copy.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::index::Index;
use super::tables::boxed;
use super::{RecordingError, RecordingOptions};
use crate::segmenter::fragments::find;

/// The head of an `mdat` whose length takes 8 bytes.
const HEAD_LEN: u64 = 16;
/// ISO/IEC 14496-12 as far as it is used here, fragmented (`iso6`) and not.
const BRANDS: &[u8] = b"isom\0\0\x02\0isomiso2iso6avc1mp41";

/// A file being recorded.
pub(super) struct RecordingFile {
    path: PathBuf,
    file: File,
    index: Index,
    /// Where `free` is, and later `mdat`.
    head: u64,
    /// Up to here it is whole.
    end: u64,
}

impl RecordingFile {
    pub(super) fn create(options: &RecordingOptions, init: &[u8]) -> Result<Self, RecordingError> {
        let moov = find(init, "moov")?;
        let index = Index::new(init)?;
        let path = options.path.clone();
        let opened = OpenOptions::new()
            .write(true)
            .create_new(!options.replace)
            .create(true)
            .truncate(options.replace)
            .open(&path);
        let file = opened.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => RecordingError::Exists(path.clone()),
            _ => RecordingError::Write {
                path: path.clone(),
                source,
            },
        })?;
        let brands = boxed(*b"ftyp", BRANDS);
        let mut recording = Self {
            head: brands.len() as u64,
            path,
            file,
            index,
            end: 0,
        };
        let free = boxed(*b"free", &[0; HEAD_LEN as usize - 8]);
        recording.write(&[brands, free, boxed(*b"moov", moov)].concat())?;
        Ok(recording)
    }

    /// Adds a segment.
    pub(super) fn append(&mut self, segment: &[u8]) -> Result<(), RecordingError> {
        let at = self.end;
        self.index.add(segment, at)?;
        self.write(segment)
    }

    pub(super) fn len(&self) -> u64 {
        self.end
    }

    /// Makes it a plain MP4.
    pub(super) fn finish(mut self) -> Result<(), RecordingError> {
        let media_end = self.end;
        let Some(moov) = self.index.moov()? else {
            return Ok(());
        };
        self.write(&moov)?;
        self.make_plain(media_end)
            .map_err(|source| self.failed(source))
    }

    fn make_plain(&mut self, media_end: u64) -> io::Result<()> {
        // The index must be on the disk before anything relies on it.
        self.file.sync_data()?;
        let mut head = [0; HEAD_LEN as usize];
        head[..4].copy_from_slice(&1_u32.to_be_bytes());
        head[4..8].copy_from_slice(b"mdat");
        head[8..].copy_from_slice(&(media_end - self.head).to_be_bytes());
        self.file.seek(SeekFrom::Start(self.head))?;
        self.file.write_all(&head)?;
        self.file.sync_data()
    }

    /// All of `bytes`, or nothing.
    fn write(&mut self, bytes: &[u8]) -> Result<(), RecordingError> {
        match self.file.write_all(bytes) {
            Ok(()) => {
                self.end += bytes.len() as u64;
                Ok(())
            }
            Err(source) => {
                // Players forgive a torn end too; if this fails as well, the first error is what matters.
                let _ = self.file.set_len(self.end);
                let _ = self.file.seek(SeekFrom::Start(self.end));
                Err(self.failed(source))
            }
        }
    }

    fn failed(&self, source: io::Error) -> RecordingError {
        RecordingError::Write {
            path: self.path.clone(),
            source,
        }
    }
}
