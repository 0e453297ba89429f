use std::time::Duration;

use bytes::Bytes;
use liveontorrent::seeder::connection::News;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::pair::{End, at_a_shared_port, loopback, meet, meet_from};

/// A piece with its header.
const MESSAGE_LEN: usize = 16 * 1024 + 13;
const TOTAL: usize = 8 * 1024 * 1024;
/// What the swarm keeps on its way at once.
const AHEAD: usize = 128 * 1024;

fn byte_at(position: usize) -> u8 {
    (position % 251) as u8
}

/// Sends `TOTAL` bytes as the swarm does, a bounded part at a time, and checks as many from the other side.
async fn exchange(mut end: End) -> End {
    let (mut queued, mut sent, mut received) = (0, 0, 0);
    while sent < TOTAL || received < TOTAL {
        while queued < TOTAL && queued - sent < AHEAD {
            let len = MESSAGE_LEN.min(TOTAL - queued);
            end.send((queued..queued + len).map(byte_at).collect());
            queued += len;
        }
        match end.next().await {
            News::Sent(len) => sent += len,
            News::Received(bytes) => {
                assert!(
                    bytes
                        .iter()
                        .enumerate()
                        .all(|(at, byte)| *byte == byte_at(received + at))
                );
                received += bytes.len();
            }
            other => panic!("{other:?}"),
        }
    }
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn megabytes_arrive_whole_and_in_order_both_ways_at_once() {
    let tasks = TaskTracker::new();
    let (offerer, answerer) = meet(&loopback(), &tasks).await;
    let ends = tokio::join!(
        tokio::spawn(exchange(offerer)),
        tokio::spawn(exchange(answerer))
    );
    assert!(ends.0.is_ok() && ends.1.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_peers_are_served_at_one_shared_port_at_once() {
    let (shared, own) = (at_a_shared_port(), loopback());
    let tasks = TaskTracker::new();
    let mut exchanges = Vec::new();
    // Whoever makes the offer.
    for (offerers, answerers) in [(&shared, &own), (&own, &shared), (&shared, &own)] {
        let (offerer, answerer) = meet_from(offerers, answerers, &tasks).await;
        exchanges.push(tokio::spawn(exchange(offerer)));
        exchanges.push(tokio::spawn(exchange(answerer)));
    }
    for exchange in exchanges {
        exchange.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_both_share_ports_meet_again_and_again() {
    let (here, there) = (at_a_shared_port(), at_a_shared_port());
    let tasks = TaskTracker::new();
    for _ in 0..3 {
        let (offerer, answerer) = meet_from(&here, &there, &tasks).await;
        let ends = tokio::join!(
            tokio::spawn(exchange(offerer)),
            tokio::spawn(exchange(answerer))
        );
        assert!(ends.0.is_ok() && ends.1.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_send_may_be_longer_than_a_message_that_the_peer_takes() {
    let tasks = TaskTracker::new();
    let (offerer, mut answerer) = meet(&loopback(), &tasks).await;
    let long: Bytes = (0..300_000).map(byte_at).collect();
    offerer.send(long.clone());
    let mut received = Vec::new();
    while received.len() < long.len() {
        if let News::Received(bytes) = answerer.next().await {
            received.extend_from_slice(&bytes);
        }
    }
    assert!(received == long);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_reads_nothing_takes_only_so_much() {
    let tasks = TaskTracker::new();
    let (mut offerer, mut answerer) = meet(&loopback(), &tasks).await;
    let message = Bytes::from(vec![7; MESSAGE_LEN]);
    let mut left = 0;
    // The answerer's news are not read: its queue fills, its task reads no more, SCTP's window closes.
    loop {
        while offerer
            .connection
            .as_ref()
            .unwrap()
            .send(message.clone())
            .is_ok()
        {}
        match timeout(Duration::from_secs(2), offerer.news.recv()).await {
            Ok(Some((_, News::Sent(len)))) => left += len,
            Ok(other) => panic!("{other:?}"),
            Err(_) => break,
        }
    }
    // 16 messages wait here, 256 and their like in the library, and then come windows of 1 MiB and the send buffer.
    assert!(left < 16 * 1024 * 1024, "{left} bytes have left");
    // It goes on where it stopped.
    let mut arrived = 0;
    while arrived < left {
        if let News::Received(bytes) = answerer.next().await {
            arrived += bytes.len();
        }
    }
}
