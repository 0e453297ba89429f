use std::time::{Duration, Instant};

use bytes::Bytes;
use liveontorrent::seeder::NetworkOptions;
use liveontorrent::seeder::connection::News;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use crate::pair::{End, SOON, loopback, meet};

#[tokio::test(flavor = "multi_thread")]
async fn the_peer_hears_at_once_that_it_is_over_and_gets_what_was_queued() {
    let tasks = TaskTracker::new();
    let (mut offerer, mut answerer) = meet(&loopback(), &tasks).await;
    let queued = vec![3; 100_000];
    offerer.send(Bytes::from(queued.clone()));
    offerer.end();
    let ended = Instant::now();
    assert!(answerer.received_until_closed().await == queued);
    assert!(
        ended.elapsed() < Duration::from_secs(1),
        "{:?}",
        ended.elapsed()
    );
    offerer.received_until_closed().await;
    assert!(
        ended.elapsed() < Duration::from_secs(2),
        "{:?}",
        ended.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answerer_can_end_it_too() {
    let tasks = TaskTracker::new();
    let (mut offerer, mut answerer) = meet(&loopback(), &tasks).await;
    answerer.end();
    let ended = Instant::now();
    offerer.received_until_closed().await;
    assert!(
        ended.elapsed() < Duration::from_secs(1),
        "{:?}",
        ended.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_reads_nothing_cannot_hold_up_the_end() {
    let tasks = TaskTracker::new();
    let (mut offerer, answerer) = meet(&loopback(), &tasks).await;
    let message = Bytes::from(vec![7; 16 * 1024]);
    for _ in 0..100 {
        while offerer
            .connection
            .as_ref()
            .unwrap()
            .send(message.clone())
            .is_ok()
        {}
        let _ = timeout(Duration::from_millis(50), offerer.news.recv()).await;
    }
    offerer.end();
    let ended = Instant::now();
    offerer.received_until_closed().await;
    assert!(
        ended.elapsed() < Duration::from_millis(1500),
        "{:?}",
        ended.elapsed()
    );
    drop(answerer);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_description_closes_the_connection() {
    let tasks = TaskTracker::new();
    for offer in [
        "",
        "v=0\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
        "\u{0}",
    ] {
        let mut end = End::answering(offer.to_owned(), &loopback(), &tasks);
        loop {
            match end.next().await {
                News::Closed => break,
                // A description without anything to connect by is answered, and then no channel opens.
                News::AnswerMade(_) => end.end(),
                other => panic!("{other:?}"),
            }
        }
    }
    let mut end = End::offering(&loopback(), &tasks);
    assert!(matches!(end.next().await, News::OfferMade(_)));
    let connection = end.connection.as_ref().unwrap();
    connection.accept_answer("nonsense".to_owned()).unwrap();
    assert!(matches!(end.next().await, News::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_finds_no_path_is_closed() {
    let tasks = TaskTracker::new();
    let mut offerer = End::offering(&loopback(), &tasks);
    let News::OfferMade(offer) = offerer.next().await else {
        panic!("no offer");
    };
    let mut answerer = End::answering(offer, &loopback(), &tasks);
    assert!(matches!(answerer.next().await, News::AnswerMade(_)));
    // The answer is lost.
    let answered = Instant::now();
    let last = timeout(Duration::from_secs(20), answerer.news.recv()).await;
    assert!(matches!(last, Ok(Some((_, News::Closed)))), "{last:?}");
    assert!(answered.elapsed() > Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_reach_each_other_at_all_of_this_machines_addresses() {
    let tasks = TaskTracker::new();
    let (_offerer, _answerer) = meet(&NetworkOptions::default().into(), &tasks).await;
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// A process of its own would be a stricter place; here other tests' sockets come and go, so it runs in a runtime of
/// its own and counts sockets only roughly.
#[test]
fn fifty_connections_leave_no_task_and_no_socket_behind() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let metrics = runtime.metrics();
    runtime.block_on(async {
        let files_before = open_files();
        let tasks = TaskTracker::new();
        for round in 0..5 {
            let mut ends = Vec::new();
            for _ in 0..10 {
                ends.push(meet(&loopback(), &tasks).await);
            }
            if round % 2 == 0 {
                ends.iter_mut().for_each(|(offerer, _)| offerer.end());
                for (_, answerer) in &mut ends {
                    answerer.received_until_closed().await;
                }
            }
        }
        tasks.close();
        timeout(SOON, tasks.wait()).await.expect("all tasks end");
        let deadline = Instant::now() + SOON;
        while metrics.num_alive_tasks() > 0 && Instant::now() < deadline {
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(metrics.num_alive_tasks(), 0, "the library's tasks too");
        let files = open_files();
        assert!(
            files < files_before + 40,
            "{files_before} files, then {files}"
        );
    });
}
