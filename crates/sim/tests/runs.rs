//! Short runs with real hashes and signatures.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::num::NonZero;

use sim::{Report, Scenario, World};

fn scenario(name: &str, lines: &[&str]) -> Scenario {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    Scenario::changed(name, &lines).unwrap()
}

fn run(name: &str, lines: &[&str]) -> Report {
    World::run(scenario(name, lines), 1, true)
}

#[test]
fn a_run_can_be_repeated() {
    let lines = ["viewers = 12", "seconds = 12.0", "measure_from = 6.0"];
    let (first, second) = (run("small", &lines), run("small", &lines));
    assert_eq!(first.events, second.events);
    assert_eq!(first.upload_multiple, second.upload_multiple);
    assert_eq!(first.delay_p95, second.delay_p95);
}

#[test]
fn a_run_is_the_same_on_however_many_threads() {
    let lines = ["viewers = 40", "seconds = 25.0", "streamer_dies_at = 15.0"];
    let more = [
        "streamer_away_for = 2.0",
        "tracker_dies_at = 20.0",
        "saying_goodbye = 0.5",
    ];
    let on = |threads| {
        let lines = [&lines[..], &more[..]].concat();
        let threads = NonZero::new(threads).unwrap();
        let mut report = World::run_on(threads, scenario("attack", &lines), 1, true, None);
        report.run_seconds = 0.0;
        serde_json::to_string(&report).unwrap()
    };
    assert_eq!(on(1), on(2));
}

#[test]
fn a_few_viewers_cost_the_streamer_hardly_more_than_one_copy() {
    let report = run("small", &["seconds = 30.0"]);
    assert!(report.upload_multiple < 1.1, "{report}");
    assert!(report.continuity > 0.999, "{report}");
    assert!(report.delay_p95 < 0.6, "{report}");
}

#[test]
fn who_says_goodbye_is_replaced_sooner() {
    let run = |goodbye| {
        let lines = ["viewers = 60", "seconds = 40.0", "measure_from = 15.0"];
        let leaving = ["join_over = 5.0", "leaving_each_minute = 1.0", goodbye];
        run("reach", &[&lines[..], &leaving[..]].concat())
    };
    let (without, with) = (run("saying_goodbye = 0.0"), run("saying_goodbye = 1.0"));
    assert!(with.continuity > without.continuity, "{without}{with}");
}

#[test]
fn an_audience_that_comes_and_goes_carries_the_stream() {
    let report = run(
        "reach",
        &[
            "viewers = 300",
            "seconds = 35.0",
            "join_over = 10.0",
            "measure_from = 20.0",
            "mean_uplink = 10.0",
        ],
    );
    assert!(report.upload_multiple < 1.5, "{report}");
    assert!(report.continuity > 0.99, "{report}");
    assert_eq!(report.banned_peers, 0, "{report}");
}

#[test]
fn an_audience_keeps_a_stripe_whose_first_viewer_leaves() {
    // In this run several do. When those who took their place were then asked to leave it, with all who had come to live on
    // them, 98.8 % came in time.
    let report = World::run(scenario("reach", &["viewers = 300"]), 2, true);
    assert!(report.continuity > 0.993, "{report}");
    assert!(report.upload_multiple < 2.0, "{report}");
}

#[test]
fn a_crowd_does_not_put_out_those_who_watch() {
    // When newcomers took the places of those who pass little on, 86.2 % came in time in the first run.
    let lines = [
        "viewers = 60",
        "seconds = 55.0",
        "crowd = { viewers = 200, at = 30.0, over = 10.0 }",
    ];
    let seeds = [1, 2, 3];
    let mut through = 0.0;
    for seed in seeds {
        let report = World::run(scenario("crowd", &lines), seed, true);
        through += report.continuity_through_crowd.unwrap() / seeds.len() as f64;
        assert!(report.upload_multiple < 2.0, "{report}");
    }
    // One run is chance: 88 to 98 %.
    assert!(through > 0.9, "{through}");
}

#[test]
fn forgers_are_dropped() {
    let lines = ["viewers = 40", "seconds = 25.0", "mean_uplink = 4.0"];
    let more = [
        "measure_from = 15.0",
        "join_over = 5.0",
        "forgers = 0.2",
        "silent = 0.0",
        "boasters = 0.0",
    ];
    let report = run("attack", &[&lines[..], &more[..]].concat());
    assert!(report.banned_peers > 0, "{report}");
    assert!(report.continuity > 0.9, "{report}");
}

#[test]
fn an_attacked_audience_goes_on_watching() {
    let lines = ["viewers = 100", "seconds = 35.0", "join_over = 8.0"];
    let more = ["measure_from = 20.0", "mean_uplink = 3.0"];
    let report = run("attack", &[&lines[..], &more[..]].concat());
    assert!(report.continuity > 0.95, "{report}");
    assert!(report.banned_peers > 0, "{report}");
}

#[test]
fn where_upload_is_scarce_some_stand_aside_and_the_others_get_everything() {
    let lines = ["viewers = 100", "seconds = 80.0", "measure_from = 60.0"];
    let report = run("scarce", &lines);
    assert!(report.short_of_upload, "the streamer is told: {report}");
    assert!(report.served_share > 0.4, "{report}");
    assert!(report.served_continuity > 0.85, "{report}");
}

/// The streamer gives two copies at most while it is met again; one in a dozen audiences takes a little longer than this.
#[test]
fn an_audience_is_back_soon_after_a_streamer_that_crashed() {
    let seeds = [1, 2, 3];
    let mut copies = 0.0;
    for seed in seeds {
        let scenario = scenario("streamer-crash", &["viewers = 100", "seconds = 55.0"]);
        let report = World::run(scenario, seed, true);
        let back = report.return_p90.unwrap();
        assert!(back < 3.0, "{back} s: {report}");
        assert!(report.upload_multiple < 2.5, "{report}");
        copies += report.upload_multiple / seeds.len() as f64;
    }
    // One run is chance: 1.2 to 2.1 copies.
    assert!(copies < 2.0, "{copies} copies");
}
