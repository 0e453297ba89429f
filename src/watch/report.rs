//! What happens, said to a program or to a person.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use swarm::{Description, Details};

use super::{OutputTarget, RelaySummary, ReportFormat, WatchSummary};
use crate::seeder::DriverStats;
use crate::segmenter::Bitrate;
use crate::words;

/// What is said. As JSON each is an object with its name as `event`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Report {
    /// The first peer is connected.
    Joined { after_ms: u64, peers: usize },
    /// A broadcast begins, or was found to be on.
    Broadcast {
        broadcast: String,
        #[serde(flatten)]
        details: Details,
        codecs: String,
        bits_per_second: u64,
        segment_ms: u32,
    },
    /// The streamer has said something else of it.
    Details(Details),
    /// The streamer has paused.
    Paused,
    /// The streamer has gone on.
    Continued,
    /// The first segment is here, verified.
    FirstSegment { after_ms: u64, number: u64 },
    /// A segment, and how a stock WebTorrent client gets it.
    Segment {
        number: u64,
        bytes: usize,
        info_hash: String,
        magnet: String,
    },
    /// Each second.
    Stats(Box<Figures>),
    /// The streamer has ended the broadcast.
    Ended,
    /// Watching is over.
    Finished(WatchSummary),
    /// A relay is there.
    Looking,
    /// How a relay helps, now and then.
    Helping(Help),
    /// A relay is done.
    Relayed(RelaySummary),
}

/// How a relay helps. Counts are since the start.
#[derive(Debug, Serialize)]
pub(super) struct Help {
    pub(super) status: &'static str,
    pub(super) viewers: usize,
    pub(super) peers: usize,
    /// Viewers that get a part of the stream from here.
    pub(super) helped: usize,
    pub(super) given_bytes: u64,
    pub(super) taken_bytes: u64,
    pub(super) given_bytes_per_second: u64,
}

impl Help {
    fn words(&self) -> String {
        let doing = match (self.status, self.helped) {
            ("live", 0) => "Ready to help; nobody needs it just now".to_owned(),
            ("live", helped) => format!("Helping {}", count(helped, "viewer")),
            ("paused", _) => "The broadcast is paused".to_owned(),
            ("reconnecting", _) => "The streamer is silent; waiting for it".to_owned(),
            ("aside", _) => {
                "The audience's upload is not enough for all; waiting until there is room"
                    .to_owned()
            }
            ("connecting", _) => {
                "Nobody of this channel has been reached yet; trying on".to_owned()
            }
            _ => "Waiting for the next broadcast".to_owned(),
        };
        let rate = Bitrate::from_bits_per_second(self.given_bytes_per_second.saturating_mul(8));
        format!(
            "{doing}. {} given at {}, {} taken.",
            words::amount(self.given_bytes),
            words::rate(rate),
            words::amount(self.taken_bytes)
        )
    }
}

/// How it goes. Counts are since the start.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) status: &'static str,
    /// The middle one of the last second's segments: from the last frame's capture to being here.
    pub(super) delay_ms: Option<u64>,
    pub(super) stalls: u64,
    pub(super) stalled_ms: u64,
    pub(super) segments: u64,
    pub(super) lost_segments: u64,
    pub(super) stream_bytes: u64,
    pub(super) downloaded_bytes: u64,
    pub(super) duplicate_bytes: u64,
    pub(super) uploaded_bytes: u64,
    pub(super) viewers: usize,
    pub(super) peers: usize,
    pub(super) by_peer: Vec<PeerFigures>,
}

/// What one peer has given and got.
#[derive(Debug, Serialize)]
pub(super) struct PeerFigures {
    peer: String,
    streamer: bool,
    downloaded_bytes: u64,
    uploaded_bytes: u64,
    round_trip_ms: Option<f64>,
}

impl PeerFigures {
    pub(super) fn of(stats: &DriverStats) -> Vec<Self> {
        let figures = |peer: &swarm::PeerStats| Self {
            peer: peer.peer.to_string(),
            streamer: peer.streamer,
            downloaded_bytes: peer.downloaded_piece_bytes,
            uploaded_bytes: peer.uploaded_piece_bytes,
            round_trip_ms: peer.round_trip.map(|time| time.as_secs_f64() * 1000.0),
        };
        stats.peers.iter().map(figures).collect()
    }
}

impl Report {
    pub(super) fn broadcast(description: &Description) -> Self {
        Self::Broadcast {
            broadcast: description.broadcast.to_string(),
            details: description.details.clone(),
            codecs: description.codecs.clone(),
            bits_per_second: description.bits_per_second,
            segment_ms: description.segment_millis,
        }
    }

    /// The same for a person; `None` where a person need not know.
    fn words(&self) -> Option<String> {
        Some(match self {
            Self::Joined { peers, .. } => format!("Connected to {}.", count(*peers, "peer")),
            Self::Broadcast { details, .. } if details.title.is_empty() => "On air.".to_owned(),
            Self::Broadcast { details, .. } => format!("On air: {}", details.title),
            Self::Details(details) => format!("Now: {}", details.title),
            Self::Paused => "The streamer has paused.".to_owned(),
            Self::Continued => "It goes on.".to_owned(),
            Self::FirstSegment { after_ms, .. } => {
                format!("Playing after {:.1} s.", *after_ms as f64 / 1000.0)
            }
            Self::Stats(_) => return None,
            Self::Segment { magnet, .. } => magnet.clone(),
            Self::Ended => "The broadcast has ended.".to_owned(),
            Self::Finished(summary) => format!(
                "{} received, {} lost, {}.",
                count(summary.segments, "segment"),
                summary.lost_segments,
                count(summary.stalls, "stall")
            ),
            Self::Looking => "Looking for the channel. Ctrl-C ends it.".to_owned(),
            Self::Helping(help) => help.words(),
            Self::Relayed(summary) => format!(
                "{} given and {} taken, in {}; {} at once at most.",
                words::amount(summary.given_bytes),
                words::amount(summary.taken_bytes),
                count(summary.broadcasts, "broadcast"),
                count(summary.most_helped, "viewer")
            ),
        })
    }
}

fn count(number: impl std::fmt::Display, what: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// Says things.
pub(super) struct Reporter {
    format: ReportFormat,
    to: Box<dyn Write + Send>,
    /// Where lists go, which a person may want to have in a file: not among other words.
    lists: Box<dyn Write + Send>,
}

impl Reporter {
    /// JSON goes to standard output, unless the stream goes there.
    pub(super) fn new(format: ReportFormat, output: &OutputTarget) -> Self {
        let aside = format == ReportFormat::Words || *output == OutputTarget::StandardOutput;
        let to: Box<dyn Write + Send> = if aside {
            Box::new(std::io::stderr())
        } else {
            Box::new(std::io::stdout())
        };
        let lists: Box<dyn Write + Send> = match output {
            OutputTarget::StandardOutput => Box::new(std::io::stderr()),
            _ => Box::new(std::io::stdout()),
        };
        Self { format, to, lists }
    }

    /// Whether a program listens, which takes more than a person.
    pub(super) fn is_for_programs(&self) -> bool {
        self.format == ReportFormat::Json
    }

    pub(super) fn say(&mut self, report: &Report) {
        let line = match self.format {
            ReportFormat::Silent => None,
            ReportFormat::Words => report.words(),
            ReportFormat::Json => serde_json::to_string(report).ok(),
        };
        let is_listed = matches!(report, Report::Segment { .. });
        let to = if is_listed {
            &mut self.lists
        } else {
            &mut self.to
        };
        if let Some(line) = line {
            // Somebody who does not listen any more still gets the stream.
            let _ = writeln!(to, "{line}").and_then(|()| to.flush());
        }
    }
}

/// Whole milliseconds, for JSON.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_an_object_with_its_name() {
        let report = Report::FirstSegment {
            after_ms: 120,
            number: 8,
        };
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            r#"{"event":"first-segment","after_ms":120,"number":8}"#
        );
        assert_eq!(
            serde_json::to_string(&Report::Ended).unwrap(),
            r#"{"event":"ended"}"#
        );
    }

    #[test]
    fn a_relay_says_in_words_whom_it_helps() {
        let help = |status, helped| Help {
            status,
            viewers: 5,
            peers: 4,
            helped,
            given_bytes: 12_400_000,
            taken_bytes: 3_100_000,
            given_bytes_per_second: 300_000,
        };
        assert_eq!(
            help("live", 3).words(),
            "Helping 3 viewers. 12.4 MB given at 2.4 Mbit/s, 3.1 MB taken."
        );
        assert!(help("live", 0).words().starts_with("Ready to help"));
        assert!(help("ended", 2).words().starts_with("Waiting for the next"));
    }

    #[test]
    fn words_count_as_people_do() {
        let joined = |peers| Report::Joined { after_ms: 0, peers }.words().unwrap();
        assert_eq!(joined(1), "Connected to 1 peer.");
        assert_eq!(joined(2), "Connected to 2 peers.");
    }
}
