use crate::party::{Streamer, Viewer, tracker, tracker_at, until, url_of};

#[tokio::test(flavor = "multi_thread")]
async fn those_who_have_met_need_no_tracker() {
    let tracker = tracker().await;
    let url = url_of(&tracker);
    let mut streamer = Streamer::start(&url).await;
    let mut viewer = Viewer::join(&url);
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
    tracker.shutdown().await;
    until(&viewer.driver, |stats| stats.swarm.trackers_open == 0).await;
    streamer.stream(4).await;
    for number in 0..4 {
        assert_eq!(viewer.next_segment().await.number.0, number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracker_that_comes_late_is_found() {
    let reserved = tracker().await;
    let (address, url) = (reserved.address(), url_of(&reserved));
    reserved.shutdown().await;
    let streamer = Streamer::start(&url).await;
    let _viewer = Viewer::join(&url);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let _tracker = tracker_at(address).await;
    until(&streamer.driver, |stats| stats.swarm.peers == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_no_tracker_is_only_tried_again() {
    let tracker = tracker().await;
    let page = format!("ws://{}/", tracker.address());
    for url in [
        "",
        "ws://",
        "ftp://host",
        "wss://127.0.0.1:1/",
        page.as_str(),
    ] {
        let viewer = Viewer::join(url);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(viewer.driver.stats().borrow().swarm.trackers_open, 0);
        viewer.driver.shutdown().await;
    }
}
