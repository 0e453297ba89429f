//! One WebRTC connection to one peer: a task of its own with a bounded queue, so that nobody waits for a slow peer.
//!
//! ```text
//! Driver ── Connection (queue) ──> task ── data channel `lt` ──> peer
//!    ^                              │
//!    └────────── News ──────────────┘
//! ```
//!
//! [`Connection::offer`] or [`Connection::answer`] begins one; dropping the [`Connection`] ends it: what is queued
//! is sent first, for a second at most. The task tells what becomes of it as [`News`], the last of which is
//! [`News::Closed`].
//!
//! Not here: what the bytes mean.

mod negotiation;
mod transfer;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use swarm::ConnectionId;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::NetworkOptions;
use negotiation::Negotiation;

/// From both descriptions being known to an open data channel. ICE over a bad path takes seconds; more is a path that
/// does not exist. The swarm's own limit is the same.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
/// Messages that wait in a connection's queue. The swarm hands over 8 pieces at most; the rest is room for some
/// minutes of small messages, after which a peer that reads nothing has long been given up.
const QUEUE_LEN: usize = 1024;

/// What happened to a connection.
#[derive(Debug)]
pub enum News {
    /// The offer is ready, candidates included.
    OfferMade(String),
    /// The answer is ready, candidates included.
    AnswerMade(String),
    /// The data channel is open.
    Opened,
    /// Bytes from the peer.
    Received(Bytes),
    /// So many bytes have left the queue.
    Sent(usize),
    /// It failed, or the peer closed it, or it was ended here.
    Closed,
}

/// Where a connection's news go. When it is full, the connection reads nothing more from its peer.
pub type NewsSender = mpsc::Sender<(ConnectionId, News)>;

/// The driver's end of a connection. Dropping it ends the connection.
#[derive(Debug)]
pub struct Connection {
    orders: mpsc::Sender<Order>,
    /// Tells the task that no more orders follow, also while it is busy with one.
    _ends_when_dropped: DropGuard,
}

/// The connection's queue is full, or its task has ended.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the peer takes nothing more")]
pub struct Stuck;

#[derive(Debug)]
enum Order {
    AcceptAnswer(String),
    Send(Bytes),
}

/// Who begins.
#[derive(Debug)]
enum Opening {
    /// We offer, and an order brings the answer.
    Offer,
    /// We answer this offer.
    Answer(String),
    /// We answer this offer of a stock client.
    AnswerStock(String),
}

impl Connection {
    /// Begins a connection with an offer of ours.
    pub fn offer(
        id: ConnectionId,
        network: &Arc<NetworkOptions>,
        news: NewsSender,
        tasks: &TaskTracker,
    ) -> Self {
        Self::begin(Opening::Offer, Reporter { id, news }, network, tasks)
    }

    /// Begins a connection with another's offer.
    pub fn answer(
        id: ConnectionId,
        offer: String,
        network: &Arc<NetworkOptions>,
        news: NewsSender,
        tasks: &TaskTracker,
    ) -> Self {
        let opening = Opening::Answer(offer);
        Self::begin(opening, Reporter { id, news }, network, tasks)
    }

    /// Begins a connection with the offer of a stock client, whose data channel may have any label.
    pub fn answer_stock(
        id: ConnectionId,
        offer: String,
        network: &Arc<NetworkOptions>,
        news: NewsSender,
        tasks: &TaskTracker,
    ) -> Self {
        let opening = Opening::AnswerStock(offer);
        Self::begin(opening, Reporter { id, news }, network, tasks)
    }

    fn begin(
        opening: Opening,
        reporter: Reporter,
        network: &Arc<NetworkOptions>,
        tasks: &TaskTracker,
    ) -> Self {
        let (orders, queue) = mpsc::channel(QUEUE_LEN);
        let ended = CancellationToken::new();
        let inbox = Inbox {
            queue,
            ended: ended.clone(),
        };
        tasks.spawn(live(opening, reporter, Arc::clone(network), inbox));
        Self {
            orders,
            _ends_when_dropped: ended.drop_guard(),
        }
    }

    /// The answer to our offer.
    ///
    /// # Errors
    ///
    /// When the connection takes nothing more; it is to be dropped.
    pub fn accept_answer(&self, answer: String) -> Result<(), Stuck> {
        self.order(Order::AcceptAnswer(answer))
    }

    /// Queues bytes for the peer.
    ///
    /// # Errors
    ///
    /// When the connection takes nothing more; it is to be dropped.
    pub fn send(&self, bytes: Bytes) -> Result<(), Stuck> {
        self.order(Order::Send(bytes))
    }

    fn order(&self, order: Order) -> Result<(), Stuck> {
        self.orders.try_send(order).map_err(|_| Stuck)
    }
}

/// The task's end of a connection.
#[derive(Debug)]
struct Inbox {
    queue: mpsc::Receiver<Order>,
    /// Cancelled when the driver's end has been dropped.
    ended: CancellationToken,
}

/// Tells the driver what happens. A driver that is gone is told in vain, and the connection ends by itself.
#[derive(Clone, Debug)]
struct Reporter {
    id: ConnectionId,
    news: NewsSender,
}

impl Reporter {
    async fn tell(&self, news: News) {
        let _ = self.news.send((self.id, news)).await;
    }
}

/// A connection's whole life.
async fn live(
    opening: Opening,
    reporter: Reporter,
    network: Arc<NetworkOptions>,
    mut inbox: Inbox,
) {
    match Negotiation::start(&network).await {
        Ok(mut negotiation) => {
            if let Err(error) = meet(opening, &mut negotiation, &reporter, &mut inbox).await {
                tracing::debug!("connection {}: {error}", reporter.id.0);
            }
            negotiation.close().await;
        }
        Err(error) => tracing::debug!("connection {} cannot begin: {error}", reporter.id.0),
    }
    reporter.tell(News::Closed).await;
}

/// From the first description to the last byte.
async fn meet(
    opening: Opening,
    negotiation: &mut Negotiation,
    reporter: &Reporter,
    inbox: &mut Inbox,
) -> Result<(), ConnectionError> {
    if matches!(opening, Opening::AnswerStock(_)) {
        negotiation.take_any_label();
    }
    match opening {
        Opening::Offer => {
            let offer = negotiation.offer().await?;
            reporter.tell(News::OfferMade(offer)).await;
            match inbox.queue.recv().await {
                Some(Order::AcceptAnswer(answer)) => negotiation.accept_answer(answer).await?,
                // Nothing can be sent before the channel is open: the offer is withdrawn.
                Some(Order::Send(_)) | None => return Ok(()),
            }
        }
        Opening::Answer(offer) | Opening::AnswerStock(offer) => {
            let answer = negotiation.answer(offer).await?;
            reporter.tell(News::AnswerMade(answer)).await;
        }
    }
    let opened = tokio::select! {
        opened = timeout(OPEN_TIMEOUT, negotiation.opened()) => opened,
        () = inbox.ended.cancelled() => return Ok(()),
    };
    let channel = opened.map_err(|_| ConnectionError::NoPath)??;
    reporter.tell(News::Opened).await;
    tokio::select! {
        () = transfer::run(channel.as_ref(), reporter, inbox) => {}
        () = negotiation.failed() => {}
    }
    transfer::close(channel.as_ref()).await;
    Ok(())
}

/// Why a connection did not come about. Only ever logged: to the swarm it is closed.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error("WebRTC: {0}")]
    WebRtc(#[from] webrtc::error::Error),
    #[error("no path to the peer within {} s", OPEN_TIMEOUT.as_secs())]
    NoPath,
    #[error("ICE or DTLS failed")]
    Failed,
    #[error("the peer opened a data channel that is not ours")]
    StrangeChannel,
    #[error("this machine has no network address")]
    NoAddress,
    #[error("a step of the negotiation took too long")]
    Slow,
}
