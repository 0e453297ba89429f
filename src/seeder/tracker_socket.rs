//! One WebSocket to one tracker: a task of its own with a bounded queue.
//!
//! Not here: when to connect again, and what is said. The swarm decides both.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use swarm::TrackerId;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error as WebSocketError, Message};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Name, TCP, TLS and the upgrade. The swarm gives up after ten.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// One message on its way out; the server has the same patience.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// A tracker is pinged this often, since many say nothing for minutes…
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// …and is taken to be gone after two pings that nothing followed. TCP alone would notice after a quarter of an hour.
const SILENT_FOR: Duration = Duration::from_secs(75);
/// How long what is queued, and then saying goodbye, may take at the end.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);
const CLOSE_TIMEOUT: Duration = Duration::from_millis(300);
/// Messages that wait to be sent: as many viewers may be answered within one moment.
const QUEUE_LEN: usize = 256;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What happened to a tracker's socket.
#[derive(Debug)]
pub enum TrackerNews {
    /// It is open.
    Opened,
    /// A text message.
    Text(String),
    /// It closed, or could not be opened; why, for a person, where it was not the tracker's own wish.
    Closed(Option<String>),
}

/// Which socket to a tracker: its id is used again for the next socket, and late news of the last one must not count
/// for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketId {
    /// Which tracker.
    pub tracker: TrackerId,
    /// Which of its sockets.
    pub serial: u64,
}

/// Where the news of trackers go.
pub type TrackerNewsSender = mpsc::Sender<(SocketId, TrackerNews)>;

/// The driver's end of a socket. Dropping it closes the socket, after what is queued has been sent.
#[derive(Debug)]
pub struct TrackerSocket {
    id: SocketId,
    texts: mpsc::Sender<String>,
    /// Tells the task that no more texts follow, also while it is still connecting.
    _ends_when_dropped: DropGuard,
}

impl TrackerSocket {
    /// Begins to connect to `url`.
    pub fn connect(
        id: SocketId,
        url: String,
        tls: &TrackerTls,
        news: TrackerNewsSender,
        tasks: &TaskTracker,
    ) -> Self {
        let (texts, queue) = mpsc::channel(QUEUE_LEN);
        let ended = CancellationToken::new();
        let reporter = Reporter { id, news };
        let life = live(url.clone(), tls.clone(), queue, reporter.clone());
        let out_of_time = out_of_time(ended.clone());
        tasks.spawn(async move {
            let over = tokio::select! {
                over = life => over,
                () = out_of_time => Err(SocketError::Stuck),
            };
            let reason = over.err().map(|error| error.to_string());
            if let Some(reason) = &reason {
                tracing::debug!("tracker {url}: {reason}");
            }
            reporter.tell(TrackerNews::Closed(reason)).await;
        });
        Self {
            id,
            texts,
            _ends_when_dropped: ended.drop_guard(),
        }
    }

    /// Which socket this is.
    pub fn id(&self) -> SocketId {
        self.id
    }

    /// Queues a message. Returns whether there was room; a tracker that reads nothing is to be dropped.
    pub fn send(&self, text: String) -> bool {
        self.texts.try_send(text).is_ok()
    }
}

/// Which certificates are believed: those that this machine's other programs believe. Read once, when first needed.
#[derive(Clone, Default)]
pub struct TrackerTls(Arc<tokio::sync::OnceCell<Arc<rustls::ClientConfig>>>);

impl TrackerTls {
    async fn connector(&self) -> Result<Connector, SocketError> {
        let config = self
            .0
            .get_or_try_init(|| async {
                // Reads files.
                let config = tokio::task::spawn_blocking(client_config).await;
                config.map_err(|_| SocketError::NoCertificates)?
            })
            .await?;
        Ok(Connector::Rustls(Arc::clone(config)))
    }
}

fn client_config() -> Result<Arc<rustls::ClientConfig>, SocketError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(SocketError::NoCertificates);
    }
    // Named, so that it does not depend on which providers other crates have switched on.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Why a socket ended, for a person: to the swarm it is closed.
#[derive(Debug, thiserror::Error)]
enum SocketError {
    #[error("no answer within {} s", CONNECT_TIMEOUT.as_secs())]
    NoAnswer,
    #[error("it has said nothing for {} s", SILENT_FOR.as_secs())]
    Silent,
    #[error("it takes no message")]
    Stuck,
    #[error("this machine has no certificates to check it by; install ca-certificates")]
    NoCertificates,
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("there is no tracker at this address (it answers {0})")]
    NoTracker(u16),
    #[error("{0}")]
    Unreachable(std::io::Error),
    #[error("{0}")]
    WebSocket(WebSocketError),
}

impl From<WebSocketError> for SocketError {
    fn from(error: WebSocketError) -> Self {
        match error {
            WebSocketError::Http(response) => Self::NoTracker(response.status().as_u16()),
            WebSocketError::Io(error) => Self::Unreachable(error),
            other => Self::WebSocket(other),
        }
    }
}

/// Tells the driver what happens; one that is gone is told in vain.
#[derive(Clone, Debug)]
struct Reporter {
    id: SocketId,
    news: TrackerNewsSender,
}

impl Reporter {
    async fn tell(&self, news: TrackerNews) {
        let _ = self.news.send((self.id, news)).await;
    }
}

async fn out_of_time(ended: CancellationToken) {
    ended.cancelled().await;
    sleep(FLUSH_TIMEOUT).await;
}

/// A socket's whole life.
async fn live(
    url: String,
    tls: TrackerTls,
    mut queue: mpsc::Receiver<String>,
    reporter: Reporter,
) -> Result<(), SocketError> {
    let connecting = timeout(CONNECT_TIMEOUT, connect(&url, tls));
    let mut socket = connecting.await.map_err(|_| SocketError::NoAnswer)??;
    reporter.tell(TrackerNews::Opened).await;
    converse(&mut socket, &mut queue, &reporter).await?;
    let _ = timeout(CLOSE_TIMEOUT, socket.close(None)).await;
    Ok(())
}

async fn connect(url: &str, tls: TrackerTls) -> Result<Socket, SocketError> {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(tracker_protocol::MAX_MESSAGE_LEN))
        .max_frame_size(Some(tracker_protocol::MAX_MESSAGE_LEN));
    let connector = if url.starts_with("wss:") {
        tls.connector().await?
    } else {
        Connector::Plain
    };
    // Messages are whole and seldom; waiting to join them would only delay a viewer's first picture.
    let no_delay = true;
    let connected = connect_async_tls_with_config(url, Some(limits), no_delay, Some(connector));
    let (socket, _response) = connected.await?;
    Ok(socket)
}

/// Carries messages until the tracker closes, or the driver's end is dropped and what was queued has been sent.
async fn converse(
    socket: &mut Socket,
    queue: &mut mpsc::Receiver<String>,
    reporter: &Reporter,
) -> Result<(), SocketError> {
    let mut pings = interval(PING_INTERVAL);
    let mut heard_at = Instant::now();
    loop {
        tokio::select! {
            text = queue.recv() => match text {
                Some(text) => send(socket, Message::text(text)).await?,
                None => return Ok(()),
            },
            message = socket.next() => {
                heard_at = Instant::now();
                match message.transpose()? {
                    Some(Message::Text(text)) => {
                        let text = text.as_str().to_owned();
                        reporter.tell(TrackerNews::Text(text)).await;
                    }
                    Some(Message::Close(_)) | None => return Ok(()),
                    Some(_) => {}
                }
            }
            _ = pings.tick() => send(socket, Message::Ping(Bytes::new())).await?,
            () = sleep_until(heard_at + SILENT_FOR) => return Err(SocketError::Silent),
        }
    }
}

async fn send(socket: &mut Socket, message: Message) -> Result<(), SocketError> {
    let sent = timeout(WRITE_TIMEOUT, socket.send(message)).await;
    Ok(sent.map_err(|_| SocketError::Stuck)??)
}
