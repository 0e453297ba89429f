//! Several trackers at once.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::Duration;

use swarm::{Action, ChannelId, Config, Event, PeerId, Swarm, Time, TrackerId, TrackerState};
use tracker_protocol::{AnnounceReply, ClientMessage, InfoHash, ServerMessage};

const SECRET: [u8; 32] = [3; 32];

fn viewer(trackers: usize) -> Swarm {
    let config = Config {
        trackers: (0..trackers).map(|at| format!("ws://t{at}/")).collect(),
        ..Config::default()
    };
    let channel = ChannelId::from_secret_key(&SECRET);
    Swarm::viewer(channel, PeerId::from_random([1; 12]), config, [2; 32])
}

/// Does what the swarm says with drivers that are quick, and returns how many offers went to which tracker.
fn carry_out(swarm: &mut Swarm, now: Time, offers: &mut [usize]) {
    while let Some(action) = swarm.poll() {
        match action {
            Action::MakeOffer(connection) => {
                swarm.handle(now, Event::OfferMade(connection, "v=0".to_owned()));
            }
            Action::TrackerSend(tracker, text) => {
                if let ClientMessage::Announce(announce) = ClientMessage::parse(&text).unwrap() {
                    offers[tracker.0] += announce.offers.len();
                }
            }
            _ => {}
        }
    }
}

fn at(millis: u64) -> Time {
    Time::from_epoch(Duration::from_millis(millis))
}

#[test]
fn trackers_that_are_due_at_once_share_the_offers() {
    let mut swarm = viewer(3);
    swarm.handle(at(0), Event::Tick);
    let mut offers = [0; 3];
    carry_out(&mut swarm, at(0), &mut offers);
    for tracker in 0..3 {
        swarm.handle(at(1), Event::TrackerOpened(TrackerId(tracker)));
        carry_out(&mut swarm, at(1), &mut offers);
    }
    // The streamer may know any one of them only: whoever searches on must offer at each.
    let first = offers;
    for tick in 1..300 {
        swarm.handle(at(tick * 100), Event::Tick);
        carry_out(&mut swarm, at(tick * 100), &mut offers);
    }
    for tracker in 0..3 {
        assert!(
            offers[tracker] >= first[tracker] + 6,
            "{first:?}, then {offers:?}"
        );
    }
}

#[test]
fn a_tracker_that_hangs_is_given_up_and_tried_again_while_another_is_used() {
    let mut swarm = viewer(2);
    swarm.handle(at(0), Event::Tick);
    swarm.handle(at(5), Event::TrackerOpened(TrackerId(1)));
    let mut offers = [0; 2];
    carry_out(&mut swarm, at(5), &mut offers);
    assert!(offers[1] > 0, "{offers:?}");
    let states = |swarm: &Swarm| -> Vec<TrackerState> {
        swarm
            .trackers()
            .into_iter()
            .map(|tracker| tracker.state)
            .collect()
    };
    assert_eq!(
        states(&swarm),
        [TrackerState::Connecting, TrackerState::Connected]
    );
    let mut waited = false;
    for tick in 1..200 {
        swarm.handle(at(tick * 100), Event::Tick);
        carry_out(&mut swarm, at(tick * 100), &mut offers);
        waited |=
            matches!(states(&swarm)[0], TrackerState::Waiting { until } if until > at(tick * 100));
        assert_eq!(states(&swarm)[1], TrackerState::Connected);
    }
    assert!(waited, "{:?}", swarm.trackers());
}

#[test]
fn why_a_tracker_refuses_is_known_until_it_takes_us() {
    let mut swarm = viewer(1);
    swarm.handle(at(0), Event::Tick);
    swarm.handle(at(1), Event::TrackerOpened(TrackerId(0)));
    let refusal = |swarm: &Swarm| swarm.trackers()[0].refusal.clone();
    let failure = ServerMessage::Failure {
        info_hash: None,
        reason: "not here".to_owned(),
    };
    swarm.handle(at(2), Event::TrackerText(TrackerId(0), failure.to_text()));
    assert_eq!(refusal(&swarm).as_deref(), Some("not here"));
    let reply = ServerMessage::AnnounceReply(AnnounceReply {
        info_hash: InfoHash(ChannelId::from_secret_key(&SECRET).swarm_hash().0),
        interval: Duration::from_secs(60),
        complete: 0,
        incomplete: 1,
        tracker_id: None,
    });
    swarm.handle(at(3), Event::TrackerText(TrackerId(0), reply.to_text()));
    assert_eq!(refusal(&swarm), None);
    assert_eq!(swarm.trackers()[0].viewers, 1);
}
