//! A streamer and its viewers: joining, watching, ending, coming back.

mod network;

use network::{Network, STREAMER};
use swarm::{BroadcastState, Playback, Status};

#[track_caller]
fn assert_unbroken(numbers: &[u64]) {
    assert!(!numbers.is_empty(), "nothing was played");
    for pair in numbers.windows(2) {
        assert_eq!(pair[1], pair[0] + 1, "a gap in {numbers:?}");
    }
}

#[test]
fn a_viewer_plays_every_segment_in_order() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.run(1.0);
    assert_eq!(network.stats(viewer).status, Status::Waiting);
    network.go_live();
    network.run(20.0);
    let played = network.played(viewer);
    assert_unbroken(&played);
    assert_eq!(played[0], 0);
    assert!(played.len() >= 78, "{played:?}");
    assert_eq!(network.stats(viewer).status, Status::Live);
    assert_eq!(network.stats(viewer).duplicate_bytes, 0);
    assert_eq!(network.stats(STREAMER).viewers, 1);
}

#[test]
fn a_viewer_that_joins_late_starts_at_the_newest_key_frame() {
    let mut network = Network::new();
    network.go_live();
    network.run(9.9);
    let viewer = network.add_viewer();
    network.run(0.5);
    let played = network.played(viewer);
    assert_eq!(played.first(), Some(&32), "{played:?}");
    network.run(5.0);
    assert_unbroken(&network.played(viewer));
}

#[test]
fn ending_is_known_at_once_and_the_next_broadcast_plays_on_the_same_connection() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.go_live();
    network.run(5.0);
    network.end();
    network.run(0.1);
    assert_eq!(network.stats(viewer).status, Status::Ended);
    network.run(3.0);
    network.go_live();
    network.run(1.0);
    assert_eq!(network.stats(viewer).status, Status::Live);
    assert_eq!(network.played(viewer).first(), Some(&0));
    let connections = network.hosts[viewer].swarm.peers();
    assert_eq!(connections.len(), 1);
}

#[test]
fn one_that_joins_after_the_end_is_told_so() {
    let mut network = Network::new();
    network.go_live();
    network.run(3.0);
    network.end();
    let viewer = network.add_viewer();
    network.run(1.0);
    assert_eq!(network.stats(viewer).status, Status::Ended);
}

#[test]
fn a_new_title_reaches_everyone_without_a_break() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.go_live();
    network.run(3.0);
    let mut description = network.description(1, BroadcastState::Live);
    description.details.title = "Another".to_owned();
    network.describe(description);
    network.run(3.0);
    assert_eq!(
        network.last_description(viewer).unwrap().details.title,
        "Another"
    );
    assert_unbroken(&network.played(viewer));
    let begun = network.hosts[viewer]
        .played
        .iter()
        .filter(|playback| matches!(playback, Playback::Broadcast(_)))
        .count();
    assert_eq!(begun, 1);
}

#[test]
fn a_streamer_that_falls_silent_is_missed_and_its_return_is_seen() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.go_live();
    network.run(5.0);
    network.fall_silent();
    network.run(4.0);
    assert_eq!(network.stats(viewer).status, Status::Reconnecting);
    network.go_live();
    network.run(2.0);
    assert_eq!(network.stats(viewer).status, Status::Live);
}

#[test]
fn watching_goes_on_without_the_tracker() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.go_live();
    network.run(3.0);
    network.stop_tracker();
    network.run(20.0);
    assert_unbroken(&network.played(viewer));
    assert_eq!(network.stats(viewer).status, Status::Live);
}

#[test]
fn a_tracker_that_comes_late_is_found() {
    let mut network = Network::new();
    network.tracker_up = false;
    let viewer = network.add_viewer();
    network.go_live();
    network.run(20.0);
    assert_eq!(network.stats(viewer).status, Status::Connecting);
    network.tracker_up = true;
    network.run(15.0);
    assert_eq!(network.stats(viewer).status, Status::Live);
}

#[test]
fn a_viewer_that_vanishes_is_noticed() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.go_live();
    network.run(3.0);
    assert_eq!(network.stats(STREAMER).peers, 1);
    network.kill(viewer);
    // One that is silent for 10 s is closed; its last word may still be on its way.
    network.run(11.0);
    assert_eq!(network.stats(STREAMER).peers, 0);
}

#[test]
fn several_viewers_all_play_everything() {
    let mut network = Network::new();
    let viewers: Vec<usize> = (0..6).map(|_| network.add_viewer()).collect();
    network.run(1.0);
    network.go_live();
    network.run(20.0);
    for viewer in viewers {
        let played = network.played(viewer);
        assert_unbroken(&played);
        assert!(played.len() >= 76, "viewer {viewer}: {}", played.len());
    }
}
