//! The native viewer: joins a channel by its link, writes the verified stream, and says how well it arrives.
//!
//! ```text
//! swarm::Swarm ─ seeder::Driver ─ Playback ─> run ─ bytes ─> output (file, or standard output for a player)
//!                                              └── report (JSON lines, or words for a person)
//! ```
//!
//! A relay ([`relay`]) is the same viewer with nobody behind it: it writes nothing and passes on what it can.
//!
//! Not here: decoding. What is written is the fragmented MP4 that the streamer made, for `mpv -` or a file.

mod delay;
mod options;
mod output;
mod playout;
mod relaying;
mod report;
mod watching;

use std::time::Duration;

use swarm::{Config, LinkError, ShareLink, Swarm};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::seeder::{Driver, SharedPortError, TrackerPart, fresh_identity};
use crate::segmenter::Bitrate;
use output::Output;
use relaying::Relaying;
use report::Reporter;
use watching::Watching;

pub use options::{OutputTarget, RelayOptions, ReportFormat, ViewerPaths, WatchOptions};
pub use output::OutputError;

/// What of the stream may wait between the swarm and the output: a second of 100 ms segments. The driver itself skips
/// to a key frame when more waits.
const PLAYBACK_QUEUE: usize = 10;
/// What a relay is relied on for before it has been tried, in bytes a second: 20 Mbit/s. Chosen: who lends a machine has at
/// least that; where not, it shows within a second, and less is promised.
const LENT_UPLOAD: u64 = 20_000_000 / 8;

/// Why watching could not begin, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The link is not one.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The stream cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// There is no UDP port.
    #[error(transparent)]
    Port(#[from] SharedPortError),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct WatchSummary {
    /// Whether the streamer said that the broadcast is over.
    pub ended: bool,
    /// Segments written.
    pub segments: u64,
    /// Segments that did not come in time.
    pub lost_segments: u64,
    /// How often playing would have run dry.
    pub stalls: u64,
    /// For how long in all.
    pub stalled_ms: u64,
    /// From start to the first segment.
    pub first_segment_ms: Option<u64>,
    /// From a segment's last frame being captured to the segment being here, verified: the middle one.
    pub delay_p50_ms: Option<u64>,
    /// The same: one in twenty took longer.
    pub delay_p95_ms: Option<u64>,
    /// Piece data received.
    pub downloaded_bytes: u64,
    /// Piece data passed on to other viewers.
    pub uploaded_bytes: u64,
}

/// What a relay has done.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct RelaySummary {
    /// Broadcasts that it has taken part in.
    pub broadcasts: u64,
    /// The most viewers that got a part of the stream from it at once.
    pub most_helped: usize,
    /// Piece data given to viewers.
    pub given_bytes: u64,
    /// Piece data received.
    pub taken_bytes: u64,
}

/// Watches until the broadcast ends, the time is over, the output's reader goes away, or `cancel` is cancelled.
///
/// # Errors
///
/// When the link is none or the stream cannot be written; the message says what to do.
pub async fn run(
    options: WatchOptions,
    cancel: CancellationToken,
) -> Result<WatchSummary, WatchError> {
    let link = ShareLink::parse(&options.link)?;
    let swarm = viewer(&link, Config::default())?;
    let output = Output::open(&options.output).await?;
    let (sender, playback) = mpsc::channel(PLAYBACK_QUEUE);
    let network = options.paths.applied(options.network, &link)?;
    let driver = Driver::spawn(swarm, network, sender);
    let reporter = Reporter::new(options.report, &options.output);
    // A stock client goes where we go.
    let part = TrackerPart::of(&link.channel);
    let trackers = || {
        link.all_trackers()
            .iter()
            .map(|url| part.within(url))
            .collect()
    };
    let listing = options.list_segments.then(trackers);
    let watching = Watching::new(driver.stats(), reporter, options.keep, listing);
    let stop = over(options.duration, &cancel);
    let over = watching.run(playback, output, stop).await;
    driver.shutdown().await;
    Ok(over?)
}

/// Helps a channel, one broadcast after the other, until the time is over or `cancel` is cancelled.
///
/// # Errors
///
/// When the link is none; the message says what to do.
pub async fn relay(
    options: RelayOptions,
    cancel: CancellationToken,
) -> Result<RelaySummary, WatchError> {
    let link = ShareLink::parse(&options.link)?;
    let config = Config {
        upload_limit: options.upload_limit.map(Bitrate::bytes_per_second),
        expected_upload: LENT_UPLOAD,
        ..Config::default()
    };
    let swarm = viewer(&link, config)?;
    let (sender, playback) = mpsc::channel(PLAYBACK_QUEUE);
    let network = options.paths.applied(options.network, &link)?;
    let driver = Driver::spawn(swarm, network, sender);
    let reporter = Reporter::new(options.report, &OutputTarget::Nowhere);
    let relaying = Relaying::new(driver.stats(), reporter);
    let stop = over(options.duration, &cancel);
    let summary = relaying.run(playback, stop).await;
    driver.shutdown().await;
    Ok(summary)
}

/// Waits for the end that a person has set.
async fn over(duration: Option<Duration>, cancel: &CancellationToken) {
    match duration {
        Some(duration) => {
            let _ = timeout(duration, cancel.cancelled()).await;
        }
        None => cancel.cancelled().await,
    }
}

fn viewer(link: &ShareLink, config: Config) -> Result<Swarm, getrandom::Error> {
    let (peer_id, seed) = fresh_identity()?;
    let config = Config {
        trackers: link.all_trackers(),
        ..config
    };
    Ok(Swarm::viewer(link.channel, peer_id, config, seed))
}
