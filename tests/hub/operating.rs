//! What an operator does: lists of channels, figures, and signals to the real program.

use super::*;
use liveontorrent::hub::Operator;
use std::fs;
use std::process::{Command, Stdio};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::test]
async fn an_operator_is_named_and_says_which_channels_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let deny = folder.path().join("deny.txt");
    fs::write(&deny, format!("{} ; of the court's order\n", key_of(1))).unwrap();
    let hub = Hub::start(HubOptions {
        operator: Operator {
            name: "A club".to_owned(),
            contact: "club@example.org".to_owned(),
        },
        deny: Some(deny.clone()),
        ..options()
    })
    .await
    .unwrap();
    let visitor = Visitor::to(&hub);
    let list = visitor.catalogue("").await;
    assert_eq!(list["operator"], "A club");
    assert_eq!(list["contact"], "club@example.org");
    let refused = Visitor::refused(visitor.bring(streamer(1).sign(&card("One"))).await);
    assert_eq!(refused, (403, "not-admitted".to_owned()));
    visitor.list(streamer(2).sign(&card("Two"))).await;
    fs::write(&deny, key_of(2)).unwrap();
    hub.reload().unwrap();
    assert!(visitor.titles("").await.is_empty());
    visitor.list(streamer(1).sign(&card("One"))).await;
    fs::write(&deny, "what is this").unwrap();
    let error = hub.reload().unwrap_err().to_string();
    assert!(error.contains("line 1, 'what is this'"), "{error}");
    assert_eq!(visitor.titles("").await, ["One"], "it stays as it was");
    hub.shutdown().await;
}

#[tokio::test]
async fn figures_are_numbers_and_on_an_address_of_their_own() {
    let hub = Hub::start(HubOptions {
        metrics: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        ..options()
    })
    .await
    .unwrap();
    let visitor = Visitor::to(&hub);
    visitor.list(streamer(1).sign(&card("One"))).await;
    visitor.bring(Bytes::from_static(b"rubbish")).await;
    let url = format!("http://{}/metrics", hub.metrics_address().unwrap());
    let (_, body) = visitor.client.get(&url, 1 << 16).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    for line in [
        "liveontorrent_channels 1",
        "liveontorrent_peers 0",
        "liveontorrent_cards_total{outcome=\"listed\"} 1",
        "liveontorrent_cards_total{outcome=\"signature\"} 1",
    ] {
        assert!(text.lines().any(|said| said == line), "{line} in {text}");
    }
    assert!(!text.contains("127.0.0.1"), "nobody's address: {text}");
    assert_eq!(visitor.get("metrics").await.0, 404);
    hub.shutdown().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_reads_its_lists_again_and_ends_well_when_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let deny = folder.path().join("deny.txt");
    fs::write(&deny, "").unwrap();
    let mut program = tokio::process::Command::from({
        let mut command = Command::new(env!("CARGO_BIN_EXE_liveontorrent"));
        command
            .args(["hub", "--json", "--listen", "127.0.0.1:0", "--listen"])
            .args(["127.0.0.1:0", "--deny"])
            .arg(&deny)
            .stdout(Stdio::piped());
        command
    })
    .kill_on_drop(true)
    .spawn()
    .unwrap();
    let pid = program.id().unwrap();
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &pid.to_string()]).status();
        assert!(sent.unwrap().success());
    };
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = lines.next_line().await.unwrap().unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    };
    let serving = next().await;
    assert_eq!(serving["event"], "serving");
    let urls = serving["urls"].as_array().unwrap();
    assert_eq!(urls.len(), 2);
    for url in urls {
        let visitor = Visitor {
            url: url.as_str().unwrap().to_owned(),
            client: HttpClient::new().unwrap(),
        };
        visitor
            .list(streamer(1).sign(&Card {
                issued_at: now(),
                ..card("One")
            }))
            .await;
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let visitor = Visitor {
        url: urls[0].as_str().unwrap().to_owned(),
        client: HttpClient::new().unwrap(),
    };
    assert_eq!(visitor.titles("").await, ["One"], "one list at both");
    fs::write(&deny, key_of(1)).unwrap();
    signal("-HUP");
    assert_eq!(next().await["event"], "reloaded");
    assert!(visitor.titles("").await.is_empty());
    signal("-TERM");
    assert_eq!(next().await["event"], "ended");
    assert!(program.wait().await.unwrap().success());
}
