//! `relay`: somebody with bandwidth helps a channel.

use serde_json::Value;

use crate::Program;

/// What viewers get from it before it is believed to help: some segments' worth of the small picture.
const HELP: u64 = 60_000;

fn link_of(live: &Value) -> String {
    live["link"].as_str().unwrap().to_owned()
}

/// The next figures of which this is true.
async fn until(program: &mut Program, event: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    loop {
        let figures = program.event(event).await;
        if is_so(&figures) {
            return figures;
        }
    }
}

/// What a viewer has got from others than the streamer.
fn from_others(figures: &Value) -> u64 {
    let peers = figures["by_peer"].as_array().unwrap().iter();
    peers
        .filter(|peer| peer["streamer"] == false)
        .map(|peer| peer["downloaded_bytes"].as_u64().unwrap())
        .sum()
}

#[tokio::test]
async fn a_relay_gives_to_viewers_in_one_broadcast_and_in_the_next() {
    let home = tempfile::tempdir().unwrap();
    let mut broadcast = Program::broadcast(home.path(), &["--json"]);
    let link = link_of(&broadcast.event("live").await);
    let mut relay = Program::start(home.path(), &["relay", &link, "--json"]);
    relay.event("broadcast").await;
    let watch = ["watch", &link, "--keep", "--json"];
    let mut viewers = [(); 2].map(|()| Program::start(home.path(), &watch));
    let helps = |most: u64| move |help: &Value| help["given_bytes"].as_u64().unwrap() > most;
    let first = until(&mut relay, "helping", helps(HELP)).await;
    assert!(first["taken_bytes"].as_u64().unwrap() > 0, "{first}");
    for viewer in &mut viewers {
        until(viewer, "stats", |figures| from_others(figures) > 0).await;
    }

    broadcast.interrupt();
    broadcast.end().await;
    relay.event("ended").await;
    // On the same port, where the link leads.
    let port = link.split('/').nth(2).unwrap();
    let mut next = Program::start(
        home.path(),
        &[
            &["broadcast", "--source", "test", "--listen", port, "--json"],
            &crate::SMALL[..],
        ]
        .concat(),
    );
    assert_eq!(link_of(&next.event("live").await), link);
    relay.event("broadcast").await;
    let before = first["given_bytes"].as_u64().unwrap();
    until(&mut relay, "helping", helps(before + HELP)).await;

    relay.interrupt();
    let done = relay.event("relayed").await;
    assert_eq!(done["broadcasts"], 2, "{done}");
    assert!(done["most_helped"].as_u64().unwrap() >= 1, "{done}");
    let (status, errors) = relay.end().await;
    assert!(status.success(), "{errors}");
}

#[tokio::test]
async fn a_relay_whose_channel_is_not_live_waits_and_ends_in_peace() {
    let home = tempfile::tempdir().unwrap();
    let mut broadcast = Program::broadcast(home.path(), &["--duration", "0"]);
    let link = broadcast.line().await.unwrap();
    broadcast.end().await;
    let relay = Program::start(home.path(), &["relay", &link, "--duration", "1"]);
    let (status, errors) = relay.end().await;
    assert!(status.success(), "{errors}");
    assert!(errors.contains("0 kB given"), "{errors}");
}

#[tokio::test]
async fn a_relay_says_what_is_wrong_with_its_link_or_limit() {
    let home = tempfile::tempdir().unwrap();
    let link = "http://127.0.0.1:1/#AAAA";
    for (arguments, code, hint) in [
        (&["relay"][..], 2, "LINK"),
        (&["relay", link, "--upload-limit", "fast"], 2, "2.5M"),
        (&["relay", link, "--upload-limit", "20"], 2, "20M"),
        (&["relay", "http://127.0.0.1:1/"], 1, "link"),
        (&["relay", link], 1, "link"),
    ] {
        let (status, errors) = Program::start(home.path(), arguments).end().await;
        assert_eq!(status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(hint), "{arguments:?}: {errors}");
    }
}
