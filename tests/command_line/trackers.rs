//! A broadcast that is found at several trackers, of which some fail.

use std::net::{Ipv4Addr, SocketAddr};

use liveontorrent::server::{Listen, Server, ServerOptions};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Program;

async fn hub(at: SocketAddr) -> Server {
    Server::start(ServerOptions {
        listen: Listen::At(at),
        ..ServerOptions::default()
    })
    .await
    .unwrap()
}

fn somewhere() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn tracker_of(server: &Server) -> String {
    format!("ws://{}/announce", server.address())
}

/// The next figures in which the tracker is in this state.
async fn until_tracker(program: &mut Program, url: &str, state: &str) -> Value {
    loop {
        let figures = program.event("stats").await;
        let trackers = figures["trackers"].as_array().unwrap();
        let tracker = trackers.iter().find(|tracker| tracker["url"] == url);
        let tracker = tracker.unwrap_or_else(|| panic!("no {url} in {figures}"));
        if tracker["state"] == state {
            return tracker.clone();
        }
    }
}

#[tokio::test]
async fn a_broadcast_is_found_at_each_of_its_trackers_and_one_that_fails_delays_none() {
    let home = tempfile::tempdir().unwrap();
    let (shared, other) = (hub(somewhere()).await, hub(somewhere()).await);
    let gone = hub(somewhere()).await;
    let gone_url = tracker_of(&gone);
    gone.shutdown().await;
    // It takes connections and says nothing.
    let silent = TcpListener::bind(somewhere()).await.unwrap();
    let silent_url = format!("ws://{}/", silent.local_addr().unwrap());
    let page = format!("http://{}/", shared.address());
    let other_url = tracker_of(&other);
    let options = [
        "--json",
        "--hub",
        &page,
        "--tracker",
        &silent_url,
        "--tracker",
        &gone_url,
        "--tracker",
        &other_url,
    ];
    let mut broadcast = Program::broadcast(home.path(), &options);
    let link = broadcast.event("live").await["link"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = swarm::ShareLink::parse(&link).unwrap();
    assert_eq!(read.page, page);
    assert_eq!(
        read.trackers,
        [&silent_url, &gone_url, &other_url].map(String::as_str)
    );

    let lost = until_tracker(&mut broadcast, &gone_url, "retrying").await;
    assert!(lost["retry_in_seconds"].as_f64().unwrap() <= 9.0, "{lost}");
    assert!(
        lost["reason"].as_str().unwrap().contains("refused"),
        "{lost}"
    );

    // By the whole link, and by that of somebody who knows only one tracker of it.
    let by_other = format!("{}#{}&static&tr={other_url}", read.page, key_of(&link));
    for link in [&link, &by_other] {
        let mut viewer = Program::start(home.path(), &["watch", link, "--json"]);
        viewer.event("first-segment").await;
        let (status, errors) = {
            viewer.interrupt();
            viewer.end().await
        };
        assert!(status.success(), "{errors}");
    }
    for tracker in [&tracker_of(&shared), &other_url] {
        until_tracker(&mut broadcast, tracker, "connected").await;
    }
    shared.shutdown().await;
    other.shutdown().await;
}

#[tokio::test]
async fn those_who_watch_go_on_without_the_hub_and_it_is_found_when_it_is_back() {
    let home = tempfile::tempdir().unwrap();
    let shared = hub(somewhere()).await;
    let (address, url) = (shared.address(), tracker_of(&shared));
    let page = format!("http://{address}/");
    let mut broadcast = Program::broadcast(home.path(), &["--json", "--hub", &page]);
    let link = broadcast.event("live").await["link"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut viewer = Program::start(home.path(), &["watch", &link, "--json"]);
    viewer.event("first-segment").await;
    shared.shutdown().await;
    loop {
        let hint = broadcast.event("hint").await;
        let text = hint["text"].as_str().unwrap();
        if text.contains(&url) && text.contains("tried again") {
            break;
        }
    }
    let before = viewer.event("stats").await;
    let after = loop {
        let figures = viewer.event("stats").await;
        let segments = |figures: &Value| figures["segments"].as_u64().unwrap();
        if segments(&figures) > segments(&before) + 8 {
            break figures;
        }
    };
    assert_eq!(after["lost_segments"], 0, "{after}");
    let back = hub(address).await;
    until_tracker(&mut broadcast, &url, "connected").await;
    back.shutdown().await;
}

#[tokio::test]
async fn addresses_that_are_none_are_refused_with_an_example() {
    let home = tempfile::tempdir().unwrap();
    for (option, value) in [
        ("--tracker", "udp://tracker.example"),
        ("--hub", "hub.example"),
        ("--stun", "a b"),
        ("--udp-ports", "9-1"),
    ] {
        let program = Program::broadcast(home.path(), &[option, value]);
        let (status, errors) = program.end().await;
        assert_eq!(status.code(), Some(2), "{option} {value}");
        assert!(
            errors.contains("such as") || errors.contains("write"),
            "{errors}"
        );
    }
    let program = Program::broadcast(
        home.path(),
        &["--turn", "turn:t.example", "--turn-user", "ada"],
    );
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(1));
    assert!(errors.contains("password"), "{errors}");
}

#[tokio::test]
async fn a_page_is_exported_once_and_other_folders_are_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("page");
    let line = ["export-page", folder.to_str().unwrap()];
    for _ in 0..2 {
        let (status, errors) = Program::start(home.path(), &line).end().await;
        assert!(status.success(), "{errors}");
    }
    assert!(folder.join("index.html").exists());
    let line = ["export-page", home.path().to_str().unwrap()];
    let (status, errors) = Program::start(home.path(), &line).end().await;
    assert_eq!(status.code(), Some(1));
    assert!(errors.contains("--replace"), "{errors}");
}

fn key_of(link: &str) -> &str {
    let fragment = link.split_once('#').unwrap().1;
    fragment.split('&').next().unwrap()
}
