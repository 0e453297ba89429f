//! Peers that lie, flood or talk nonsense.

mod network;

use bytes::Bytes;
use network::{Network, STREAMER};
use swarm::Status;

#[test]
fn a_peer_that_changes_a_piece_is_dropped_and_nothing_forged_is_played() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.go_live();
    network.run(3.0);
    network.forge = Some(Box::new(move |delivery, bytes| {
        if delivery.at.0 == viewer && bytes.len() > 10_000 {
            let mut forged = bytes.to_vec();
            let last = forged.len() - 1;
            forged[last] ^= 1;
            forged.into()
        } else {
            bytes
        }
    }));
    network.run(3.0);
    // `played` compares every byte with what the streamer made.
    let _ = network.played(viewer);
    assert_eq!(network.stats(viewer).banned_peers, 1);
    assert_eq!(network.stats(viewer).peers, 0);
}

#[test]
fn garbage_ends_the_connection_and_the_viewer_finds_the_streamer_again_when_it_was_not_its_fault() {
    let mut network = Network::new();
    let viewer = network.add_viewer();
    network.go_live();
    network.run(3.0);
    let mut garbage = 1;
    network.forge = Some(Box::new(move |delivery, bytes| {
        if delivery.at.0 == STREAMER && garbage > 0 {
            garbage -= 1;
            Bytes::from_static(&[0xff; 100])
        } else {
            bytes
        }
    }));
    network.run(3.0);
    assert_eq!(network.stats(STREAMER).banned_peers, 1);
    network.run(5.0);
    assert_ne!(network.stats(viewer).status, Status::Live);
}

#[test]
fn a_slow_path_skips_ahead_instead_of_falling_behind() {
    let mut network = Network::new();
    // Three quarters of what the stream needs.
    network.limit_uplink(STREAMER, 234_000);
    let viewer = network.add_viewer();
    network.go_live();
    network.run(60.0);
    let played = network.played(viewer);
    let newest = network.stats(STREAMER).segments - 1;
    let behind = newest - played.last().unwrap();
    assert!(behind < 30, "{behind} segments behind");
    assert!(network.stats(viewer).lost_segments > 0);
    assert!(played.len() > 80, "{}", played.len());
}
