//! Each hint at its occasion, and at no other.

use super::*;
use crate::router::RouterError;

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

/// Nothing is wrong but what the phase says.
fn healthy(phase: &Phase) -> Circumstances<'_> {
    Circumstances {
        notices: &[],
        phase,
        moved_port: None,
        trackers_open: 1,
        dropping: false,
        limit_is_too_low: false,
        short_of_upload: false,
    }
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
        listing: ListingState::Failed("it is full".into()),
        ..super::super::FoundAt::default()
    });
    let phase = Phase::Live(live);
    assert_hints(
        &Circumstances {
            trackers_open: 2,
            ..healthy(&phase)
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
    assert!(silent.text.to_string().contains("firewall"), "{silent:?}");
    let closed = reachability_hint(Reachability::PerDestination).unwrap();
    assert!(closed.text.to_string().contains("TURN"), "{closed:?}");
}

#[test]
fn a_port_that_the_router_does_not_open_is_named_with_the_reason_and_the_remedy() {
    assert_eq!(router_hint(&RouterPort::Asking), None);
    let closed = |why| {
        let inside = std::num::NonZeroU16::new(8080).unwrap();
        let transport = Transport::Tcp;
        let closed = RouterPort::Closed {
            transport,
            inside,
            why,
        };
        let hint = router_hint(&closed).unwrap();
        hint.text.to_string()
    };
    let silent = closed(RouterError::NoAnswer);
    assert!(silent.contains("TCP port 8080"), "{silent}");
    assert!(silent.contains("in its settings"), "{silent}");
    assert!(closed(RouterError::Refused("no room".to_owned())).contains("(no room)"));
    let shared = closed(RouterError::BehindAnother([100, 64, 0, 9].into()));
    assert!(
        shared.contains("100.64.0.9") && shared.contains("hub"),
        "{shared}"
    );
}

#[track_caller]
fn assert_hints(circumstances: &Circumstances, expected: &[(Severity, &str)]) {
    let hints = hints(circumstances);
    assert_eq!(hints.len(), expected.len(), "{hints:?}");
    for (hint, (severity, part)) in hints.iter().zip(expected) {
        assert_eq!(hint.severity, *severity, "{hint:?}");
        assert!(hint.text.to_string().contains(part), "{hint:?}");
    }
}

#[test]
fn a_healthy_broadcast_needs_no_hint() {
    let phase = live("http://192.168.1.5:8080/#x");
    assert_hints(&healthy(&phase), &[]);
}

#[test]
fn the_worst_comes_first() {
    let notices = [Notice::start("the port is taken".into())];
    let phase = live("http://127.0.0.1:8081/#x");
    let circumstances = Circumstances {
        notices: &notices,
        moved_port: Some((8080, 8081)),
        dropping: true,
        ..healthy(&phase)
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
    let phase = live("http://192.168.1.5:8080/#x");
    let short = Circumstances {
        short_of_upload: true,
        ..healthy(&phase)
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
    assert!(hint.text.to_string().contains("more than 5 s"), "{hint:?}");
}

#[test]
fn a_picture_that_hardly_moves_lacks_no_upload() {
    let rate = Bitrate::from_kilobits_per_second;
    assert!(is_short_of_upload(true, rate(2400), rate(2660)));
    assert!(!is_short_of_upload(true, rate(300), rate(2660)));
    assert!(!is_short_of_upload(false, rate(2400), rate(2660)));
}
