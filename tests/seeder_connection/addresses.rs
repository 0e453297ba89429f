//! At which of this machine's addresses and ports connections are made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;

use bytes::Bytes;
use liveontorrent::seeder::connection::News;
use liveontorrent::seeder::{LocalAddresses, NetworkOptions, PortRange};
use tokio_util::task::TaskTracker;

use crate::pair::{End, meet};

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
async fn connections_keep_to_the_ports_that_a_firewall_lets_through() {
    // Three that are free now, in a row.
    let first = (20_000..60_000)
        .step_by(7)
        .find(|first| {
            (0..3).all(|step| UdpSocket::bind((Ipv4Addr::LOCALHOST, first + step)).is_ok())
        })
        .unwrap();
    let range = format!("{first}-{}", first + 2);
    let network = Arc::new(NetworkOptions {
        addresses: LocalAddresses::Only(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
        udp_ports: Some(range.parse::<PortRange>().unwrap()),
        ..NetworkOptions::default()
    });
    for _ in 0..4 {
        let named = offer(&network).await;
        assert!(!named.is_empty());
        for at in named {
            assert!((first..first + 3).contains(&at.port()), "{at} in {range}");
        }
    }
}
