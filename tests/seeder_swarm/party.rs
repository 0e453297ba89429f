//! A streamer and its viewers, each a [`Driver`] of its own, and what a viewer's player gets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use liveontorrent::seeder::{Driver, LocalAddresses, NetworkOptions};
use liveontorrent::server::{Listen, Server, ServerOptions};
use swarm::{
    BroadcastId, BroadcastState, ChannelId, Config, Description, Details, PeerId, Playback,
    Segment, SegmentNumber, Swarm, UnixMillis,
};
use tokio::sync::mpsc;
use tokio::time::timeout;

pub const SECRET: [u8; 32] = [11; 32];
/// For what takes milliseconds on an idle machine.
pub const SOON: Duration = Duration::from_secs(10);
/// 2.5 Mbit/s in segments of 250 ms.
const SEGMENT_LEN: usize = 78_125;
const SEGMENTS_PER_GROUP: u64 = 8;

pub async fn tracker() -> Server {
    tracker_at(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)).await
}

pub async fn tracker_at(address: SocketAddr) -> Server {
    Server::start(ServerOptions {
        listen: Listen::At(address),
        ..ServerOptions::default()
    })
    .await
    .unwrap()
}

pub fn url_of(tracker: &Server) -> String {
    format!("ws://{}/announce", tracker.address())
}

fn loopback() -> NetworkOptions {
    NetworkOptions {
        addresses: LocalAddresses::Only(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
        ..NetworkOptions::default()
    }
}

fn config(tracker: &str) -> Config {
    Config {
        trackers: vec![tracker.to_owned()],
        ..Config::default()
    }
}

/// Fresh for each peer.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub struct Streamer {
    pub driver: Driver,
    description: Description,
    next: u64,
}

impl Streamer {
    /// Goes on air.
    pub async fn start(tracker: &str) -> Self {
        let peer_id = PeerId::from_random(random());
        let swarm = Swarm::streamer(SECRET, peer_id, config(tracker), random());
        // Nobody reads a streamer's own playback.
        let (playback, _) = mpsc::channel(1);
        let streamer = Self {
            driver: Driver::spawn(swarm, loopback(), playback),
            description: description(1),
            next: 0,
        };
        streamer.driver.describe(streamer.description.clone()).await;
        streamer
    }

    pub async fn publish(&mut self) {
        self.driver
            .publish(segment(self.description.broadcast, self.next))
            .await;
        self.next += 1;
    }

    /// Publishes so many segments at their own pace.
    pub async fn stream(&mut self, segments: u64) {
        let mut pace = tokio::time::interval(Duration::from_millis(250));
        for _ in 0..segments {
            pace.tick().await;
            self.publish().await;
        }
    }

    pub async fn end(&mut self) {
        self.description.state = BroadcastState::Ended;
        self.description.revision += 1;
        self.driver.describe(self.description.clone()).await;
    }

    /// The next broadcast on the same channel.
    pub async fn begin_next(&mut self) {
        self.description = description(self.description.broadcast.0 + 1);
        self.next = 0;
        self.driver.describe(self.description.clone()).await;
    }
}

fn now() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixMillis(since_epoch.as_millis() as u64)
}

fn description(broadcast: u64) -> Description {
    Description {
        broadcast: BroadcastId(broadcast),
        revision: 0,
        state: BroadcastState::Live,
        started_at: now(),
        details: Details::titled("A party"),
        codecs: "avc1.640028,mp4a.40.2".to_owned(),
        bits_per_second: 2_500_000,
        segment_millis: 250,
        init_segment: Bytes::from_static(b"ftypmoov"),
    }
}

/// A segment whose bytes tell which it is.
pub fn segment(broadcast: BroadcastId, number: u64) -> Segment {
    let byte = |at: usize| (at as u64 * 31 + number * 7 + broadcast.0) as u8;
    Segment {
        number: SegmentNumber(number),
        presentation_time: Duration::from_millis(250 * number),
        duration: Duration::from_millis(250),
        key_frame: number.is_multiple_of(SEGMENTS_PER_GROUP),
        captured_at: now(),
        bytes: (0..SEGMENT_LEN).map(byte).collect(),
    }
}

pub struct Viewer {
    pub driver: Driver,
    pub playback: mpsc::Receiver<Playback>,
}

impl Viewer {
    pub fn join(tracker: &str) -> Self {
        let channel = ChannelId::from_secret_key(&SECRET);
        let peer_id = PeerId::from_random(random());
        let swarm = Swarm::viewer(channel, peer_id, config(tracker), random());
        let (sender, playback) = mpsc::channel(16);
        Self {
            driver: Driver::spawn(swarm, loopback(), sender),
            playback,
        }
    }

    pub async fn next(&mut self) -> Playback {
        let playback = timeout(SOON, self.playback.recv()).await;
        playback.expect("something to play in time").unwrap()
    }

    pub async fn next_segment(&mut self) -> Arc<Segment> {
        loop {
            if let Playback::Segment(segment) = self.next().await {
                return segment;
            }
        }
    }

    /// Waits for a description in this state.
    pub async fn until(&mut self, state: BroadcastState) -> Arc<Description> {
        loop {
            if let Playback::Broadcast(description) | Playback::Changed(description) =
                self.next().await
                && description.state == state
            {
                return description;
            }
        }
    }
}

/// Waits for something that the counters show.
pub async fn until(
    driver: &Driver,
    what: impl FnMut(&Arc<liveontorrent::seeder::DriverStats>) -> bool,
) {
    let mut stats = driver.stats();
    let seen = timeout(SOON, stats.wait_for(what)).await;
    assert!(matches!(seen, Ok(Ok(_))), "not seen in time");
}
