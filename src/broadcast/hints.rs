//! What the person should know, in plain words, with what to do next.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::Instant;

use super::{Delay, Hint, ListingState, Live, Phase, Severity, Vital};
use crate::seeder::{Reachability, TrackerProgress, TrackerStatus};
use crate::segmenter::Bitrate;

/// Frames dropped within this time are worth a word; a single hiccup passes unnoticed by then.
const DROPPING_FOR: Duration = Duration::from_secs(10);
/// Fewer dropped frames in that time are seen by nobody.
const WORTH_A_WORD: u64 = 5;
/// A delay of more than this is felt in a conversation. The swarm itself adds less than half of it to ten thousand viewers
/// (docs/SIMULATOR.md).
const LONG_DELAY: Duration = Duration::from_secs(3);
/// The streamer's own tracker is on this machine; it answers within milliseconds.
const TRACKER_PATIENCE: Duration = Duration::from_secs(5);

/// Something that happened, and stands until it is mended or tried again.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    about: About,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Start,
    Encoder,
    Encoding,
    Settings,
    Recording,
    Channel(Severity),
}

impl Notice {
    /// Going live failed, or did not last.
    pub(super) fn start(error: &dyn Display) -> Self {
        Self::new(About::Start, format!("Cannot go live: {error}."))
    }

    /// The encoder failed while live.
    pub(super) fn encoder_failed(error: Option<&impl Display>) -> Self {
        let why = error.map_or_else(String::new, |error| format!(": {error}"));
        let text = format!(
            "The encoder stopped{why}. If this happens again, choose another encoder or a lower quality."
        );
        Self::new(About::Encoder, text)
    }

    /// A choice of quality was refused.
    pub(super) fn encoding(error: &dyn Display) -> Self {
        Self::new(
            About::Encoding,
            format!("This quality cannot be used: {error}."),
        )
    }

    /// Choices are not remembered.
    pub(super) fn settings(error: &dyn Display) -> Self {
        Self::new(About::Settings, format!("{}.", capitalised(error)))
    }

    /// A recording ended early, or did not begin.
    pub(super) fn recording(error: &dyn Display) -> Self {
        Self::new(
            About::Recording,
            format!("Nothing is recorded any more: {error}."),
        )
    }

    /// What came of saving or loading the channel.
    pub(super) fn channel(result: &Result<String, impl Display>) -> Self {
        match result {
            Ok(text) => Self::new(About::Channel(Severity::Note), text.clone()),
            Err(error) => Self::new(
                About::Channel(Severity::Error),
                format!("{}.", capitalised(error)),
            ),
        }
    }

    fn new(about: About, text: String) -> Self {
        Self { about, text }
    }

    pub(super) fn is_of_start(&self) -> bool {
        matches!(self.about, About::Start | About::Encoder)
    }

    pub(super) fn is_of_encoding(&self) -> bool {
        self.about == About::Encoding
    }

    pub(super) fn is_of_settings(&self) -> bool {
        self.about == About::Settings
    }

    pub(super) fn is_of_recording(&self) -> bool {
        self.about == About::Recording
    }

    pub(super) fn is_of_channel(&self) -> bool {
        matches!(self.about, About::Channel(_))
    }

    fn hint(&self) -> Hint {
        let severity = match self.about {
            About::Start | About::Encoder | About::Encoding => Severity::Error,
            About::Settings | About::Recording => Severity::Warning,
            About::Channel(severity) => severity,
        };
        let vital = (self.about == About::Encoder).then_some(Vital::Encoder);
        hint(severity, vital, self.text.clone())
    }
}

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
            "This computer cannot keep up, so frames are left out. Close other programs, or stop and choose a lower \
             quality.",
        ));
    }
    hints.extend(upload_hint(circumstances));
    let delay = live.history.last().and_then(|moment| moment.delay);
    hints.extend(delay.and_then(delay_hint));
    if circumstances.trackers_open == 0 && live.duration() > TRACKER_PATIENCE {
        hints.push(hint(
            Severity::Warning,
            Vital::Viewers,
            "New viewers cannot find this broadcast just now. It is tried again by itself.",
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
            format!(
                "The hub does not list this broadcast just now: {reason}. It is tried again by itself; those who have \
                 the link find it all the same."
            ),
        ));
    }
    hints.extend(reachability_hint(live.found_at.reachability));
    if is_only_here(&live.link) {
        hints.push(hint(
            Severity::Note,
            Vital::Viewers,
            "This computer is on no network, or listens on no address that others reach: the link works on this \
             computer only.",
        ));
    }
    if let Some((wanted, actual)) = circumstances.moved_port {
        hints.push(hint(
            Severity::Note,
            None,
            format!(
                "Another program uses port {wanted}, so the link has port {actual}. It may differ the next time you \
                 start this program."
            ),
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
            "Your upload limit is below what one copy of this broadcast needs, so viewers see it stop and go. Raise the \
             limit (Advanced), or stop and choose a lower quality.",
        ));
    }
    circumstances.short_of_upload.then(|| {
        hint(
            Severity::Warning,
            Vital::Upload,
            "You and your viewers together have too little upload for everybody, so some of them see it stop and go. Stop \
             and choose a lower quality, or ask somebody with a fast connection to help: liveontorrent relay, and your link.",
        )
    })
}

fn delay_hint(Delay { middle, .. }: Delay) -> Option<Hint> {
    (middle > LONG_DELAY).then(|| {
        hint(
            Severity::Warning,
            Vital::Delay,
            format!(
                "Half of your viewers see this more than {} s after it happens. Stop and choose a lower quality or shorter \
                 segments (Advanced), so that it gets around sooner.",
                middle.as_secs()
            ),
        )
    })
}

/// What is wrong with a tracker that is not the embedded one. When it is tried again is not said here, so that the words
/// do not change each second: the figures say it.
fn tracker_hint(tracker: &TrackerStatus) -> Option<Hint> {
    let TrackerStatus { url, reason, .. } = tracker;
    let reason = reason.as_ref()?;
    let text = match tracker.state {
        TrackerProgress::Connected => format!(
            "The tracker {url} does not take this broadcast ({reason}). Viewers find it by the other trackers only."
        ),
        TrackerProgress::Connecting | TrackerProgress::Retrying(_) => format!(
            "New viewers cannot find this broadcast by {url} just now ({reason}). It is tried again by itself; those who watch go on."
        ),
    };
    Some(hint(Severity::Warning, Vital::Viewers, text))
}

/// What stands between this machine and viewers elsewhere. Nothing is said of a router that lets peers find a path.
fn reachability_hint(found: Reachability) -> Option<Hint> {
    let (severity, text) = match found {
        Reachability::Unknown | Reachability::Open | Reachability::BehindRouter => return None,
        Reachability::Silent => (
            Severity::Warning,
            "No STUN server answers, so viewers on other networks may not reach you. Your firewall may let no UDP through: \
             ask for it, or name another server (--stun).",
        ),
        Reachability::PerDestination => (
            Severity::Note,
            "Your router lets only those viewers reach you who can be reached themselves. The others get the stream from \
             viewers, or by a TURN server if you have one (--turn).",
        ),
    };
    Some(hint(severity, Vital::Viewers, text))
}

fn is_only_here(link: &str) -> bool {
    ["http://127.", "http://[::1]"]
        .iter()
        .any(|prefix| link.starts_with(prefix))
}

fn hint(severity: Severity, about: impl Into<Option<Vital>>, text: impl Into<String>) -> Hint {
    Hint {
        severity,
        about: about.into(),
        text: text.into(),
    }
}

fn capitalised(error: &dyn Display) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Whether frames have been dropped of late.
#[derive(Debug, Default)]
pub(super) struct Dropping {
    /// The counter, and since when it has been looked at.
    from: Option<(Instant, u64)>,
    last_seen: Option<Instant>,
}

impl Dropping {
    /// The counter of dropped frames now. It begins at 0 with each broadcast.
    pub(super) fn look(&mut self, now: Instant, dropped: u64) {
        let (since, before) = *self.from.get_or_insert((now, dropped));
        if dropped < before || since + DROPPING_FOR <= now {
            self.from = Some((now, dropped));
        }
        if dropped >= before + WORTH_A_WORD {
            self.from = Some((now, dropped));
            self.last_seen = Some(now);
        }
    }

    pub(super) fn is_going_on(&self, now: Instant) -> bool {
        self.last_seen.is_some_and(|seen| now < seen + DROPPING_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(link: &str) -> Phase {
        Phase::Live(Live {
            found_at: std::sync::Arc::default(),
            link: link.to_owned(),
            since: std::time::Instant::now(),
            paused: false,
            viewers: 0,
            peers: 0,
            stream_bytes: 0,
            uploaded_bytes: 0,
            upload_per_second: 0,
            copies: None,
            audience: Vec::new(),
            history: std::sync::Arc::default(),
            segments: 0,
            dropped_frames: 0,
            encoder: "x264".to_owned(),
        })
    }

    #[test]
    fn a_tracker_that_is_gone_is_named_with_the_reason_and_one_that_is_tried_for_the_first_time_is_not()
     {
        let Phase::Live(mut live) = live("http://192.168.1.5:8080/#key") else {
            unreachable!()
        };
        let tracker = |url: &str, state, reason: Option<&str>| TrackerStatus {
            url: url.to_owned(),
            state,
            reason: reason.map(str::to_owned),
        };
        let retrying = TrackerProgress::Retrying(Duration::from_secs(4));
        let trackers = vec![
            tracker(
                "ws://127.0.0.1:8080/announce",
                TrackerProgress::Connected,
                None,
            ),
            tracker("wss://well.example/", TrackerProgress::Connected, None),
            tracker("wss://gone.example/", retrying, Some("no answer")),
            tracker(
                "wss://strict.example/",
                TrackerProgress::Connected,
                Some("not allowed"),
            ),
            tracker("wss://new.example/", TrackerProgress::Connecting, None),
        ];
        live.found_at = std::sync::Arc::new(super::super::FoundAt {
            trackers,
            listing: ListingState::Failed("it is full".to_owned()),
            ..super::super::FoundAt::default()
        });
        let phase = Phase::Live(live);
        assert_hints(
            &Circumstances {
                notices: &[],
                phase: &phase,
                moved_port: None,
                trackers_open: 2,
                dropping: false,
                limit_is_too_low: false,
                short_of_upload: false,
            },
            &[
                (
                    Severity::Warning,
                    "wss://gone.example/ just now (no answer)",
                ),
                (Severity::Warning, "wss://strict.example/ does not take"),
                (Severity::Warning, "just now: it is full. It is tried again"),
            ],
        );
    }

    #[test]
    fn a_router_that_lets_nobody_in_is_told_of_and_one_that_does_is_not() {
        assert_eq!(reachability_hint(Reachability::BehindRouter), None);
        assert_eq!(reachability_hint(Reachability::Unknown), None);
        let silent = reachability_hint(Reachability::Silent).unwrap();
        assert!(silent.text.contains("firewall"), "{silent:?}");
        let closed = reachability_hint(Reachability::PerDestination).unwrap();
        assert!(closed.text.contains("TURN"), "{closed:?}");
    }

    #[track_caller]
    fn assert_hints(circumstances: &Circumstances, expected: &[(Severity, &str)]) {
        let hints = hints(circumstances);
        assert_eq!(hints.len(), expected.len(), "{hints:?}");
        for (hint, (severity, part)) in hints.iter().zip(expected) {
            assert_eq!(hint.severity, *severity, "{hint:?}");
            assert!(hint.text.contains(part), "{hint:?}");
        }
    }

    #[test]
    fn a_healthy_broadcast_needs_no_hint() {
        let circumstances = Circumstances {
            notices: &[],
            phase: &live("http://192.168.1.5:8080/#x"),
            moved_port: None,
            trackers_open: 1,
            dropping: false,
            limit_is_too_low: false,
            short_of_upload: false,
        };
        assert_hints(&circumstances, &[]);
    }

    #[test]
    fn the_worst_comes_first() {
        let notices = [Notice::start(&"the port is taken")];
        let circumstances = Circumstances {
            notices: &notices,
            phase: &live("http://127.0.0.1:8081/#x"),
            moved_port: Some((8080, 8081)),
            trackers_open: 1,
            dropping: true,
            limit_is_too_low: false,
            short_of_upload: false,
        };
        let expected = [
            (Severity::Error, "Cannot go live: the port is taken."),
            (Severity::Warning, "cannot keep up"),
            (Severity::Note, "this computer only"),
            (Severity::Note, "port 8081"),
        ];
        assert_hints(&circumstances, &expected);
    }

    #[test]
    fn too_little_upload_is_said_with_the_remedy_that_is_nearest() {
        let short = Circumstances {
            notices: &[],
            phase: &live("http://192.168.1.5:8080/#x"),
            moved_port: None,
            trackers_open: 1,
            dropping: false,
            limit_is_too_low: false,
            short_of_upload: true,
        };
        assert_hints(&short, &[(Severity::Warning, "liveontorrent relay")]);
        let limited = Circumstances {
            limit_is_too_low: true,
            ..short
        };
        assert_hints(&limited, &[(Severity::Warning, "Raise the limit")]);
    }

    #[test]
    fn viewers_far_behind_turn_the_light_of_the_delay_on() {
        let delay = |seconds| Delay {
            middle: Duration::from_secs(seconds),
            longest: Duration::from_secs(60),
        };
        assert_eq!(delay_hint(delay(2)), None);
        let hint = delay_hint(delay(5)).unwrap();
        assert_eq!(hint.about, Some(Vital::Delay));
        assert!(hint.text.contains("more than 5 s"), "{hint:?}");
    }

    #[test]
    fn a_picture_that_hardly_moves_lacks_no_upload() {
        let rate = Bitrate::from_kilobits_per_second;
        assert!(is_short_of_upload(true, rate(2400), rate(2660)));
        assert!(!is_short_of_upload(true, rate(300), rate(2660)));
        assert!(!is_short_of_upload(false, rate(2400), rate(2660)));
    }

    #[test]
    fn a_hiccup_is_passed_over_and_a_slow_encoder_is_not() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut dropping = Dropping::default();
        dropping.look(at(0), 0);
        dropping.look(at(1), 2);
        assert!(!dropping.is_going_on(at(1)));
        dropping.look(at(2), 6);
        assert!(dropping.is_going_on(at(3)));
        dropping.look(at(12), 6);
        assert!(!dropping.is_going_on(at(13)));
    }

    #[test]
    fn the_next_broadcast_counts_from_the_beginning() {
        let start = Instant::now();
        let mut dropping = Dropping::default();
        dropping.look(start, 100);
        dropping.look(start + Duration::from_secs(1), 0);
        dropping.look(start + Duration::from_secs(2), 5);
        assert!(dropping.is_going_on(start + Duration::from_secs(2)));
    }
}
