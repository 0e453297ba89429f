//! Our connections and Chromium's, whichever of them offers.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use liveontorrent::seeder::NetworkOptions;
use liveontorrent::seeder::connection::{Connection, News};
use swarm::ConnectionId;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// Starting Chromium on a busy machine takes most of it.
const PATIENCE: Duration = Duration::from_secs(120);
/// A piece with its header.
const MESSAGE_LEN: usize = 16 * 1024 + 13;
const MESSAGES: usize = 64;

/// A peer in Chromium that sends back what it receives.
struct Browser {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    fn start(role: &str) -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        assert!(
            tests.join("node_modules").exists(),
            "the stock libraries are not installed: run `npm ci` in tests/"
        );
        let mut process = Command::new("node")
            .arg(tests.join("seeder_browser/echo.mjs"))
            .arg(role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
        }
    }

    async fn hear(&mut self) -> String {
        let line = timeout(PATIENCE, self.output.next_line()).await.unwrap();
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    }

    async fn say(&mut self, text: &str) {
        let line = format!("{}\n", serde_json::to_string(text).unwrap());
        self.input.write_all(line.as_bytes()).await.unwrap();
    }
}

async fn next(news: &mut mpsc::Receiver<(ConnectionId, News)>) -> News {
    timeout(PATIENCE, news.recv()).await.unwrap().unwrap().1
}

/// Sends bytes through the browser and back, and has the browser end the connection.
async fn talk(
    browser: &mut Browser,
    connection: Connection,
    news: &mut mpsc::Receiver<(ConnectionId, News)>,
) {
    let answered = Instant::now();
    assert!(matches!(next(news).await, News::Opened));
    println!("open after {:?}", answered.elapsed());
    let sent: Bytes = (0..MESSAGES * MESSAGE_LEN)
        .map(|at| (at % 251) as u8)
        .collect();
    for at in 0..MESSAGES {
        let message = sent.slice(at * MESSAGE_LEN..(at + 1) * MESSAGE_LEN);
        connection.send(message).unwrap();
    }
    let mut received = Vec::new();
    while received.len() < sent.len() {
        if let News::Received(bytes) = next(news).await {
            received.extend_from_slice(&bytes);
        }
    }
    assert!(received == sent);
    browser.say("close").await;
    let closing = Instant::now();
    while !matches!(next(news).await, News::Closed) {}
    println!("closed after {:?}", closing.elapsed());
    assert!(
        closing.elapsed() < Duration::from_secs(2),
        "{:?}",
        closing.elapsed()
    );
    browser.say("seen").await;
    // It closes Chromium first, which would outlive it were it killed.
    let ended = timeout(PATIENCE, browser.process.wait()).await.unwrap();
    assert!(ended.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_offers_and_we_answer() {
    let mut browser = Browser::start("offer");
    let offer = browser.hear().await;
    let tasks = TaskTracker::new();
    let (sender, mut news) = mpsc::channel(16);
    let network = Arc::new(NetworkOptions::default());
    let connection = Connection::answer(ConnectionId(0), offer, &network, sender, &tasks);
    let News::AnswerMade(answer) = next(&mut news).await else {
        panic!("no answer");
    };
    browser.say(&answer).await;
    talk(&mut browser, connection, &mut news).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn we_offer_and_chromium_answers() {
    let mut browser = Browser::start("answer");
    assert_eq!(browser.hear().await, "ready");
    let tasks = TaskTracker::new();
    let (sender, mut news) = mpsc::channel(16);
    let network = Arc::new(NetworkOptions::default());
    let connection = Connection::offer(ConnectionId(0), &network, sender, &tasks);
    let News::OfferMade(offer) = next(&mut news).await else {
        panic!("no offer");
    };
    browser.say(&offer).await;
    let answer = browser.hear().await;
    connection.accept_answer(answer).unwrap();
    talk(&mut browser, connection, &mut news).await;
}
