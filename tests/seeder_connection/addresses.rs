//! At which of this machine's addresses and ports connections are made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use bytes::Bytes;
use liveontorrent::seeder::connection::News;
use liveontorrent::seeder::{LocalAddresses, NetworkOptions, PortRange, SharedPort};
use tokio_util::task::TaskTracker;

use crate::pair::{End, at_a_shared_port, meet};

/// The addresses that an offer or answer names, each `IP PORT`.
fn candidates(description: &str) -> Vec<SocketAddr> {
    let candidates = description
        .lines()
        .filter_map(|line| line.strip_prefix("a=candidate:"));
    candidates
        .map(|candidate| {
            let words: Vec<&str> = candidate.split(' ').collect();
            SocketAddr::new(words[4].parse().unwrap(), words[5].parse().unwrap())
        })
        .collect()
}

async fn offer(network: &Arc<NetworkOptions>) -> Vec<SocketAddr> {
    let tasks = TaskTracker::new();
    let mut end = End::offering(network, &tasks);
    match end.next().await {
        News::OfferMade(offer) => candidates(&offer),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_have_only_ipv6_meet() {
    let network = Arc::new(NetworkOptions {
        addresses: LocalAddresses::Only(vec![IpAddr::V6(Ipv6Addr::LOCALHOST)]),
        ..NetworkOptions::default()
    });
    let tasks = TaskTracker::new();
    let (mut offerer, mut answerer) = meet(&network, &tasks).await;
    offerer.send(Bytes::from_static(b"hello over IPv6"));
    offerer.end();
    assert_eq!(answerer.received_until_closed().await, b"hello over IPv6");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_share_the_port_that_a_firewall_lets_through() {
    let network = at_a_shared_port();
    let port = network.shared_port.as_ref().unwrap().port();
    for _ in 0..4 {
        let named = offer(&network).await;
        assert!(!named.is_empty());
        assert!(named.iter().all(|at| at.port() == port), "{named:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_free_port_of_a_range_is_taken_and_a_range_that_is_taken_is_named() {
    let taken = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let range = |last: u16| format!("{port}-{last}").parse::<PortRange>().unwrap();
    let refused = SharedPort::bind(Some(&range(port)))
        .unwrap_err()
        .to_string();
    assert!(refused.contains(&port.to_string()), "{refused}");
    let shared = SharedPort::bind(Some(&range(port.saturating_add(100)))).unwrap();
    assert_ne!(shared.port(), port);
}
