//! The stock WebTorrent client, npm `bittorrent-tracker`, against our tracker, in headless Chromium.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use liveontorrent::server::Limits;
use tokio::process::Command;
use tokio::time::timeout;

use crate::peer::server;

/// Starting Chromium on a busy machine takes most of it.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test]
async fn the_stock_client_works_against_our_tracker() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    assert!(
        tests.join("node_modules").exists(),
        "the stock libraries are not installed: run `npm ci` in tests/"
    );
    let server = server(Limits::default()).await;
    let running = Command::new("node")
        .arg(tests.join("stock/tracker.mjs"))
        .arg(format!("ws://{}/announce", server.address()))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, running).await.unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    server.shutdown().await;
}
