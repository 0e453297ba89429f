//! `tracker-load URL PEERS SECONDS ANNOUNCES_A_SECOND`: so many peers at the tracker at URL, a connection each, a hundred to
//! a swarm. When all are there it says `{"joined":…}`, and waits for a line; then each announces so often, with one
//! offer, and answers the offers that it gets, for so many seconds. At the end a line of JSON says what came of it.
//!
//! What it costs the tracker is for others to look at: `benches/tracker.mjs` reads it from the system.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use rand::RngExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tracker_protocol::{
    Announce, AnnounceEvent, Answer, ClientMessage, InfoHash, Offer, OfferId, PeerId, ServerMessage,
};

const PEERS_PER_SWARM: usize = 100;
/// Browsers make offers of 0.8 to 1.2 KB.
const SDP_LEN: usize = 900;
/// Connections that are opened at once: a tracker's backlog is bounded.
const OPENING: usize = 64;
const PATIENCE: Duration = Duration::from_secs(60);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What all peers together have seen.
#[derive(Default)]
struct Seen {
    announced: Cell<u64>,
    replies: Cell<u64>,
    offers: Cell<u64>,
    answers: Cell<u64>,
    failures: Cell<u64>,
    lost: Cell<u64>,
}

fn add(to: &Cell<u64>) {
    to.set(to.get() + 1);
}

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, peers, seconds, pace] = &words[..] else {
        bail!("usage: tracker-load URL PEERS SECONDS ANNOUNCES_A_SECOND");
    };
    let (peers, seconds, pace): (usize, f64, f64) =
        (peers.parse()?, seconds.parse()?, pace.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, load(url.clone(), peers, seconds, pace))
}

async fn load(url: String, peers: usize, seconds: f64, pace: f64) -> anyhow::Result<()> {
    let seen = Rc::new(Seen::default());
    let (begin, begun) = watch::channel(None);
    let turns = Rc::new(tokio::sync::Semaphore::new(OPENING));
    let (there, mut joined) = tokio::sync::mpsc::channel(peers.max(1));
    let mut tasks = Vec::new();
    for number in 0..peers {
        let (url, seen, begun) = (url.clone(), Rc::clone(&seen), begun.clone());
        let (turns, there) = (Rc::clone(&turns), there.clone());
        tasks.push(tokio::task::spawn_local(async move {
            let joining = async {
                let _turn = turns.acquire().await?;
                let mut peer = Peer::connect(&url, number, &seen).await?;
                peer.announce(AnnounceEvent::Started, &seen).await?;
                anyhow::Ok(peer)
            };
            let peer = timeout(PATIENCE, joining).await;
            let _ = there.send(()).await;
            match peer {
                Ok(Ok(peer)) => peer.live(pace, begun, &seen).await,
                _ => add(&seen.lost),
            }
        }));
    }
    for _ in 0..peers {
        joined.recv().await.context("a peer was forgotten")?;
    }
    println!(r#"{{"joined":{}}}"#, peers as u64 - seen.lost.get());
    // Whoever measures looks at the tracker now.
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    let before = [&seen.replies, &seen.offers, &seen.answers].map(Cell::get);
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    begin.send(Some(until))?;
    for task in tasks {
        task.await?;
    }
    let [replies, offers, answers] = before;
    let report = serde_json::json!({
        "seconds": seconds,
        "announces": seen.announced.get(),
        "replies": seen.replies.get() - replies,
        "offers": seen.offers.get() - offers,
        "answers": seen.answers.get() - answers,
        "failures": seen.failures.get(),
        "lost": seen.lost.get(),
    });
    println!("{report}");
    Ok(())
}

struct Peer {
    socket: Socket,
    info_hash: InfoHash,
    peer_id: PeerId,
}

impl Peer {
    async fn connect(url: &str, number: usize, _seen: &Seen) -> anyhow::Result<Self> {
        let (socket, _) = connect_async(url).await?;
        let mut info_hash = [7; 20];
        info_hash[..8].copy_from_slice(&(number / PEERS_PER_SWARM).to_be_bytes());
        let mut peer_id = *b"-LV0001-loadpeer0000";
        peer_id[12..].copy_from_slice(&number.to_be_bytes());
        Ok(Self {
            socket,
            info_hash: InfoHash(info_hash),
            peer_id: PeerId(peer_id),
        })
    }

    async fn announce(&mut self, event: AnnounceEvent, seen: &Seen) -> anyhow::Result<()> {
        let offer = Offer {
            offer_id: OfferId(rand::rng().random()),
            sdp: "v=0 ".repeat(SDP_LEN / 4),
        };
        let announce = ClientMessage::Announce(Announce {
            info_hash: self.info_hash,
            peer_id: self.peer_id,
            event,
            uploaded: 0,
            downloaded: 0,
            left: Some(1),
            numwant: Some(1),
            offers: vec![offer],
            tracker_id: None,
        });
        if event == AnnounceEvent::Update {
            add(&seen.announced);
        }
        self.socket.send(Message::text(announce.to_text())).await?;
        Ok(())
    }

    /// Announces at its pace from the beginning to the end, and answers all the time.
    async fn live(mut self, pace: f64, mut begun: watch::Receiver<Option<Instant>>, seen: &Seen) {
        let mut until: Option<Instant> = None;
        let gap = Duration::from_secs_f64(1.0 / pace);
        let mut due = Instant::now();
        loop {
            let over = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            let next = async {
                match until {
                    Some(_) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let done = tokio::select! {
                () = over => return,
                Ok(()) = begun.changed(), if until.is_none() => {
                    until = *begun.borrow();
                    // Not all in one instant.
                    due = Instant::now() + gap.mul_f64(rand::rng().random_range(0.0..1.0));
                    Ok(())
                }
                () = next => {
                    due += gap;
                    self.announce(AnnounceEvent::Update, seen).await
                }
                message = self.socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(text.as_str(), seen).await,
                    Some(Ok(_)) => Ok(()),
                    Some(Err(_)) | None => Err(anyhow::anyhow!("closed")),
                },
            };
            if done.is_err() {
                add(&seen.lost);
                return sleep(Duration::ZERO).await;
            }
        }
    }

    async fn hear(&mut self, text: &str, seen: &Seen) -> anyhow::Result<()> {
        match ServerMessage::parse(text) {
            Ok(ServerMessage::AnnounceReply(_)) => add(&seen.replies),
            Ok(ServerMessage::Offer {
                peer_id, offer_id, ..
            }) => {
                add(&seen.offers);
                let answer = ClientMessage::Answer(Answer {
                    info_hash: self.info_hash,
                    peer_id: self.peer_id,
                    to_peer_id: peer_id,
                    offer_id,
                    sdp: "v=0 ".repeat(SDP_LEN / 4),
                });
                self.socket.send(Message::text(answer.to_text())).await?;
            }
            Ok(ServerMessage::Answer { .. }) => add(&seen.answers),
            Ok(ServerMessage::Failure { .. }) => add(&seen.failures),
            _ => {}
        }
        Ok(())
    }
}
