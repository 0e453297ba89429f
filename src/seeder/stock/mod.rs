//! Segments for stock WebTorrent clients: each is a torrent of its own, and whoever opens its magnet link finds us at the
//! tracker and downloads exactly that segment.
//!
//! ```text
//! StockSeeder ─ announces (no offers) ─> trackers ─ a client's offer ─> Connection ─ StockPeer
//! ```
//!
//! The live swarm knows nothing of it: other sockets, another peer id, connections of its own, and few of them.
//! Its viewers come first.
//!
//! Not here: what they say (`crates/stock-peer`), the live swarm's own wire (`crates/swarm`). Stock clients give nothing back, so they are for archives and
//! proofs, not for audiences.

mod pace;
mod torrents;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use stock_peer::StockPeer;
use swarm::{BroadcastId, ConnectionId, InfoHash, PeerId, TrackerId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::task::TaskTracker;
use tracker_protocol as protocol;

use super::NetworkOptions;
use super::connection::{Connection, News, NewsSender};
use super::tracker_socket::{SocketId, TrackerNews, TrackerNewsSender, TrackerSocket, TrackerTls};
use pace::{Allowance, CHUNK, Pace};
use torrents::Torrents;

pub use stock_peer::magnet_link;

/// Segments that wait to be hashed: two seconds' worth. When the task is that late, one is left out.
const QUEUE: usize = 8;
/// News that wait, as in the live driver.
const NEWS_QUEUE: usize = 64;
/// Stock clients at once. Chosen: enough for some archives, and little beside an audience.
const MAX_CONNECTIONS: usize = 8;
/// A client that says nothing for so long has what it wants.
const IDLE_AFTER: Duration = Duration::from_secs(60);
/// How often idle clients and trackers to be tried again are looked for.
const HOUSEKEEPING: Duration = Duration::from_millis(500);
/// First pause before a lost tracker is tried again; doubles up to the last. Segments live for half a minute only.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(8);
/// By then every connection and socket has closed by its own limits.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(1500);

/// A running seeder for stock clients. Dropping it ends it in the background.
#[derive(Debug)]
pub struct StockSeeder {
    segments: mpsc::Sender<(BroadcastId, swarm::Segment)>,
    allowance: watch::Sender<Allowance>,
    has_clients: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl StockSeeder {
    /// Starts seeding at these trackers, with so many bytes a second for all clients together; `None` for as many as they
    /// ask for.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn spawn(
        own_id: PeerId,
        trackers: Vec<String>,
        network: NetworkOptions,
        allowance: Option<u64>,
    ) -> Self {
        let (allowance, allowed) = watch::channel(allowance);
        let (clients_sender, has_clients) = watch::channel(false);
        let (segments, inbox) = mpsc::channel(QUEUE);
        let (news, news_receiver) = mpsc::channel(NEWS_QUEUE);
        let (tracker_news, tracker_news_receiver) = mpsc::channel(NEWS_QUEUE);
        let seeding = Seeding {
            own_id,
            torrents: Torrents::default(),
            trackers: trackers.into_iter().map(Tracker::new).collect(),
            sockets_opened: 0,
            tls: TrackerTls::default(),
            clients: HashMap::new(),
            has_clients: clients_sender,
            pace: Pace::new(*allowance.borrow(), Instant::now()),
            next_connection: 0,
            network: Arc::new(network),
            news,
            tracker_news,
            tasks: TaskTracker::new(),
        };
        let inboxes = Inboxes {
            segments: inbox,
            allowed,
            news: news_receiver,
            tracker_news: tracker_news_receiver,
        };
        Self {
            segments,
            allowance,
            has_clients,
            task: tokio::spawn(seeding.run(inboxes)),
        }
    }

    /// Announces a segment. Where this seeder is too slow it is left out.
    pub fn publish(&self, broadcast: BroadcastId, segment: swarm::Segment) {
        if self.segments.try_send((broadcast, segment)).is_err() {
            tracing::debug!("a segment is not announced to stock clients");
        }
    }

    /// The most to send from now on, in bytes a second; `None` for all that is asked for.
    pub fn allow(&self, allowance: Option<u64>) {
        // Where the task is gone, nothing is sent.
        let _ = self.allowance.send(allowance);
    }

    /// Whether somebody downloads.
    pub fn has_clients(&self) -> bool {
        *self.has_clients.borrow()
    }

    /// Leaves the trackers and closes everything, within two seconds.
    pub async fn shutdown(self) {
        drop(self.segments);
        let _ = self.task.await;
    }
}

/// Where the task hears of things.
struct Inboxes {
    segments: mpsc::Receiver<(BroadcastId, swarm::Segment)>,
    allowed: watch::Receiver<Allowance>,
    news: mpsc::Receiver<(ConnectionId, News)>,
    tracker_news: mpsc::Receiver<(SocketId, TrackerNews)>,
}

/// A tracker, and when it is tried again.
struct Tracker {
    url: String,
    socket: Option<TrackerSocket>,
    is_open: bool,
    pause: Duration,
    retry_at: Instant,
}

impl Tracker {
    fn new(url: String) -> Self {
        Self {
            url,
            socket: None,
            is_open: false,
            pause: FIRST_RETRY,
            retry_at: Instant::now(),
        }
    }

    fn send(&self, message: &protocol::ClientMessage) {
        // One that takes nothing closes by itself soon.
        if let (true, Some(socket)) = (self.is_open, &self.socket) {
            socket.send(message.to_text());
        }
    }

    fn lost(&mut self) {
        self.socket = None;
        self.is_open = false;
        self.retry_at = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LAST_RETRY);
    }
}

/// A stock client.
struct Client {
    connection: Connection,
    peer: StockPeer,
    /// How its answer gets to it.
    answer: AnswerTo,
    heard_at: Instant,
    /// What it is to be sent, as soon as the allowance has it. It asks for no more than [`stock_peer::Torrent::most_given`].
    queue: BytesMut,
}

struct AnswerTo {
    tracker: usize,
    info_hash: InfoHash,
    peer_id: protocol::PeerId,
    offer_id: protocol::OfferId,
}

/// The task's state.
struct Seeding {
    own_id: PeerId,
    torrents: Torrents,
    trackers: Vec<Tracker>,
    sockets_opened: u64,
    tls: TrackerTls,
    clients: HashMap<ConnectionId, Client>,
    has_clients: watch::Sender<bool>,
    pace: Pace,
    next_connection: u64,
    network: Arc<NetworkOptions>,
    news: NewsSender,
    tracker_news: TrackerNewsSender,
    tasks: TaskTracker,
}

impl Seeding {
    async fn run(mut self, mut inboxes: Inboxes) {
        let mut housekeeping = interval(HOUSEKEEPING);
        housekeeping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                segment = inboxes.segments.recv() => match segment {
                    Some((broadcast, segment)) => self.publish(broadcast, &segment),
                    None => break,
                },
                Some((id, news)) = inboxes.news.recv() => self.hear(id, news),
                Some((socket, news)) = inboxes.tracker_news.recv() => {
                    self.hear_tracker(socket, news);
                }
                Ok(()) = inboxes.allowed.changed() => {
                    let allowance = *inboxes.allowed.borrow_and_update();
                    self.pace.allow(allowance, Instant::now());
                }
                () = at(self.next_send()) => {}
                _ = housekeeping.tick() => self.keep_house(),
            }
            self.send_what_may_go();
            let has_clients = !self.clients.is_empty();
            self.has_clients
                .send_if_modified(|had| std::mem::replace(had, has_clients) != has_clients);
        }
        drop(inboxes);
        // A tracker notices a closed socket by itself.
        self.clients.clear();
        self.trackers.clear();
        self.tasks.close();
        let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, self.tasks.wait()).await;
    }

    fn publish(&mut self, broadcast: BroadcastId, segment: &swarm::Segment) {
        let (info_hash, gone) = self.torrents.add(broadcast, segment);
        self.announce(info_hash, protocol::AnnounceEvent::Started);
        for info_hash in gone {
            self.announce(info_hash, protocol::AnnounceEvent::Stopped);
        }
    }

    fn announce(&self, info_hash: InfoHash, event: protocol::AnnounceEvent) {
        let message = announcement(self.own_id, info_hash, event);
        for tracker in &self.trackers {
            tracker.send(&message);
        }
    }

    fn hear_tracker(&mut self, socket: SocketId, news: TrackerNews) {
        let at = socket.tracker.0;
        let own_id = self.own_id;
        let current =
            |tracker: &&mut Tracker| tracker.socket.as_ref().map(TrackerSocket::id) == Some(socket);
        let Some(tracker) = self.trackers.get_mut(at).filter(current) else {
            return;
        };
        match news {
            TrackerNews::Opened => {
                tracker.is_open = true;
                tracker.pause = FIRST_RETRY;
                for info_hash in self.torrents.info_hashes() {
                    let event = protocol::AnnounceEvent::Started;
                    tracker.send(&announcement(own_id, info_hash, event));
                }
            }
            TrackerNews::Text(text) => self.hear_message(at, &text),
            TrackerNews::Closed(_) => tracker.lost(),
        }
    }

    fn hear_message(&mut self, tracker: usize, text: &str) {
        let Ok(protocol::ServerMessage::Offer {
            info_hash,
            peer_id,
            offer_id,
            sdp,
        }) = protocol::ServerMessage::parse(text)
        else {
            return;
        };
        let info_hash = InfoHash(info_hash.0);
        let Some(torrent) = self.torrents.get(info_hash) else {
            return;
        };
        if self.clients.len() >= MAX_CONNECTIONS {
            return;
        }
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let news = self.news.clone();
        let client = Client {
            connection: Connection::answer_stock(id, sdp, &self.network, news, &self.tasks),
            peer: StockPeer::new(torrent, self.own_id),
            answer: AnswerTo {
                tracker,
                info_hash,
                peer_id,
                offer_id,
            },
            heard_at: Instant::now(),
            queue: BytesMut::new(),
        };
        self.clients.insert(id, client);
    }

    fn hear(&mut self, id: ConnectionId, news: News) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let goes_on = match news {
            News::AnswerMade(sdp) => {
                let answer = protocol::ClientMessage::Answer(protocol::Answer {
                    info_hash: protocol::InfoHash(client.answer.info_hash.0),
                    peer_id: protocol::PeerId(self.own_id.0),
                    to_peer_id: client.answer.peer_id,
                    offer_id: client.answer.offer_id,
                    sdp,
                });
                if let Some(tracker) = self.trackers.get(client.answer.tracker) {
                    tracker.send(&answer);
                }
                true
            }
            News::Received(bytes) => client.take(bytes),
            News::Closed => false,
            News::OfferMade(_) | News::Opened | News::Sent(_) => true,
        };
        if !goes_on {
            self.clients.remove(&id);
        }
    }

    /// When something that waits may go out.
    fn next_send(&self) -> Option<Instant> {
        let chunks = self.clients.values().map(Client::next_chunk);
        let smallest = chunks.filter(|len| *len > 0).min()?;
        self.pace.ready_at(smallest)
    }

    /// A chunk for each client in turn, as far as the allowance goes.
    fn send_what_may_go(&mut self) {
        let now = Instant::now();
        loop {
            let mut sent = false;
            self.clients.retain(|_, client| {
                let len = client.next_chunk();
                if len == 0 || !self.pace.take(len, now) {
                    return true;
                }
                sent = true;
                let chunk = client.queue.split_to(len).freeze();
                client.connection.send(chunk).is_ok()
            });
            if !sent {
                break;
            }
        }
    }

    fn keep_house(&mut self) {
        let now = Instant::now();
        self.clients
            .retain(|_, client| client.heard_at + IDLE_AFTER > now);
        for (at, tracker) in self.trackers.iter_mut().enumerate() {
            if tracker.socket.is_some() || tracker.retry_at > now {
                continue;
            }
            self.sockets_opened += 1;
            let id = SocketId {
                tracker: TrackerId(at),
                serial: self.sockets_opened,
            };
            let news = self.tracker_news.clone();
            let url = self.network.tracker_url(tracker.url.clone());
            tracker.socket = Some(TrackerSocket::connect(
                id,
                url,
                &self.tls,
                news,
                &self.tasks,
            ));
        }
    }
}

impl Client {
    /// Returns whether it goes on.
    fn take(&mut self, bytes: Bytes) -> bool {
        self.heard_at = Instant::now();
        let understood = self.peer.receive(bytes, &mut self.queue);
        if let Err(error) = &understood {
            tracing::debug!("a stock client is left: {error}");
        }
        understood.is_ok()
    }

    fn next_chunk(&self) -> usize {
        self.queue.len().min(CHUNK)
    }
}

/// Never, where there is nothing to wait for.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// We have everything of it, and want nobody: a client that wants it makes the offer.
fn announcement(
    own_id: PeerId,
    info_hash: InfoHash,
    event: protocol::AnnounceEvent,
) -> protocol::ClientMessage {
    protocol::ClientMessage::Announce(protocol::Announce {
        info_hash: protocol::InfoHash(info_hash.0),
        peer_id: protocol::PeerId(own_id.0),
        event,
        uploaded: 0,
        downloaded: 0,
        left: Some(0),
        numwant: Some(0),
        offers: Vec::new(),
        tracker_id: None,
    })
}
