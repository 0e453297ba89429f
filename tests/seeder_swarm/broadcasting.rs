use std::time::{Duration, Instant};

use swarm::{BroadcastId, BroadcastState, Status};
use tokio::time::timeout;

use crate::party::{SOON, Streamer, Viewer, segment, tracker, until, url_of};

#[tokio::test(flavor = "multi_thread")]
async fn three_viewers_get_every_segment_whole_and_in_order() {
    let tracker = tracker().await;
    let url = url_of(&tracker);
    let mut streamer = Streamer::start(&url).await;
    let viewers: Vec<Viewer> = (0..3).map(|_| Viewer::join(&url)).collect();
    until(&streamer.driver, |stats| stats.swarm.peers == 3).await;
    let watching: Vec<_> = viewers
        .into_iter()
        .map(|mut viewer| {
            tokio::spawn(async move {
                for number in 0..24 {
                    let got = viewer.next_segment().await;
                    assert_eq!(got.number.0, number);
                    assert!(got.bytes == segment(BroadcastId(1), number).bytes);
                }
                let stats = viewer.driver.stats().borrow().clone();
                assert_eq!(stats.swarm.lost_segments, 0);
                assert_eq!(stats.swarm.status, Status::Live);
                viewer.driver.shutdown().await;
            })
        })
        .collect();
    streamer.stream(24).await;
    for viewer in watching {
        timeout(SOON, viewer).await.unwrap().unwrap();
    }
    let uploaded = streamer.driver.stats().borrow().swarm.uploaded_piece_bytes;
    let published = 24 * segment(BroadcastId(1), 0).bytes.len() as u64;
    assert!(
        (published..=3 * published).contains(&uploaded),
        "{uploaded} of {published}"
    );
    streamer.driver.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_late_begins_at_a_key_frame_within_two_seconds() {
    let tracker = tracker().await;
    let mut streamer = Streamer::start(&url_of(&tracker)).await;
    streamer.stream(11).await;
    let joining = Instant::now();
    let mut viewer = Viewer::join(&url_of(&tracker));
    let first = viewer.next_segment().await;
    assert_eq!(first.number.0, 8);
    assert!(
        joining.elapsed() < Duration::from_secs(2),
        "{:?}",
        joining.elapsed()
    );
    println!("first segment after {:?}", joining.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_hear_of_the_end_before_the_streamer_is_gone_and_within_a_second() {
    let tracker = tracker().await;
    let url = url_of(&tracker);
    let mut streamer = Streamer::start(&url).await;
    let mut viewer = Viewer::join(&url);
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    streamer.stream(4).await;
    viewer.next_segment().await;
    let ending = Instant::now();
    streamer.end().await;
    let shutdown = tokio::spawn(streamer.driver.shutdown());
    viewer.until(BroadcastState::Ended).await;
    assert!(
        ending.elapsed() < Duration::from_secs(1),
        "{:?}",
        ending.elapsed()
    );
    timeout(SOON, shutdown).await.unwrap().unwrap();
    assert!(
        ending.elapsed() < Duration::from_secs(2),
        "{:?}",
        ending.elapsed()
    );
    until(&viewer.driver, |stats| stats.swarm.peers == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_broadcast_reaches_viewers_that_stayed() {
    let tracker = tracker().await;
    let url = url_of(&tracker);
    let mut streamer = Streamer::start(&url).await;
    let mut viewer = Viewer::join(&url);
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    streamer.stream(3).await;
    streamer.end().await;
    viewer.until(BroadcastState::Ended).await;
    streamer.begin_next().await;
    streamer.stream(3).await;
    let description = viewer.until(BroadcastState::Live).await;
    assert_eq!(description.broadcast, BroadcastId(2));
    for number in 0..3 {
        let got = viewer.next_segment().await;
        assert!(got.bytes == segment(BroadcastId(2), number).bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamer_that_starts_again_is_found_by_viewers_that_stayed() {
    let tracker = tracker().await;
    let url = url_of(&tracker);
    let mut streamer = Streamer::start(&url).await;
    let mut viewer = Viewer::join(&url);
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    streamer.stream(2).await;
    streamer.end().await;
    streamer.driver.shutdown().await;
    viewer.until(BroadcastState::Ended).await;
    let mut again = Streamer::start(&url).await;
    again.begin_next().await;
    let meeting = Instant::now();
    until(&again.driver, |stats| stats.swarm.peers == 1).await;
    println!("met again after {:?}", meeting.elapsed());
    again.stream(3).await;
    let first = viewer.next_segment().await;
    assert!(first.bytes == segment(BroadcastId(2), first.number.0).bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_that_stops_reading_holds_up_nobody() {
    let tracker = tracker().await;
    let url = url_of(&tracker);
    let mut streamer = Streamer::start(&url).await;
    let mut reading = Viewer::join(&url);
    let _not_reading = Viewer::join(&url);
    until(&streamer.driver, |stats| stats.swarm.peers == 2).await;
    for number in 0..80 {
        streamer.publish().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(reading.next_segment().await.number.0, number);
    }
}

#[test]
fn nothing_runs_on_after_shutdown() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        let tracker = tracker().await;
        let url = url_of(&tracker);
        let mut streamer = Streamer::start(&url).await;
        let viewers: Vec<Viewer> = (0..3).map(|_| Viewer::join(&url)).collect();
        until(&streamer.driver, |stats| stats.swarm.peers == 3).await;
        streamer.stream(4).await;
        for viewer in viewers {
            viewer.driver.shutdown().await;
        }
        streamer.driver.shutdown().await;
        tracker.shutdown().await;
        let deadline = Instant::now() + SOON;
        while metrics.num_alive_tasks() > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(metrics.num_alive_tasks(), 0);
    });
}
