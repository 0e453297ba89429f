//! What has happened since the program's start, for a bug report. It holds neither the channel's key nor anybody's
//! address, so that it can be shown to anyone.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::redact::redact;
use super::{Phase, Recording, Snapshot};
use crate::capture::{Overlay, SoundSource, SourceState, VideoSource};
use crate::segmenter::{Bitrate, Encoding};
use crate::words;

/// The most entries that are kept; the oldest go first. Chosen: a day of a broadcast without trouble.
const MOST: usize = 1500;
/// How often a broadcast's figures are noted.
const FIGURES: Duration = Duration::from_secs(60);
/// The most characters of an entry. The longest hint has 300.
const LONGEST: usize = 500;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How long after the program's start.
    pub at: Duration,
    /// What, in words.
    pub text: String,
}

/// The entries so far, and what was seen last.
pub(super) struct Journal {
    began: Instant,
    entries: Arc<Vec<Entry>>,
    facts: Vec<String>,
    figures_at: Option<Instant>,
}

impl Journal {
    /// An empty one.
    pub(super) fn begin(now: Instant) -> Self {
        Self {
            began: now,
            entries: Arc::default(),
            facts: Vec::new(),
            figures_at: None,
        }
    }

    /// Notes what is different from the snapshot before.
    pub(super) fn look(&mut self, snapshot: &Snapshot, now: Instant) {
        let facts = facts(snapshot);
        if facts != self.facts {
            let before = std::mem::replace(&mut self.facts, facts.clone());
            for fact in before.iter().filter(|fact| !facts.contains(fact)) {
                self.add(now, &format!("No more: {fact}"));
            }
            for fact in facts.iter().filter(|fact| !before.contains(fact)) {
                self.add(now, fact);
            }
        }
        self.note_figures(snapshot, now);
    }

    fn add(&mut self, now: Instant, text: &str) {
        let entries = Arc::make_mut(&mut self.entries);
        if entries.len() >= MOST {
            // Several at once, because all others move.
            entries.drain(..MOST / 10);
        }
        entries.push(Entry {
            at: now.saturating_duration_since(self.began),
            text: redact(text).chars().take(LONGEST).collect(),
        });
    }

    fn note_figures(&mut self, snapshot: &Snapshot, now: Instant) {
        let Phase::Live(live) = &snapshot.phase else {
            self.figures_at = None;
            return;
        };
        let is_due = self.figures_at.is_none_or(|at| now >= at + FIGURES);
        if !is_due {
            return;
        }
        self.figures_at = Some(now);
        let upload = Bitrate::from_bits_per_second(live.upload_per_second.saturating_mul(8));
        let delay = live.history.last().and_then(|moment| moment.delay);
        let delay = delay.map_or_else(
            || "unknown".to_owned(),
            |delay| format!("{:.2} s", delay.longest.as_secs_f32()),
        );
        let text = format!(
            "{} viewers, {} connected, upload {}, longest delay {delay}, {} segments, {} pictures left out",
            live.viewers,
            live.peers,
            words::rate(upload),
            live.segments,
            live.dropped_frames,
        );
        self.add(now, &text);
    }

    /// All entries, oldest first.
    pub(super) fn entries(&self) -> Arc<Vec<Entry>> {
        Arc::clone(&self.entries)
    }
}

/// What is so at the moment. Titles, file names and devices' names are a person's own and left out.
fn facts(snapshot: &Snapshot) -> Vec<String> {
    let mut facts = vec![
        format!("Picture: {}", video(&snapshot.input.video)),
        format!("Sound: {}", sound(&snapshot.input.sound)),
        quality(&snapshot.encoding),
    ];
    if snapshot.overlay.shown {
        facts.push(overlay(&snapshot.overlay));
    }
    facts.extend(state("The picture", &snapshot.video));
    facts.extend(state("The sound", &snapshot.sound));
    if let Some(overlay) = &snapshot.overlay_state {
        facts.extend(state("The overlay", overlay));
    }
    if let Some(limit) = snapshot.upload_limit {
        facts.push(format!("Upload limit: {}", words::rate(limit)));
    }
    if snapshot.muted {
        facts.push("Muted".to_owned());
    }
    match &snapshot.phase {
        Phase::Idle => {}
        Phase::Starting => facts.push("Starting".to_owned()),
        Phase::Live(live) => {
            facts.push(format!("Live, encoder {}", live.encoder));
            if live.paused {
                facts.push("Paused".to_owned());
            }
        }
        Phase::Stopping => facts.push("Ending".to_owned()),
    }
    match &snapshot.recording {
        Recording::Running(..) => facts.push("Recording".to_owned()),
        Recording::Done(_) => facts.push("Recorded".to_owned()),
        Recording::Off | Recording::Ready(_) | Recording::InTheWay(_) => {}
    }
    let hint = |hint: &super::Hint| format!("{}: {}", hint.severity.name(), hint.text);
    facts.extend(snapshot.hints.iter().map(hint));
    facts
}

fn state(what: &str, state: &SourceState) -> Option<String> {
    match state {
        SourceState::Opening => Some(format!("{what} is being opened")),
        SourceState::Running => None,
        SourceState::Gone(reason) => Some(format!("{what} is gone: {reason}")),
    }
}

fn video(source: &VideoSource) -> &'static str {
    match source {
        VideoSource::Test | VideoSource::BusyTest => "test picture",
        VideoSource::Screen(_) => "screen",
        VideoSource::Camera(_) => "camera",
        VideoSource::File(_) => "file",
    }
}

fn overlay(overlay: &Overlay) -> String {
    let (source, size, corner) = (
        video(&overlay.source),
        overlay.size.name(),
        overlay.corner.name(),
    );
    format!("Overlay: {source}, {size}, {corner}")
}

fn sound(source: &SoundSource) -> &'static str {
    match source {
        SoundSource::None => "none",
        SoundSource::Own => "the picture's own",
        SoundSource::Microphone(_) => "microphone",
        SoundSource::Computer => "what the computer plays",
    }
}

fn quality(encoding: &Encoding) -> String {
    format!(
        "Quality: {} x {} at {}, {}, segments of {} ms, encoder {:?}",
        encoding.resolution.width,
        encoding.resolution.height,
        encoding.frames_per_second,
        words::rate(encoding.video_bitrate),
        encoding.segment_duration.as_millis(),
        encoding.encoder,
    )
}

impl Snapshot {
    /// The log as a text to put into a bug report: which program and system, and what has happened. It reveals neither
    /// the channel's key nor anybody's address.
    pub fn report(&self) -> String {
        let mut report = format!(
            "Live on Torrent {} on {} ({})\n",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
        );
        for entry in self.journal.iter() {
            // Writing to a text cannot fail.
            let _ = writeln!(report, "{}  {}", words::duration(entry.at), entry.text);
        }
        report
    }
}
