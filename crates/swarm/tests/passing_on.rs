//! Viewers that serve each other.

mod network;

use network::{Network, STREAMER};
use swarm::{Config, PieceState, Status};

/// A network whose streamer takes one connection only: whoever comes second must live on the first viewer.
fn chain() -> (Network, usize, usize) {
    let mut network = Network::with_streamer(Config {
        max_connections: 1,
        ..Config::default()
    });
    let first = network.add_viewer();
    network.go_live();
    network.run(5.0);
    let second = network.add_viewer();
    network.run(15.0);
    (network, first, second)
}

#[test]
fn a_viewer_serves_one_that_cannot_reach_the_streamer() {
    let (network, first, second) = chain();
    assert!(
        network.hosts[second]
            .swarm
            .peers()
            .iter()
            .all(|peer| !peer.streamer)
    );
    assert_eq!(network.stats(second).status, Status::Live);
    let played = network.played(second);
    assert!(played.len() > 55, "{played:?}");
    assert!(played.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert!(network.stats(first).uploaded_piece_bytes > 0);
    assert_eq!(network.stats(second).duplicate_bytes, 0);
}

#[test]
fn the_streamer_pays_for_its_own_viewer_only() {
    let (network, _, _) = chain();
    let stats = network.stats(STREAMER);
    assert!(stats.uploaded_piece_bytes <= stats.stream_bytes);
}

#[test]
fn the_piece_map_tells_what_the_streamer_sent_from_what_a_viewer_passed_on() {
    let (network, first, second) = chain();
    for (viewer, from) in [
        (first, PieceState::FromStreamer),
        (second, PieceState::FromViewer),
    ] {
        let map = network.hosts[viewer].swarm.piece_map();
        assert!(map.len() > 50, "{} segments", map.len());
        assert!(map.is_sorted_by(|one, other| one.number.next() == other.number));
        assert_eq!(map[0].number.0, network.played(viewer)[0]);
        let newest = map.len() - 4;
        let arrived = map[..newest].iter().flat_map(|segment| &segment.pieces);
        assert!(arrived.clone().all(|state| *state == from), "{map:?}");
        assert_eq!(arrived.count(), newest * 5, "78125 bytes are five pieces");
    }
    assert!(network.hosts[STREAMER].swarm.piece_map().is_empty());
}
