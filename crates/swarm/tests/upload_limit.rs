//! A limit on the upload, counted in bytes, what the audience makes of it, and an upload that is known to be large.

mod network;

use std::time::Duration;

use network::{Network, STREAMER};
use swarm::{Config, Status};

/// Bytes of the stream in a second.
const STREAM: u64 = 312_500;
const PATIENCE: Duration = Duration::from_secs(60);

fn sent_within(network: &mut Network, host: usize, seconds: f64) -> u64 {
    let before = network.stats(host).uploaded_bytes;
    network.run(seconds);
    network.stats(host).uploaded_bytes - before
}

/// What so many seconds may bring at this limit: half a second's worth is let through at once.
fn most(limit: u64, seconds: f64) -> u64 {
    (limit as f64 * (seconds + 0.5)) as u64 + 20_000
}

#[test]
fn a_limit_that_is_set_while_live_holds_to_the_byte_and_can_be_lifted() {
    let mut network = Network::new();
    for _ in 0..4 {
        network.add_viewer();
    }
    network.go_live();
    network.run(10.0);
    let limit = STREAM / 2;
    network.set_upload_limit(STREAMER, Some(limit));
    let sent = sent_within(&mut network, STREAMER, 20.0);
    assert!(sent <= most(limit, 20.0), "{sent}");
    assert!(sent >= limit * 15, "what may be sent is sent: {sent}");
    network.set_upload_limit(STREAMER, None);
    network.run(10.0);
    let sent = sent_within(&mut network, STREAMER, 10.0);
    assert!(sent >= STREAM * 9, "{sent}");
}

#[test]
fn small_messages_count_too() {
    let limit = STREAM * 3 / 2;
    let mut network = Network::with_streamer(Config {
        upload_limit: Some(limit),
        ..Config::default()
    });
    for _ in 0..12 {
        network.add_viewer();
    }
    network.go_live();
    let sent = sent_within(&mut network, STREAMER, 20.0);
    assert!(sent <= most(limit, 20.0), "{sent}");
}

#[test]
fn an_upload_that_is_expected_to_be_large_is_offered_from_the_start() {
    let mut network = Network::new();
    let plain = network.add_viewer();
    let relay = network.add_viewer_with(Config {
        expected_upload: STREAM * 4,
        ..Config::default()
    });
    network.go_live();
    network.run(1.0);
    let capacity = |host| network.stats(host).upload_capacity;
    assert!(capacity(relay) > 3.0, "{}", capacity(relay));
    // As much as is offered unasked.
    assert!(capacity(plain) <= 2.0, "{}", capacity(plain));
}

/// Viewers that pass nothing on, with a streamer that has the upload for two and a half of them.
fn live_before_too_many(viewers: usize) -> (Network, Vec<usize>) {
    let mut network = Network::with_streamer(Config {
        upload_limit: Some(STREAM * 5 / 2),
        ..Config::default()
    });
    let viewers: Vec<usize> = (0..viewers).map(|_| network.add_viewer()).collect();
    for viewer in &viewers {
        network.set_upload(*viewer, false);
    }
    network.go_live();
    (network, viewers)
}

fn count(network: &Network, viewers: &[usize], status: Status) -> usize {
    let is_so = |viewer: &&usize| network.stats(**viewer).status == status;
    viewers.iter().filter(is_so).count()
}

/// Waits until so many of them stand aside. Returns those who do, and the others.
fn until_aside(network: &mut Network, viewers: &[usize], least: usize) -> (Vec<usize>, Vec<usize>) {
    let enough = |network: &Network| count(network, viewers, Status::StandingAside) >= least;
    network.run_until(PATIENCE, enough);
    assert!(enough(network));
    let stands_aside = |viewer: &usize| network.stats(*viewer).status == Status::StandingAside;
    viewers.iter().partition(|viewer| stands_aside(viewer))
}

#[test]
fn who_stands_aside_comes_back_when_nobody_is_left_that_lacks_anything() {
    // By chance some come back sooner, so once is not enough.
    for viewers in 5..9 {
        let (mut network, viewers) = live_before_too_many(viewers);
        let (aside, watching) = until_aside(&mut network, &viewers, 2);
        for viewer in watching {
            network.kill(viewer);
        }
        let two_are_back = |network: &Network| count(network, &aside, Status::Live) >= 2;
        network.run_until(PATIENCE, two_are_back);
        assert!(two_are_back(&network), "of {} viewers", viewers.len());
    }
}

#[test]
fn no_upload_is_spent_on_those_who_stand_aside() {
    let (mut network, viewers) = live_before_too_many(6);
    until_aside(&mut network, &viewers, 1);
    // What was under way arrives.
    network.run(1.0);
    let (waiting, _) = until_aside(&mut network, &viewers, 1);
    let got = |network: &Network| {
        let stats = waiting.iter().map(|viewer| network.stats(*viewer));
        stats.map(|stats| stats.downloaded_piece_bytes).sum::<u64>()
    };
    let before = got(&network);
    // Nobody comes back so soon.
    network.run(3.5);
    let more = got(&network) - before;
    // A piece or two were asked for before.
    assert!(more < STREAM / 4, "{more} bytes");
}
