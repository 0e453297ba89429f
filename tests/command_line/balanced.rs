//! Several trackers behind one name: the example configurations, in the real HAProxy and nginx.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use liveontorrent::http_client::HttpClient;
use liveontorrent::seeder::TrackerPart;
use liveontorrent::server::{Limits, Listen, Server, ServerOptions};
use serde_json::Value;
use swarm::{ChannelId, ShareLink};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tracker_protocol::{Announce, AnnounceEvent, ClientMessage, InfoHash, PeerId, ServerMessage};

use crate::{Program, SOON};

/// Enough that none of two trackers is left out by chance: once in 2^39.
const CHANNELS: u8 = 40;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What stands before trackers, ended when it is dropped.
struct Balancer {
    process: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
}

/// A port that nobody has just now.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// The example with this machine's addresses in place of its own.
fn example(name: &str, listening: &str, address: SocketAddr, trackers: &[Server; 2]) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("packaging/balancing");
    let text = std::fs::read_to_string(path.join(name)).unwrap();
    let here = listening
        .replace("80", &address.to_string())
        .replace(":127", "127");
    for expected in [listening, "10.0.0.11:8080", "10.0.0.12:8080"] {
        assert!(text.contains(expected), "{expected} in {name}");
    }
    text.replace(listening, &here)
        .replace("10.0.0.11:8080", &trackers[0].address().to_string())
        .replace("10.0.0.12:8080", &trackers[1].address().to_string())
}

impl Balancer {
    async fn haproxy(trackers: &[Server; 2]) -> Self {
        let address = free_address();
        let config = example("haproxy.cfg", "bind :80", address, trackers);
        // As many as this test needs, and this user may have.
        let config = config.replace("maxconn 200000", "maxconn 400");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(file);
        Self::start(command, folder, address).await
    }

    async fn nginx(trackers: &[Server; 2]) -> Self {
        let address = free_address();
        let config = example("nginx.conf", "listen 80;", address, trackers);
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};", path(name)));
        let whole = format!(
            "daemon off; master_process off; pid {}; error_log stderr crit;\n\
             events {{ worker_connections 400; }}\nhttp {{ {}\n{config} }}",
            path("pid"),
            temporary.join(" ")
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, whole).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-e").arg("stderr").arg("-c").arg(file);
        Self::start(command, folder, address).await
    }

    async fn start(mut command: Command, folder: tempfile::TempDir, address: SocketAddr) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Debian has both where only root's shell looks.
        let path = std::env::var("PATH").unwrap_or_default();
        let process = command
            .env("PATH", format!("{path}:/usr/sbin"))
            .spawn()
            .unwrap();
        let balancer = Self {
            process,
            folder,
            address,
        };
        let listening = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(SOON, listening).await.unwrap();
        balancer
    }

    fn url(&self) -> String {
        format!("ws://{}/announce", self.address)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        assert!(self.folder.path().exists());
    }
}

async fn trackers() -> [Server; 2] {
    [tracker().await, tracker().await]
}

async fn tracker() -> Server {
    Server::start(ServerOptions {
        listen: Listen::At((Ipv4Addr::LOCALHOST, 0).into()),
        limits: Limits {
            // All come from the balancer's address.
            connections_per_address: 400,
            ..Limits::default()
        },
        ..ServerOptions::default()
    })
    .await
    .unwrap()
}

/// How many swarms and peers there are at a tracker.
async fn census(tracker: &Server) -> (u64, u64) {
    let url = format!("http://{}/health", tracker.address());
    let (_, body) = HttpClient::new().unwrap().get(&url, 1 << 16).await.unwrap();
    let health: Value = serde_json::from_slice(&body).unwrap();
    (
        health["swarms"].as_u64().unwrap(),
        health["peers"].as_u64().unwrap(),
    )
}

/// Somebody who announces a channel, and stays as long as the socket is kept.
async fn announce(url: &str, channel: u8, peer: u8) -> Socket {
    let (mut socket, _) = timeout(SOON, connect_async(url)).await.unwrap().unwrap();
    let announce = ClientMessage::Announce(Announce {
        info_hash: InfoHash([channel; 20]),
        peer_id: PeerId([peer; 20]),
        event: AnnounceEvent::Started,
        uploaded: 0,
        downloaded: 0,
        left: Some(1),
        numwant: Some(0),
        offers: Vec::new(),
        tracker_id: None,
    });
    socket
        .send(Message::text(announce.to_text()))
        .await
        .unwrap();
    let text = loop {
        let message = timeout(SOON, socket.next()).await.unwrap();
        if let Message::Text(text) = message.unwrap().unwrap() {
            break text;
        }
    };
    let reply = ServerMessage::parse(&text).unwrap();
    assert!(
        matches!(reply, ServerMessage::AnnounceReply(_)),
        "{reply:?}"
    );
    socket
}

/// Both peers of each channel come to the same tracker, and each tracker has channels.
async fn channels_are_spread(balancer: &Balancer, trackers: &[Server; 2]) {
    let mut sockets = Vec::new();
    for channel in 0..CHANNELS {
        // The first characters of a channel are its first bytes.
        let part = TrackerPart::of(&ChannelId([channel.wrapping_mul(53); 32]));
        let url = part.within(&balancer.url());
        for peer in [1, 2] {
            sockets.push(announce(&url, channel, peer).await);
        }
    }
    let [first, second] = [census(&trackers[0]).await, census(&trackers[1]).await];
    assert!(first.0 > 0 && second.0 > 0, "{first:?} {second:?}");
    assert_eq!(
        first.0 + second.0,
        u64::from(CHANNELS),
        "a channel is at one of them"
    );
    assert_eq!(first.1 + second.1, 2 * u64::from(CHANNELS));
}

/// The app and a viewer meet there, and again when the tracker at which they have met is gone.
async fn a_broadcast_is_found(balancer: &Balancer, trackers: [Server; 2]) {
    let home = tempfile::tempdir().unwrap();
    let url = balancer.url();
    let mut broadcast = Program::broadcast(home.path(), &["--json", "--tracker", &url]);
    let link = broadcast.event("live").await["link"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = ShareLink::parse(&link).unwrap();
    // By the balancer alone.
    let link = ShareLink {
        page_is_static: true,
        trackers: vec![url.clone()],
        ..read
    };
    let link = link.to_string();
    watched(&home, &link).await;
    let [first, second] = trackers;
    let (gone, other) = match census(&first).await.0 {
        0 => (second, first),
        _ => (first, second),
    };
    gone.shutdown().await;
    let found = async {
        while census(&other).await.0 == 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, found).await.unwrap();
    watched(&home, &link).await;
    broadcast.interrupt();
    broadcast.end().await;
    other.shutdown().await;
}

async fn watched(home: &tempfile::TempDir, link: &str) {
    let mut viewer = Program::start(home.path(), &["watch", link, "--json"]);
    viewer.event("first-segment").await;
    viewer.interrupt();
    let (status, errors) = viewer.end().await;
    assert!(status.success(), "{errors}");
}

#[tokio::test]
async fn behind_haproxy_each_channel_meets_at_one_tracker_and_at_another_when_it_is_gone() {
    let trackers = trackers().await;
    let balancer = Balancer::haproxy(&trackers).await;
    channels_are_spread(&balancer, &trackers).await;
    a_broadcast_is_found(&balancer, trackers).await;
}

#[tokio::test]
async fn behind_nginx_each_channel_meets_at_one_tracker_and_at_another_when_it_is_gone() {
    let trackers = trackers().await;
    let balancer = Balancer::nginx(&trackers).await;
    channels_are_spread(&balancer, &trackers).await;
    a_broadcast_is_found(&balancer, trackers).await;
}
