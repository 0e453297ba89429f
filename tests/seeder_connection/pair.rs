//! Two ends that have met: the descriptions are handed over here instead of by a tracker.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use liveontorrent::seeder::connection::{Connection, News};
use liveontorrent::seeder::{LocalAddresses, NetworkOptions, SharedPort};
use swarm::ConnectionId;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// For what takes milliseconds on an idle machine.
pub const SOON: Duration = Duration::from_secs(10);

pub fn loopback() -> Arc<NetworkOptions> {
    Arc::new(NetworkOptions {
        addresses: LocalAddresses::Only(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
        ..NetworkOptions::default()
    })
}

/// Loopback, where all connections have one port.
pub fn at_a_shared_port() -> Arc<NetworkOptions> {
    Arc::new(NetworkOptions {
        shared_port: Some(Arc::new(SharedPort::bind(None).unwrap())),
        ..NetworkOptions::clone(&loopback())
    })
}

/// One end of a connection.
pub struct End {
    /// `None` once it has been dropped to end the connection.
    pub connection: Option<Connection>,
    pub news: mpsc::Receiver<(ConnectionId, News)>,
}

impl End {
    pub fn offering(network: &Arc<NetworkOptions>, tasks: &TaskTracker) -> Self {
        let (sender, news) = mpsc::channel(16);
        let connection = Connection::offer(ConnectionId(1), network, sender, tasks);
        Self {
            connection: Some(connection),
            news,
        }
    }

    pub fn answering(offer: String, network: &Arc<NetworkOptions>, tasks: &TaskTracker) -> Self {
        let (sender, news) = mpsc::channel(16);
        let connection = Connection::answer(ConnectionId(2), offer, network, sender, tasks);
        Self {
            connection: Some(connection),
            news,
        }
    }

    pub async fn next(&mut self) -> News {
        let news = timeout(SOON, self.news.recv()).await;
        news.expect("news in time").expect("a last word").1
    }

    pub fn send(&self, bytes: Bytes) {
        self.connection.as_ref().unwrap().send(bytes).unwrap();
    }

    pub fn end(&mut self) {
        self.connection = None;
    }

    /// All bytes received until the connection is closed.
    pub async fn received_until_closed(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            match self.next().await {
                News::Received(bytes) => all.extend_from_slice(&bytes),
                News::Closed => return all,
                _ => {}
            }
        }
    }
}

pub async fn meet(network: &Arc<NetworkOptions>, tasks: &TaskTracker) -> (End, End) {
    meet_from(network, network, tasks).await
}

/// An offerer and an answerer, each with its own ports.
pub async fn meet_from(
    network: &Arc<NetworkOptions>,
    answerers: &Arc<NetworkOptions>,
    tasks: &TaskTracker,
) -> (End, End) {
    let mut offerer = End::offering(network, tasks);
    let News::OfferMade(offer) = offerer.next().await else {
        panic!("no offer");
    };
    let mut answerer = End::answering(offer, answerers, tasks);
    let News::AnswerMade(answer) = answerer.next().await else {
        panic!("no answer");
    };
    let connection = offerer.connection.as_ref().unwrap();
    connection.accept_answer(answer).unwrap();
    assert!(matches!(offerer.next().await, News::Opened));
    assert!(matches!(answerer.next().await, News::Opened));
    (offerer, answerer)
}
