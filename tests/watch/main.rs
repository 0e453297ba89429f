//! The native viewer, watching a real streamer over real WebRTC, on loopback.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "viewers here are native viewers")]
#[path = "../seeder_swarm/party.rs"]
mod party;

use std::path::Path;
use std::time::{Duration, Instant};

use liveontorrent::seeder::NetworkOptions;
use liveontorrent::server::Server;
use liveontorrent::watch::{self, OutputTarget, WatchError, WatchOptions, WatchSummary};
use swarm::{BroadcastId, ChannelId, ShareLink};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use party::{SECRET, SOON, Streamer, segment, tracker, until, url_of};

fn link(tracker: &Server) -> String {
    let link = ShareLink {
        page: format!("http://{}/", tracker.address()),
        channel: ChannelId::from_secret_key(&SECRET),
        trackers: Vec::new(),
        stun: Vec::new(),
        page_is_static: false,
    };
    link.to_string()
}

fn options(tracker: &Server, file: &Path) -> WatchOptions {
    WatchOptions {
        link: link(tracker),
        output: OutputTarget::File(file.to_owned()),
        network: NetworkOptions::default(),
        ..WatchOptions::default()
    }
}

struct Watching {
    task: JoinHandle<Result<WatchSummary, WatchError>>,
    cancel: CancellationToken,
}

impl Watching {
    fn start(options: WatchOptions) -> Self {
        let cancel = CancellationToken::new();
        Self {
            task: tokio::spawn(watch::run(options, cancel.clone())),
            cancel,
        }
    }

    async fn over(self) -> Result<WatchSummary, WatchError> {
        timeout(SOON, self.task).await.unwrap().unwrap()
    }
}

/// The init segment and these segments of a broadcast.
fn stream(broadcast: u64, numbers: std::ops::Range<u64>) -> Vec<u8> {
    let segments = numbers.map(|number| segment(BroadcastId(broadcast), number).bytes.to_vec());
    let init = b"ftypmoov".to_vec();
    std::iter::once(init)
        .chain(segments)
        .collect::<Vec<_>>()
        .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_what_was_broadcast_up_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stream.mp4");
    let tracker = tracker().await;
    let watching = Watching::start(options(&tracker, &file));
    let mut streamer = Streamer::start(&url_of(&tracker)).await;
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    streamer.stream(9).await;
    streamer.end().await;
    let summary = watching.over().await.unwrap();
    assert!(std::fs::read(&file).unwrap() == stream(1, 0..9));
    assert!(summary.ended);
    assert_eq!((summary.segments, summary.lost_segments), (9, 0));
    assert!(summary.delay_p50_ms.is_some(), "{summary:?}");
    println!("{summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_watching_gets_the_next_broadcast_with_its_own_init_segment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stream.mp4");
    let tracker = tracker().await;
    let watching = Watching::start(WatchOptions {
        keep: true,
        ..options(&tracker, &file)
    });
    let mut streamer = Streamer::start(&url_of(&tracker)).await;
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    streamer.stream(2).await;
    streamer.end().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    streamer.begin_next().await;
    streamer.stream(2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    watching.cancel.cancel();
    let summary = watching.over().await.unwrap();
    let both = [stream(1, 0..2), stream(2, 0..2)].concat();
    assert!(std::fs::read(&file).unwrap() == both);
    assert_eq!((summary.segments, summary.lost_segments), (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nobody_on_air_it_waits_as_long_as_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stream.mp4");
    let tracker = tracker().await;
    let started = Instant::now();
    let watching = Watching::start(WatchOptions {
        duration: Some(Duration::from_secs(1)),
        ..options(&tracker, &file)
    });
    let summary = watching.over().await.unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(summary, WatchSummary::default());
    assert!(std::fs::read(&file).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamer_that_goes_silent_is_a_stall() {
    let tracker = tracker().await;
    let watching = Watching::start(WatchOptions {
        output: OutputTarget::Nowhere,
        ..options(&tracker, Path::new(""))
    });
    let mut streamer = Streamer::start(&url_of(&tracker)).await;
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    streamer.stream(4).await;
    tokio::time::sleep(Duration::from_millis(1250)).await;
    streamer.stream(4).await;
    streamer.end().await;
    let summary = watching.over().await.unwrap();
    assert_eq!(summary.segments, 8);
    assert!(summary.stalls >= 1, "{summary:?}");
    assert!(summary.stalled_ms >= 500, "{summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_it_with_the_reason() {
    let tracker = tracker().await;
    let watching = Watching::start(options(&tracker, Path::new("/dev/full")));
    let mut streamer = Streamer::start(&url_of(&tracker)).await;
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    streamer.stream(4).await;
    let error = watching.over().await.unwrap_err();
    assert!(error.to_string().contains("/dev/full"), "{error}");
}

#[tokio::test]
async fn what_is_no_link_is_said() {
    let options = WatchOptions {
        link: "http://192.168.1.5:8080/".to_owned(),
        ..WatchOptions::default()
    };
    let error = watch::run(options, CancellationToken::new())
        .await
        .unwrap_err();
    assert!(matches!(error, WatchError::Link(_)), "{error}");
}
