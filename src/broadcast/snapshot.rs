//! What the engine shows of itself: plain data, made anew at each change.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use swarm::Details;

use super::{Entry, Listed, ListingState, Moment, Neighbour, Reach, Vital};
use crate::capture::{Devices, Input, Overlay, PreviewFrame, SoundLevel, SourceState};
use crate::recording::Progress;
use crate::router::RouterPort;
use crate::seeder::{Reachability, TrackerStatus};
use crate::segmenter::{Bitrate, Encoding, FoundEncoder};
use crate::texts::Message;

/// The engine's state at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What can be picked now.
    pub devices: Devices,
    /// What is picked.
    pub input: Input,
    /// The second picture over a corner of the first, as last set.
    pub overlay: Overlay,
    /// How it is, or will be, encoded.
    pub encoding: Encoding,
    /// Which encoders this machine has, best first; `None` before [`super::Command::FindEncoders`].
    pub encoders: Option<Arc<[FoundEncoder]>>,
    /// What people are told of the broadcast, as last set.
    pub details: Details,
    /// The most that is sent, all viewers together; `None` for what the connection is found to carry.
    pub upload_limit: Option<Bitrate>,
    /// How viewers beyond this network are, or will be, reached.
    pub reach: Reach,
    /// Whether the hub, if the page is one's, is to list the broadcast.
    pub listed: Listed,
    /// At which port viewers get the page, as chosen; `None` for the usual one.
    pub port: Option<u16>,
    /// Whether silence is sent instead of the picked sound.
    pub muted: bool,
    /// How the picked picture is doing.
    pub video: SourceState,
    /// How the picked sound is doing.
    pub sound: SourceState,
    /// How the overlay is doing, where one is shown.
    pub overlay_state: Option<SourceState>,
    /// How loud the picked sound is, muted or not.
    pub sound_level: SoundLevel,
    /// The newest frame of the picture, scaled down.
    pub preview: Option<Arc<PreviewFrame>>,
    /// Whether it is recorded.
    pub recording: Recording,
    /// Where between idle and live the engine is.
    pub phase: Phase,
    /// What the person should know, most important first.
    pub hints: Vec<Hint>,
    /// What has happened since the program's start, oldest first.
    pub journal: Arc<Vec<Entry>>,
}

/// Where between idle and live the engine is. Only a live one has a link.
#[derive(Clone, Debug)]
pub enum Phase {
    /// Not broadcasting.
    Idle,
    /// Start was pressed; the first segment is not out yet.
    Starting,
    /// Viewers can watch.
    Live(Live),
    /// Stop was pressed; viewers are being told.
    Stopping,
}

/// What is known of a live broadcast.
#[derive(Clone, Debug)]
pub struct Live {
    /// The share link.
    pub link: String,
    /// Where else it is found.
    pub found_at: Arc<FoundAt>,
    /// When it went live.
    pub since: Instant,
    /// Whether viewers have been told to wait.
    pub paused: bool,
    /// People watching.
    pub viewers: usize,
    /// Connected peers.
    pub peers: usize,
    /// Bytes of the stream so far.
    pub stream_bytes: u64,
    /// Bytes sent so far.
    pub uploaded_bytes: u64,
    /// Bytes sent per second, over the last seconds.
    pub upload_per_second: u64,
    /// How many copies of the stream are sent, over the last seconds; `None` before that can be said.
    pub copies: Option<f64>,
    /// The viewers that are connected to the streamer, in the order in which they came.
    pub audience: Vec<Neighbour>,
    /// How it has gone so far, oldest first.
    pub history: Arc<Vec<Moment>>,
    /// Segments so far.
    pub segments: u64,
    /// Frames dropped because the encoder could not keep up.
    pub dropped_frames: u64,
    /// Which encoder is at work, for example `x264`.
    pub encoder: String,
}

/// Where a live broadcast is found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundAt {
    /// The link for this network only, where the share link leads elsewhere.
    pub local_link: Option<String>,
    /// The trackers at which new viewers find it: first the embedded one, then those of the hub and others.
    pub trackers: Vec<TrackerStatus>,
    /// How it stands with the hub's list.
    pub listing: ListingState,
    /// How this machine is seen from outside.
    pub reachability: Reachability,
    /// How it stands with ports on the router, where that is asked for any: the page's first, where it is from here.
    pub router_ports: Vec<RouterPort>,
}

/// Whether the broadcast is recorded, and how that is going.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Recording {
    /// It is not.
    #[default]
    Off,
    /// It will be, into this file, when it begins or at the next key frame.
    Ready(PathBuf),
    /// It would be, but there is a file already: asked for again with [`crate::recording::RecordingOptions::replace`],
    /// that one is replaced.
    InTheWay(PathBuf),
    /// It is, into this file.
    Running(PathBuf, Progress),
    /// The last recording is complete.
    Done(PathBuf),
}

/// Something the person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// How bad it is.
    pub severity: Severity,
    /// Which light it turns on.
    pub about: Option<Vital>,
    /// What happened and what to do next, in plain words.
    pub text: Message,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Viewers notice, or will.
    Warning,
    /// It does not work.
    Error,
}

impl Severity {
    /// One word, for JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Live {
    /// How long it has been live.
    pub fn duration(&self) -> Duration {
        self.since.elapsed()
    }

    /// Which part of what is watched viewers carry, from 0 to 1; `None` while there is nothing to be carried.
    pub fn carried_by_viewers(&self) -> Option<f64> {
        if self.viewers < 2 {
            return None;
        }
        let copies = self.copies?;
        Some((1.0 - copies / self.viewers as f64).clamp(0.0, 1.0))
    }
}
