//! What the viewer and the relay are told.

use std::path::PathBuf;
use std::time::Duration;

use crate::seeder::NetworkOptions;
use crate::segmenter::Bitrate;

/// What the viewer is told.
#[derive(Clone, Debug, Default)]
pub struct WatchOptions {
    /// The share link, as the streamer copied it.
    pub link: String,
    /// Where the stream goes.
    pub output: OutputTarget,
    /// How long to watch at most.
    pub duration: Option<Duration>,
    /// Whether to wait for the next broadcast when one ends.
    pub keep: bool,
    /// How to say what happens.
    pub report: ReportFormat,
    /// From where peers are reached.
    pub network: NetworkOptions,
}

/// What the relay is told.
#[derive(Clone, Debug, Default)]
pub struct RelayOptions {
    /// The share link, as the streamer copied it.
    pub link: String,
    /// The most that is sent, all viewers together; `None` for what the path carries.
    pub upload_limit: Option<Bitrate>,
    /// How long to help at most.
    pub duration: Option<Duration>,
    /// How to say what happens.
    pub report: ReportFormat,
    /// From where peers are reached.
    pub network: NetworkOptions,
}

/// Where the stream goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OutputTarget {
    /// Nowhere: it is watched for its figures.
    #[default]
    Nowhere,
    /// Standard output, for a player. What is said then goes to standard error.
    StandardOutput,
    /// A file, which is begun anew.
    File(PathBuf),
}

impl OutputTarget {
    /// As on the command line: `-` is standard output, anything else a file.
    pub fn from_argument(argument: &str) -> Self {
        match argument {
            "-" => Self::StandardOutput,
            path => Self::File(path.into()),
        }
    }
}

/// How to say what happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportFormat {
    /// Not at all.
    #[default]
    Silent,
    /// In words, to standard error.
    Words,
    /// One JSON object a line.
    Json,
}
