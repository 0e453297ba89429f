//! Pausing and muting while viewers watch.

use std::path::Path;
use std::time::Duration;

use liveontorrent::broadcast::{Command, Engine};
use swarm::BroadcastState;
use tokio::time::sleep;

use crate::viewer::Viewer;
use crate::{SOON, go_live, live, options, tell, until, watch};

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_sends_nothing_and_continue_begins_with_a_key_frame() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let began = go_live(&engine).await;
    let mut viewer = Viewer::join(&began.link);
    let first = viewer.segment().await;
    tell(&engine, Command::Pause).await;
    viewer
        .told(|description| description.state == BroadcastState::Paused)
        .await;
    // The segment that was begun still comes; after it, nothing does.
    sleep(Duration::from_secs(2)).await;
    let last = viewer.last_segment_so_far().unwrap_or(first);
    let paused = until(&engine, |snapshot| live(snapshot).unwrap().paused).await;
    let segments = live(&paused).unwrap().segments;
    sleep(Duration::from_secs(1)).await;
    let still = engine.snapshots().borrow().clone();
    assert_eq!(live(&still).unwrap().segments, segments);
    assert!(viewer.last_segment_so_far().is_none());

    let mut late_comer = Viewer::join(&began.link);
    late_comer
        .told(|description| description.state == BroadcastState::Paused)
        .await;
    tell(&engine, Command::Continue).await;
    viewer
        .told(|description| description.state == BroadcastState::Live)
        .await;
    let next = viewer.segment().await;
    assert!(next.key_frame);
    assert_eq!(next.number, last.number.next());
    // The wire counts microseconds.
    let end = last.presentation_time + last.duration;
    assert!(next.presentation_time.abs_diff(end) < Duration::from_micros(2));
    while late_comer.segment().await.number < next.number {}
    viewer.leave().await;
    late_comer.leave().await;
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_can_be_stopped_while_it_is_paused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let began = go_live(&engine).await;
    let mut viewer = Viewer::join(&began.link);
    viewer.segment().await;
    tell(&engine, Command::Pause).await;
    until(&engine, |snapshot| live(snapshot).unwrap().paused).await;
    tell(&engine, Command::Stop).await;
    viewer
        .told(|description| description.state == BroadcastState::Ended)
        .await;
    viewer.leave().await;
    let again = go_live(&engine).await;
    assert!(!again.paused);
    engine.quit().await;
}

/// The loudest sample of a file's first track of sound, in decibels below the loudest that can be.
async fn loudest(file: &Path) -> f64 {
    let output = tokio::process::Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-i"])
        .arg(file)
        .args(["-vn", "-af", "volumedetect", "-f", "null", "-"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let volume = said
        .lines()
        .find_map(|line| line.split_once("max_volume: ")?.1.strip_suffix(" dB"))
        .unwrap_or_else(|| panic!("no volume: {said}"));
    volume.parse().unwrap()
}

async fn record(engine: &Engine, link: &str, file: &Path) {
    let segments = live(&engine.snapshots().borrow()).unwrap().segments;
    let (watching, cancel) = watch(link, file, false);
    // Each second has a beep.
    until(engine, |snapshot| {
        live(snapshot).is_some_and(|live| live.segments > segments + 12)
    })
    .await;
    cancel.cancel();
    tokio::time::timeout(SOON, watching).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_muted_is_silence() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    tell(&engine, Command::SetMuted(true)).await;
    let began = go_live(&engine).await;
    let (muted, unmuted) = (folder.path().join("1.mp4"), folder.path().join("2.mp4"));
    record(&engine, &began.link, &muted).await;
    assert!(loudest(&muted).await < -80.0);
    tell(&engine, Command::SetMuted(false)).await;
    record(&engine, &began.link, &unmuted).await;
    assert!(loudest(&unmuted).await > -40.0);
    engine.quit().await;
}
