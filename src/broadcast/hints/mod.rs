//! What the person should know, in plain words, with what to do next.

mod dropping;
mod notice;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{Delay, Hint, ListingState, Live, Phase, Severity, Vital};
use crate::router::{RouterPort, Transport};
use crate::seeder::{Reachability, TrackerProgress, TrackerStatus};
use crate::segmenter::Bitrate;
use crate::texts::Message;

pub(super) use dropping::Dropping;
pub(super) use notice::Notice;

/// A delay of more than this is felt in a conversation. The swarm itself adds less than half of it to ten thousand viewers
/// (docs/SIMULATOR.md).
const LONG_DELAY: Duration = Duration::from_secs(3);
/// The streamer's own tracker is on this machine; it answers within milliseconds.
const TRACKER_PATIENCE: Duration = Duration::from_secs(5);

/// All that hints are made of.
pub(super) struct Circumstances<'a> {
    pub(super) notices: &'a [Notice],
    pub(super) phase: &'a Phase,
    /// The wanted and the actual port.
    pub(super) moved_port: Option<(u16, u16)>,
    pub(super) trackers_open: usize,
    /// Whether frames are being dropped.
    pub(super) dropping: bool,
    /// Whether the upload limit is below the stream's own rate.
    pub(super) limit_is_too_low: bool,
    /// Whether the audience together lacks the upload to carry the stream.
    pub(super) short_of_upload: bool,
}

/// The hints, most important first.
pub(super) fn hints(circumstances: &Circumstances) -> Vec<Hint> {
    let mut hints: Vec<Hint> = circumstances.notices.iter().map(Notice::hint).collect();
    if let Phase::Live(live) = circumstances.phase {
        hints.extend(live_hints(live, circumstances));
    }
    hints.sort_by_key(|hint| std::cmp::Reverse(hint.severity));
    hints
}

fn live_hints(live: &Live, circumstances: &Circumstances) -> Vec<Hint> {
    let mut hints = Vec::new();
    if circumstances.dropping {
        hints.push(hint(
            Severity::Warning,
            Vital::Pictures,
            Message::new("hint-dropping"),
        ));
    }
    hints.extend(upload_hint(circumstances));
    let delay = live.history.last().and_then(|moment| moment.delay);
    hints.extend(delay.and_then(delay_hint));
    if circumstances.trackers_open == 0 && live.duration() > TRACKER_PATIENCE {
        hints.push(hint(
            Severity::Warning,
            Vital::Viewers,
            Message::new("hint-tracker"),
        ));
    }
    hints.extend(
        live.found_at
            .trackers
            .iter()
            .skip(1)
            .filter_map(tracker_hint),
    );
    if let ListingState::Failed(reason) = &live.found_at.listing {
        hints.push(hint(
            Severity::Warning,
            Vital::Viewers,
            Message::new("hint-not-listed").with("why", reason.clone()),
        ));
    }
    hints.extend(reachability_hint(live.found_at.reachability));
    // Where the page's port is closed, that is what is to be mended; the other goes with it.
    hints.extend(live.found_at.router_ports.iter().find_map(router_hint));
    if is_only_here(&live.link) {
        hints.push(hint(
            Severity::Note,
            Vital::Viewers,
            Message::new("hint-only-here"),
        ));
    }
    if let Some((wanted, actual)) = circumstances.moved_port {
        hints.push(hint(
            Severity::Note,
            None,
            Message::new("hint-port")
                .with("wanted", wanted.to_string())
                .with("actual", actual.to_string()),
        ));
    }
    hints
}

/// Whether upload is what the audience lacks, when it feels that it does. It judges by the rate that the broadcast was
/// announced with; while a picture that hardly moves takes less than half of that, nothing is lacking yet.
pub(super) fn is_short_of_upload(felt: bool, taken: Bitrate, announced: Bitrate) -> bool {
    felt && taken.bits_per_second().saturating_mul(2) >= announced.bits_per_second()
}

/// The streamer's own limit comes first: it is mended by one click.
fn upload_hint(circumstances: &Circumstances) -> Option<Hint> {
    if circumstances.limit_is_too_low {
        return Some(hint(
            Severity::Warning,
            Vital::Upload,
            Message::new("hint-limit"),
        ));
    }
    circumstances.short_of_upload.then(|| {
        hint(
            Severity::Warning,
            Vital::Upload,
            Message::new("hint-upload"),
        )
    })
}

fn delay_hint(Delay { middle, .. }: Delay) -> Option<Hint> {
    (middle > LONG_DELAY).then(|| {
        hint(
            Severity::Warning,
            Vital::Delay,
            Message::new("hint-delay").with("seconds", middle.as_secs()),
        )
    })
}

/// What is wrong with a tracker that is not the embedded one. When it is tried again is not said here, so that the words
/// do not change each second: the figures say it.
fn tracker_hint(tracker: &TrackerStatus) -> Option<Hint> {
    let TrackerStatus { url, reason, .. } = tracker;
    let reason = reason.as_ref()?;
    let text = match tracker.state {
        TrackerProgress::Connected => Message::new("hint-tracker-refuses"),
        TrackerProgress::Connecting | TrackerProgress::Retrying(_) => {
            Message::new("hint-tracker-gone")
        }
    };
    let text = text.with("url", url.as_str()).with("why", reason.as_str());
    Some(hint(Severity::Warning, Vital::Viewers, text))
}

/// What stands between this machine and viewers elsewhere. Nothing is said of a router that lets peers find a path.
fn reachability_hint(found: Reachability) -> Option<Hint> {
    let (severity, text) = match found {
        Reachability::Unknown | Reachability::Open | Reachability::BehindRouter => return None,
        Reachability::Silent => (Severity::Warning, "hint-reach-silent"),
        Reachability::PerDestination => (Severity::Note, "hint-reach-per-destination"),
    };
    Some(hint(severity, Vital::Viewers, Message::new(text)))
}

/// What the router does not let in that is to be let in.
fn router_hint(port: &RouterPort) -> Option<Hint> {
    let RouterPort::Closed {
        transport,
        inside,
        why,
    } = port
    else {
        return None;
    };
    let text = match transport {
        Transport::Tcp => Message::new("hint-router"),
        Transport::Udp => Message::new("hint-router-udp"),
    };
    let text = text.with("port", inside.to_string());
    Some(hint(
        Severity::Warning,
        Vital::Viewers,
        text.with("why", Message::from(why)),
    ))
}

fn is_only_here(link: &str) -> bool {
    ["http://127.", "http://[::1]"]
        .iter()
        .any(|prefix| link.starts_with(prefix))
}

fn hint(severity: Severity, about: impl Into<Option<Vital>>, text: Message) -> Hint {
    Hint {
        severity,
        about: about.into(),
        text,
    }
}
