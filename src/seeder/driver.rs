//! The task that owns a swarm and does what it says.
//!
//! Everything that happens goes into [`Swarm::handle`], and what comes out of [`Swarm::poll`] is carried out at once.
//! The task waits for nobody in particular: connections, trackers and the player have bounded queues, and one whose
//! queue is full is dropped or cut short.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use swarm::{
    Action, ConnectionId, Description, Event, PeerStats, Playback, Segment, Stats, Swarm, Time,
    TrackerId, TrackerState,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::task::TaskTracker;

use super::NetworkOptions;
use super::connection::{Connection, News, NewsSender, Stuck};
use super::playback_queue::PlaybackQueue;
use super::tracker_socket::{SocketId, TrackerNews, TrackerNewsSender, TrackerSocket, TrackerTls};

/// How often the counters are published: often enough for a rate that a person watches.
const STATS_INTERVAL: Duration = Duration::from_millis(250);
/// Requests that wait. They are served within microseconds; a segment comes every 100 ms at most.
const REQUEST_QUEUE: usize = 16;
/// News of all connections that wait. A message of 16 KiB each is the usual worst: 4 MiB.
const NEWS_QUEUE: usize = 256;
/// By then every connection has closed by its own limits, 0.7 s for what is queued and 0.35 s for closing.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(1500);

/// A running swarm. Dropping it ends it as [`Driver::shutdown`] does, in the background.
#[derive(Debug)]
pub struct Driver {
    requests: mpsc::Sender<Request>,
    stats: watch::Receiver<Arc<DriverStats>>,
    task: JoinHandle<()>,
}

/// The swarm's counters at one moment.
#[derive(Clone, Debug, Default)]
pub struct DriverStats {
    /// All peers together.
    pub swarm: Stats,
    /// Each connected peer.
    pub peers: Vec<PeerStats>,
    /// Each tracker.
    pub trackers: Vec<TrackerStatus>,
}

/// How a tracker is doing, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerStatus {
    /// Its address.
    pub url: String,
    /// Whether it is connected.
    pub state: TrackerProgress,
    /// Why it is not, or why it does not take us. Partly in its own words (untrusted).
    pub reason: Option<String>,
}

/// Whether a tracker is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackerProgress {
    /// It is tried just now.
    Connecting,
    /// New viewers can come from there.
    Connected,
    /// It is tried again after so long.
    Retrying(Duration),
}

#[derive(Debug)]
enum Request {
    Describe(Description),
    Publish(Segment),
    LimitUpload(Option<u64>),
}

impl Driver {
    /// Starts driving `swarm`. What is to be played goes to `playback`; a streamer's own need not be read.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn spawn(swarm: Swarm, network: NetworkOptions, playback: mpsc::Sender<Playback>) -> Self {
        let (requests, inbox) = mpsc::channel(REQUEST_QUEUE);
        let (stats_sender, stats) = watch::channel(Arc::default());
        let (news, news_receiver) = mpsc::channel(NEWS_QUEUE);
        let (tracker_news, tracker_news_receiver) = mpsc::channel(NEWS_QUEUE);
        let driving = Driving {
            swarm,
            started: Instant::now(),
            network: Arc::new(network),
            connections: HashMap::new(),
            trackers: HashMap::new(),
            lost_trackers: HashMap::new(),
            sockets_opened: 0,
            tls: TrackerTls::default(),
            playback: PlaybackQueue::new(playback),
            stats: stats_sender,
            news,
            tracker_news,
            tasks: TaskTracker::new(),
        };
        let inboxes = Inboxes {
            requests: inbox,
            news: news_receiver,
            tracker_news: tracker_news_receiver,
        };
        let task = tokio::spawn(driving.run(inboxes));
        Self {
            requests,
            stats,
            task,
        }
    }

    /// Streamer: a broadcast begins, changes or ends.
    pub async fn describe(&self, description: Description) {
        self.request(Request::Describe(description)).await;
    }

    /// Streamer: the next segment.
    pub async fn publish(&self, segment: Segment) {
        self.request(Request::Publish(segment)).await;
    }

    /// The most bytes a second to send from now on, all peers together; `None` for what the path carries.
    pub async fn set_upload_limit(&self, limit: Option<u64>) {
        self.request(Request::LimitUpload(limit)).await;
    }

    async fn request(&self, request: Request) {
        // The task ends only after this end of the channel is gone, unless it panicked, which its hook has shown.
        let _ = self.requests.send(request).await;
    }

    /// The counters, about four times a second and whenever something that a person sees has changed.
    pub fn stats(&self) -> watch::Receiver<Arc<DriverStats>> {
        self.stats.clone()
    }

    /// Sends what is queued, closes all connections and sockets, and returns when nothing is left running, after
    /// a second and a half at most.
    pub async fn shutdown(self) {
        drop(self.requests);
        let _ = self.task.await;
    }
}

/// Where the task hears of things.
struct Inboxes {
    requests: mpsc::Receiver<Request>,
    news: mpsc::Receiver<(ConnectionId, News)>,
    tracker_news: mpsc::Receiver<(SocketId, TrackerNews)>,
}

/// The task's state.
struct Driving {
    swarm: Swarm,
    started: Instant,
    network: Arc<NetworkOptions>,
    connections: HashMap<ConnectionId, Connection>,
    trackers: HashMap<TrackerId, TrackerSocket>,
    /// Why the last socket to each tracker that is not connected ended.
    lost_trackers: HashMap<TrackerId, String>,
    sockets_opened: u64,
    tls: TrackerTls,
    playback: PlaybackQueue,
    stats: watch::Sender<Arc<DriverStats>>,
    news: NewsSender,
    tracker_news: TrackerNewsSender,
    tasks: TaskTracker,
}

impl Driving {
    async fn run(mut self, mut inboxes: Inboxes) {
        let mut stats_due = interval(STATS_INTERVAL);
        stats_due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.handle(Event::Tick);
        loop {
            self.carry_out();
            let wake = self
                .swarm
                .next_wake()
                .map(|at| self.started + at.since_epoch());
            let tick = async {
                match wake {
                    Some(wake) => sleep_until(wake).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                request = inboxes.requests.recv() => match request {
                    Some(request) => self.serve(request),
                    None => break,
                },
                Some((connection, news)) = inboxes.news.recv() => self.hear(connection, news),
                Some((socket, news)) = inboxes.tracker_news.recv() => {
                    self.hear_tracker(socket, news);
                }
                () = self.playback.room(), if self.playback.is_waiting() => {
                    self.playback.hand_over();
                }
                _ = stats_due.tick() => self.publish_stats(),
                () = tick => self.handle(Event::Tick),
            }
        }
        self.end(inboxes).await;
    }

    fn now(&self) -> Time {
        Time::from_epoch(self.started.elapsed())
    }

    fn handle(&mut self, event: Event) {
        self.swarm.handle(self.now(), event);
    }

    fn serve(&mut self, request: Request) {
        let now = self.now();
        match request {
            Request::Describe(description) => self.swarm.describe(now, description),
            Request::Publish(segment) => self.swarm.publish(now, segment),
            Request::LimitUpload(limit) => self.swarm.set_upload_limit(now, limit),
        }
    }

    fn hear(&mut self, id: ConnectionId, news: News) {
        // Late news of a connection that the swarm has closed.
        if !self.connections.contains_key(&id) {
            return;
        }
        let event = match news {
            News::OfferMade(sdp) => Event::OfferMade(id, sdp),
            News::AnswerMade(sdp) => Event::AnswerMade(id, sdp),
            News::Opened => Event::Opened(id),
            News::Received(bytes) => Event::Received(id, bytes),
            News::Sent(len) => Event::Sent(id, len),
            News::Closed => {
                self.connections.remove(&id);
                Event::Closed(id)
            }
        };
        let visible = matches!(event, Event::Opened(_) | Event::Closed(_));
        self.handle(event);
        if visible {
            self.publish_stats();
        }
    }

    fn hear_tracker(&mut self, socket: SocketId, news: TrackerNews) {
        let tracker = socket.tracker;
        let current = self.trackers.get(&tracker).map(TrackerSocket::id);
        if current != Some(socket) {
            return;
        }
        match news {
            TrackerNews::Opened => {
                self.lost_trackers.remove(&tracker);
                self.handle(Event::TrackerOpened(tracker));
            }
            TrackerNews::Text(text) => self.handle(Event::TrackerText(tracker, text)),
            TrackerNews::Closed(reason) => {
                let reason = reason.unwrap_or_else(|| "it closed the connection".to_owned());
                self.lose_tracker(tracker, reason);
            }
        }
    }

    /// Does what the swarm says until it has nothing more to say.
    fn carry_out(&mut self) {
        let mut visible = false;
        while let Some(action) = self.swarm.poll() {
            visible |= matches!(
                action,
                Action::Play(Playback::Broadcast(_) | Playback::Changed(_))
            );
            self.act(action);
        }
        if visible {
            self.publish_stats();
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::TrackerConnect(id, url) => self.connect_tracker(id, url),
            Action::TrackerSend(id, text) => {
                let sent = self.trackers.get(&id).is_some_and(|each| each.send(text));
                if !sent {
                    self.lose_tracker(id, "it takes no message".to_owned());
                }
            }
            Action::TrackerClose(id) => {
                // The swarm closes only what does not open.
                self.trackers.remove(&id);
                self.lost_trackers
                    .insert(id, "it does not answer".to_owned());
            }
            Action::MakeOffer(id) => {
                let news = self.news.clone();
                let connection = Connection::offer(id, &self.network, news, &self.tasks);
                self.connections.insert(id, connection);
            }
            Action::AcceptOffer(id, sdp) => {
                let news = self.news.clone();
                let connection = Connection::answer(id, sdp, &self.network, news, &self.tasks);
                self.connections.insert(id, connection);
            }
            Action::AcceptAnswer(id, sdp) => self.order(id, |each| each.accept_answer(sdp)),
            Action::Send(id, bytes) => self.order(id, |each| each.send(bytes)),
            Action::Close(id) => {
                self.connections.remove(&id);
            }
            Action::Play(playback) => self.playback.push(playback),
        }
    }

    /// Has a connection do something; one that cannot is given up.
    fn order(&mut self, id: ConnectionId, order: impl FnOnce(&Connection) -> Result<(), Stuck>) {
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        if order(connection).is_err() {
            self.connections.remove(&id);
            self.handle(Event::Closed(id));
        }
    }

    fn connect_tracker(&mut self, tracker: TrackerId, url: String) {
        self.sockets_opened += 1;
        let id = SocketId {
            tracker,
            serial: self.sockets_opened,
        };
        let news = self.tracker_news.clone();
        let url = self.network.tracker_url(url);
        let socket = TrackerSocket::connect(id, url, &self.tls, news, &self.tasks);
        self.trackers.insert(tracker, socket);
    }

    fn lose_tracker(&mut self, id: TrackerId, reason: String) {
        self.trackers.remove(&id);
        self.lost_trackers.insert(id, reason);
        self.handle(Event::TrackerClosed(id));
    }

    fn publish_stats(&self) {
        self.stats.send_replace(Arc::new(DriverStats {
            swarm: self.swarm.stats(),
            peers: self.swarm.peers(),
            trackers: self.tracker_statuses(),
        }));
    }

    fn tracker_statuses(&self) -> Vec<TrackerStatus> {
        let now = self.now();
        let status = |tracker: swarm::TrackerStats| TrackerStatus {
            state: match tracker.state {
                TrackerState::Connecting => TrackerProgress::Connecting,
                TrackerState::Connected => TrackerProgress::Connected,
                TrackerState::Waiting { until } => {
                    TrackerProgress::Retrying(until.saturating_since(now))
                }
            },
            reason: match tracker.state {
                TrackerState::Connected => tracker.refusal,
                _ => self.lost_trackers.get(&tracker.tracker).cloned(),
            },
            url: tracker.url,
        };
        self.swarm.trackers().into_iter().map(status).collect()
    }

    /// Lets every task finish what it has, and waits for them.
    async fn end(mut self, inboxes: Inboxes) {
        self.publish_stats();
        self.connections.clear();
        self.trackers.clear();
        // What peers still say is heard by nobody, and nobody waits to be heard.
        drop(inboxes);
        self.tasks.close();
        if timeout(SHUTDOWN_TIMEOUT, self.tasks.wait()).await.is_err() {
            tracing::warn!("{} connections are slow to close", self.tasks.len());
        }
    }
}
