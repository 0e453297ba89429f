//! Viewers carry the stream: who pays for it, and what happens when one of them does not.

mod network;

use std::time::Duration;

use network::{Network, STREAMER};
use swarm::{PeerId, Status};

/// Copies of the stream that the streamer has uploaded since `before`, everything counted.
fn copies_since(network: &Network, before: &swarm::Stats) -> f64 {
    let stats = network.stats(STREAMER);
    let sent = stats.uploaded_bytes - before.uploaded_bytes;
    sent as f64 / (stats.stream_bytes - before.stream_bytes) as f64
}

fn audience(viewers: usize) -> (Network, Vec<usize>) {
    let mut network = Network::new();
    let viewers = (0..viewers).map(|_| network.add_viewer()).collect();
    network.go_live();
    (network, viewers)
}

#[track_caller]
fn assert_all_live(network: &Network, viewers: &[usize]) {
    let newest = network.stats(STREAMER).segments;
    for viewer in viewers {
        let played = network.played(*viewer);
        let last = *played.last().expect("something was played");
        assert_eq!(
            network.stats(*viewer).status,
            Status::Live,
            "viewer {viewer}"
        );
        assert!(
            last + 6 > newest,
            "viewer {viewer} is at {last} of {newest}"
        );
    }
}

#[track_caller]
fn assert_nothing_lost(network: &Network, viewers: &[usize]) {
    for viewer in viewers {
        let lost = network.stats(*viewer).lost_segments;
        assert_eq!(lost, 0, "viewer {viewer}");
    }
}

#[test]
fn one_viewer_costs_the_streamer_one_copy() {
    let (mut network, viewers) = audience(1);
    network.run(20.0);
    let copies = copies_since(&network, &swarm::Stats::default());
    assert!(copies < 1.05, "{copies}");
    assert_all_live(&network, &viewers);
}

#[test]
fn eight_viewers_cost_the_streamer_hardly_more_than_one() {
    let (mut network, viewers) = audience(8);
    network.run(10.0);
    let joined = network.stats(STREAMER);
    network.run(20.0);
    let copies = copies_since(&network, &joined);
    assert!(copies < 1.1, "{copies}");
    let copies = copies_since(&network, &swarm::Stats::default());
    assert!(copies < 1.3, "with joining: {copies}");
    assert_all_live(&network, &viewers);
    assert_nothing_lost(&network, &viewers);
}

#[test]
fn what_a_viewer_gives_and_gets_is_told() {
    let (mut network, viewers) = audience(4);
    network.run(20.0);
    for viewer in viewers {
        let stats = network.stats(viewer);
        assert!(stats.from_streamer_bytes < stats.downloaded_piece_bytes / 2);
        assert!(stats.upload_used > 0.0 && stats.upload_used <= stats.upload_capacity);
        assert!(!stats.audience_short_of_upload);
        let peers = network.hosts[viewer].swarm.peers();
        let stripes: usize = peers.iter().map(|peer| peer.stripes_from).sum();
        assert_eq!(stripes, 8, "each stripe has one parent");
    }
}

#[test]
fn the_streamer_hears_what_its_neighbours_pass_on_and_how_late() {
    let (mut network, viewers) = audience(4);
    network.run(20.0);
    let peers = network.hosts[STREAMER].swarm.peers();
    let passed_on: usize = peers.iter().map(|peer| peer.passes_on).sum();
    let from_streamer: usize = peers.iter().map(|peer| peer.stripes_to).sum();
    // What they say is rounded, and some tenths of a second old.
    let got = passed_on + from_streamer;
    assert!(got.abs_diff(8 * viewers.len()) <= 8, "{got}");
    let late = |peer: &swarm::PeerStats| {
        peer.delay
            .is_none_or(|delay| delay > Duration::from_secs(1))
    };
    assert!(!peers.iter().any(late), "{peers:?}");
}

#[test]
fn a_parent_that_vanishes_is_replaced_before_anything_is_lost() {
    let (mut network, mut viewers) = audience(6);
    network.run(10.0);
    for _ in 0..3 {
        network.kill(viewers.remove(0));
        network.run(5.0);
        assert_all_live(&network, &viewers);
    }
    assert_nothing_lost(&network, &viewers);
}

#[test]
fn a_viewer_that_passes_nothing_on_gets_the_stream_and_is_nobodys_parent() {
    let (mut network, viewers) = audience(5);
    network.set_upload(viewers[2], false);
    network.run(15.0);
    let given = network.stats(viewers[2]).uploaded_piece_bytes;
    network.run(15.0);
    assert_eq!(network.stats(viewers[2]).uploaded_piece_bytes, given);
    assert!(network.stats(viewers[2]).upload_off);
    let seen_as_off = network.hosts[viewers[0]].swarm.peers();
    assert_eq!(seen_as_off.iter().filter(|peer| peer.upload_off).count(), 1);
    let copies = copies_since(&network, &swarm::Stats::default());
    assert!(copies < 1.5, "{copies}");
    assert_all_live(&network, &viewers);
    assert_nothing_lost(&network, &viewers);
}

#[test]
fn switching_upload_off_while_others_live_on_it_breaks_nothing() {
    let (mut network, viewers) = audience(5);
    network.run(15.0);
    network.set_upload(viewers[1], false);
    network.run(10.0);
    network.set_upload(viewers[1], true);
    network.run(10.0);
    assert_all_live(&network, &viewers);
    assert_nothing_lost(&network, &viewers);
}

#[test]
fn where_nobody_can_pass_anything_on_the_streamer_serves_everyone_and_says_so() {
    let (mut network, viewers) = audience(4);
    for viewer in &viewers {
        network.set_upload(*viewer, false);
    }
    network.run(30.0);
    assert_all_live(&network, &viewers);
    assert_nothing_lost(&network, &viewers);
}

#[test]
fn a_parent_that_promises_and_does_not_push_is_left() {
    let (mut network, viewers) = audience(5);
    network.run(10.0);
    let mute = viewers[0];
    let mute_id = network.hosts[mute].swarm.peer_id();
    // Its pieces disappear; all else that it says arrives.
    network.forge = Some(Box::new(move |link, bytes| {
        if link.from == mute && bytes.len() > 10_000 {
            bytes::Bytes::new()
        } else {
            bytes
        }
    }));
    network.run(20.0);
    let others = &viewers[1..];
    assert_all_live(&network, others);
    for viewer in others {
        let peers = network.hosts[*viewer].swarm.peers();
        let from_mute = peers.iter().find(|peer| peer.peer == mute_id);
        assert!(from_mute.is_none_or(|peer| peer.stripes_from <= 1));
    }
}

#[test]
fn a_viewer_with_a_thin_uplink_promises_what_it_carries() {
    let (mut network, viewers) = audience(6);
    // A fifth of the stream.
    network.limit_uplink(viewers[3], 62_500);
    network.run(30.0);
    assert!(network.stats(viewers[3]).upload_used <= 0.25);
    let lost = |network: &Network| -> Vec<u64> {
        let each = viewers.iter().map(|viewer| network.stats(*viewer));
        each.map(|stats| stats.lost_segments).collect()
    };
    let before = lost(&network);
    network.run(20.0);
    assert_eq!(lost(&network), before);
    assert_all_live(&network, &viewers);
}

#[test]
fn the_mesh_heals_without_a_tracker() {
    let (mut network, mut viewers) = audience(12);
    network.run(15.0);
    network.stop_tracker();
    // Half of them go, one after the other; whoever stays finds new neighbours through old ones.
    for _ in 0..6 {
        network.kill(viewers.remove(0));
        network.run(3.0);
    }
    network.run(10.0);
    assert_all_live(&network, &viewers);
    assert_nothing_lost(&network, &viewers);
    for viewer in &viewers {
        assert!(network.stats(*viewer).peers >= 5, "viewer {viewer}");
    }
}

#[test]
fn neighbours_of_neighbours_are_met_without_a_tracker() {
    let (mut network, _) = audience(3);
    network.tracker_answers = 1;
    network.run(10.0);
    // The tracker gives this one a single neighbour and is gone.
    let late = network.add_viewer();
    network.run(1.0);
    network.stop_tracker();
    network.run(15.0);
    assert!(network.stats(late).peers >= 3);
    assert_all_live(&network, &[late]);
}

#[test]
fn a_streamer_that_crashes_and_comes_back_is_found_at_once() {
    for with_tracker in [true, false] {
        let (mut network, viewers) = audience(5);
        network.run(10.0);
        network.kill(STREAMER);
        if !with_tracker {
            network.stop_tracker();
        }
        network.run(10.0);
        for viewer in &viewers {
            assert_eq!(network.stats(*viewer).status, Status::Reconnecting);
        }
        network.tracker_up = true;
        network.restart_streamer();
        network.go_live();
        network.run(3.0);
        for viewer in &viewers {
            assert_eq!(network.stats(*viewer).status, Status::Live);
            let described = network.last_description(*viewer).expect("a description");
            assert_eq!(described.details.title, "Broadcast 2");
        }
    }
}

#[test]
fn who_lives_on_whom_outlasts_the_streamer_and_only_those_who_lived_on_it_look_for_it() {
    let (mut network, viewers) = audience(12);
    network.run(12.0);
    let stripes_from = |network: &Network, viewer: usize, streamer: bool| -> Vec<(PeerId, usize)> {
        let peers = network.hosts[viewer].swarm.peers().into_iter();
        peers
            .filter(|peer| peer.streamer == streamer && peer.stripes_from > 0)
            .map(|peer| (peer.peer, peer.stripes_from))
            .collect()
    };
    let lived_on_streamer: Vec<bool> = viewers
        .iter()
        .map(|viewer| !stripes_from(&network, *viewer, true).is_empty())
        .collect();
    assert!(lived_on_streamer.contains(&true) && lived_on_streamer.contains(&false));
    let from_viewers = |network: &Network| -> Vec<_> {
        let of = |viewer: &usize| stripes_from(network, *viewer, false);
        viewers.iter().map(of).collect()
    };
    let before = from_viewers(&network);
    network.kill(STREAMER);
    network.run(6.0);
    assert_eq!(from_viewers(&network), before);
    let announces = |network: &Network| -> Vec<usize> {
        let of = |viewer: &usize| network.hosts[*viewer].announces;
        viewers.iter().map(of).collect()
    };
    let until_then = announces(&network);
    network.run(6.0);
    assert_eq!(from_viewers(&network), before);
    let since_then = std::iter::zip(announces(&network), until_then).map(|(all, then)| all - then);
    for (looked, lived_on_streamer) in std::iter::zip(since_then, lived_on_streamer) {
        if lived_on_streamer {
            assert!(looked >= 8, "looked {looked} times in six seconds");
        } else {
            assert_eq!(looked, 0, "left it to those who lived on the streamer");
        }
    }
}

#[test]
fn a_late_joiner_of_a_watched_stream_sees_it_within_a_second() {
    let (mut network, _) = audience(6);
    network.run(12.0);
    let late = network.add_viewer();
    network.run(1.0);
    assert!(!network.played(late).is_empty());
    network.run(10.0);
    assert_all_live(&network, &[late]);
    let stats = network.stats(late);
    assert!(stats.from_streamer_bytes < stats.downloaded_piece_bytes / 2);
}

#[test]
fn many_at_once_do_not_disturb_those_who_watch() {
    let (mut network, viewers) = audience(6);
    network.run(10.0);
    let crowd: Vec<usize> = (0..24).map(|_| network.add_viewer()).collect();
    network.run(20.0);
    assert_nothing_lost(&network, &viewers);
    assert_all_live(&network, &viewers);
    assert_all_live(&network, &crowd);
    let steady = network.stats(STREAMER);
    network.run(15.0);
    let copies = copies_since(&network, &steady);
    assert!(copies < 1.4, "{copies}");
}

#[test]
fn delay_grows_little_where_a_stream_is_passed_on() {
    let (mut network, viewers) = audience(8);
    network.run(15.0);
    network.fall_silent();
    network.run(0.0);
    let newest = network.stats(STREAMER).segments - 1;
    let passed = network.run_until(Duration::from_secs(5), |network| {
        let newest_of = |viewer: &usize| network.played(*viewer).last().copied();
        viewers
            .iter()
            .all(|viewer| newest_of(viewer) == Some(newest))
    });
    // Three ways of 20 ms each, and what a beat or two may add.
    assert!(passed < Duration::from_millis(300), "{passed:?}");
}
