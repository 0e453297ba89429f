//! Recording: the segments that viewers get, written into one MP4 file. Nothing is encoded a second time.
//!
//! While it is recorded the file is fragmented, so that it plays after a crash; at the end it becomes a plain MP4 that any
//! player seeks in (`file` says how). A thread of its own writes, so that a slow disk holds up nothing else, and ends
//! the recording, never the broadcast, when something is wrong.
//!
//! Not here: when to record (`broadcast`).

mod disk;
mod file;
mod index;
mod tables;

use std::io;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::segmenter::fragments::Malformed;
use crate::segmenter::{InitSegment, MediaSegment};
use file::RecordingFile;

/// Segments that wait for the disk: 16 s of those of 250 ms. A disk that is slower than that for so long stays slower.
const QUEUE: usize = 64;
/// Disk space that is left to others. Chosen: what a desktop needs to go on working.
const RESERVE: u64 = 500_000_000;

/// Where and how to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingOptions {
    /// The file.
    pub path: PathBuf,
    /// Whether a file that is there already may be replaced.
    pub replace: bool,
    /// How many bytes of the disk are left to others: when fewer are free, the recording ends.
    pub reserve: u64,
}

impl RecordingOptions {
    /// Into a new file.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            replace: false,
            reserve: RESERVE,
        }
    }

    /// Whether a file is in the way.
    pub fn is_in_the_way(&self) -> bool {
        !self.replace && self.path.exists()
    }
}

/// Why a recording did not begin, or ended early.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// There is a file of that name.
    #[error("{} exists already; choose another name, or allow it to be replaced", .0.display())]
    Exists(PathBuf),
    /// It cannot be made or written.
    #[error("{} cannot be written: {source}; what was recorded so far is there", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The disk is nearly full.
    #[error("only {} MB are free on the disk of {}; what was recorded so far is there. Make room, then record again", .free / 1_000_000, .path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// Free bytes.
        free: u64,
    },
    /// The disk is too slow.
    #[error("the disk of {} is too slow for this quality; what was recorded so far is there", .0.display())]
    TooSlow(PathBuf),
    /// Our own segments cannot be read back.
    #[error("a segment cannot be recorded, its {0} cannot be read; report this as a bug")]
    Segment(&'static str),
    /// No thread can be started.
    #[error("recording cannot begin: {0}")]
    Thread(io::Error),
}

impl From<Malformed> for RecordingError {
    fn from(Malformed(what): Malformed) -> Self {
        Self::Segment(what)
    }
}

/// How a recording is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The file's size.
    pub bytes: u64,
    /// How long it plays.
    pub duration: Duration,
    /// Bytes that it may still grow by; `None` where the system does not say.
    pub room: Option<u64>,
}

impl Progress {
    /// How much longer it may go on, if it goes on as it has.
    pub fn time_left(&self) -> Option<Duration> {
        if self.bytes == 0 || self.duration.is_zero() {
            return None;
        }
        let bytes_per_second = self.bytes as f64 / self.duration.as_secs_f64();
        Duration::try_from_secs_f64(self.room? as f64 / bytes_per_second).ok()
    }
}

/// A recording that is going on. Dropped, it is completed in the background.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    segments: mpsc::Sender<MediaSegment>,
    progress: watch::Receiver<Progress>,
    writing: JoinHandle<Result<(), RecordingError>>,
}

impl Recorder {
    /// Begins a file. What goes wrong with it is said when it is given segments, or finished.
    ///
    /// # Errors
    ///
    /// When there can be no thread.
    pub fn start(options: RecordingOptions, init: InitSegment) -> Result<Self, RecordingError> {
        let (segments, receiver) = mpsc::channel(QUEUE);
        let (sender, progress) = watch::channel(Progress::default());
        let path = options.path.clone();
        let writing = std::thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || write(&options, &init, receiver, &sender))
            .map_err(RecordingError::Thread)?;
        Ok(Self {
            path,
            segments,
            progress,
            writing,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it is doing.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Records the next segment; the first must begin with a key frame. `false` when the recording has ended by itself:
    /// [`Self::finish`] says why.
    pub fn record(&self, segment: MediaSegment) -> bool {
        self.segments.try_send(segment).is_ok()
    }

    /// Completes the file; takes as long as the disk does.
    ///
    /// # Errors
    ///
    /// When the recording ended by itself, or cannot be completed.
    pub fn finish(self) -> Result<(), RecordingError> {
        drop(self.segments);
        match self.writing.join() {
            Ok(written) => written,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Says why it takes no more segments. A file whose disk is too slow is completed in the background.
    ///
    /// # Errors
    ///
    /// Always, as there is a reason.
    pub fn give_up(self) -> Result<(), RecordingError> {
        if self.segments.is_closed() {
            self.finish()
        } else {
            Err(RecordingError::TooSlow(self.path))
        }
    }
}

/// The thread.
fn write(
    options: &RecordingOptions,
    init: &InitSegment,
    mut segments: mpsc::Receiver<MediaSegment>,
    progress: &watch::Sender<Progress>,
) -> Result<(), RecordingError> {
    let mut file = RecordingFile::create(options, &init.bytes)?;
    let ended = loop {
        let Some(segment) = segments.blocking_recv() else {
            break Ok(());
        };
        let free = disk::free(&options.path);
        let needed = options.reserve.saturating_add(segment.bytes.len() as u64);
        if let Some(free) = free.filter(|free| *free < needed) {
            let path = options.path.clone();
            break Err(RecordingError::Full { path, free });
        }
        if let Err(error) = file.append(&segment.bytes) {
            break Err(error);
        }
        progress.send_modify(|progress| {
            progress.bytes = file.len();
            progress.duration += segment.duration;
            progress.room = free.map(|free| free - needed);
        });
    };
    // What is there is made whole in any case; the first thing that went wrong is what is told.
    let finished = file.finish();
    ended.and(finished)
}
