//! A WebSocket at the tracker: reads, writes and keeps time for one connection, and decides nothing else.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracker_protocol::ServerMessage;

use super::admission::Permit;
use super::hub::{Hub, Seat};

/// How long a peer gets to confirm a close before its connection is cut: a round trip anywhere on earth, twice.
const FAREWELL: Duration = Duration::from_secs(1);
/// Bytes that each WebSocket sets aside for what is read, in place of 128 KiB, with which a peer takes five times the
/// memory. An announce with one offer fits; longer messages take more while they are read.
const READ_BUFFER: usize = 4 * 1024;
/// Pings within the idle time-out: two may get lost.
const PINGS_PER_TIMEOUT: u32 = 3;

/// What all WebSockets share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) hub: Arc<Hub>,
    /// The tasks of all WebSockets, so that the server's end waits for theirs.
    pub(super) sockets: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// Why a WebSocket ends.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("the peer left")]
    Left,
    #[error("the tracker is going away")]
    GoingAway,
    #[error("nothing heard for {0:?}")]
    Idle(Duration),
    #[error("a message could not be sent within {0:?}: you read too slowly")]
    Slow(Duration),
    #[error("a message of {len} bytes; at most {limit} are read")]
    TooLong { len: usize, limit: usize },
    #[error("messages are text, not binary")]
    Binary,
    #[error(transparent)]
    Flood(#[from] super::tracker::Flood),
}

/// Takes a request at `/announce`. The permit counts against the address that the connection came from and lives as
/// long as the WebSocket.
pub(super) async fn upgrade(
    State(shared): State<Shared>,
    Extension(permit): Extension<Arc<Permit>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        let text = "This is a WebTorrent tracker. It is spoken to over a WebSocket.\n";
        return (StatusCode::UPGRADE_REQUIRED, text).into_response();
    };
    // Twice what is read is let in, so that a message that is a little too long can be refused in words; a longer
    // one is cut off by the WebSocket itself.
    let admitted = 2 * shared.hub.limits().message_len;
    let sockets = shared.sockets.clone();
    upgrade
        .max_message_size(admitted)
        .max_frame_size(admitted)
        .read_buffer_size(READ_BUFFER)
        .on_upgrade(move |socket| {
            sockets.track_future(async move {
                run(socket, &shared).await;
                drop(permit);
            })
        })
}

async fn run(mut socket: WebSocket, shared: &Shared) {
    let (seat, outbox) = shared.hub.seat();
    let end = {
        let conversation = converse(&mut socket, shared.hub.limits(), &seat, outbox);
        let ended = shared.stop.run_until_cancelled(conversation).await;
        ended.unwrap_or(End::GoingAway)
    };
    drop(seat);
    tracing::debug!("tracker connection ends: {end}");
    if let Some(code) = end.close_code() {
        let frame = CloseFrame {
            code,
            reason: end.to_string().into(),
        };
        let farewell = async {
            if socket.send(Message::Close(Some(frame))).await.is_ok() {
                // Closing before everything that arrives is read would reset the connection and lose the close frame.
                while let Some(Ok(_)) = socket.recv().await {}
            }
        };
        let _ = timeout(FAREWELL, farewell).await;
    }
}

async fn converse(
    socket: &mut WebSocket,
    limits: &super::Limits,
    seat: &Seat,
    mut outbox: mpsc::Receiver<ServerMessage>,
) -> End {
    let mut pings = tokio::time::interval(limits.idle_timeout / PINGS_PER_TIMEOUT);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        let outgoing = tokio::select! {
            received = socket.recv() => {
                heard = Instant::now();
                match received {
                    Some(Ok(Message::Text(text))) if text.len() > limits.message_len => {
                        return End::TooLong { len: text.len(), limit: limits.message_len };
                    }
                    Some(Ok(Message::Text(text))) => match seat.receive(&text) {
                        Ok(replies) => replies,
                        Err(flood) => return flood.into(),
                    },
                    Some(Ok(Message::Binary(_))) => return End::Binary,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Left,
                }
            }
            // The seat keeps the sender, so that this does not end before the conversation does.
            Some(message) = outbox.recv() => vec![message],
            _ = pings.tick() => {
                if heard.elapsed() >= limits.idle_timeout {
                    return End::Idle(limits.idle_timeout);
                }
                let ping = socket.send(Message::Ping(Default::default()));
                if let Err(end) = patiently(limits.write_patience, ping).await {
                    return end;
                }
                continue;
            }
        };
        for message in outgoing {
            let sending = socket.send(Message::text(message.to_text()));
            if let Err(end) = patiently(limits.write_patience, sending).await {
                return end;
            }
        }
    }
}

async fn patiently(
    patience: Duration,
    sending: impl Future<Output = Result<(), axum::Error>>,
) -> Result<(), End> {
    match timeout(patience, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Left),
        Err(_) => Err(End::Slow(patience)),
    }
}

impl End {
    /// The WebSocket close code (RFC 6455, section 7.4.1), when there is somebody to tell.
    fn close_code(&self) -> Option<u16> {
        match self {
            Self::Left => None,
            Self::GoingAway => Some(close_code::AWAY),
            Self::Idle(_) | Self::Slow(_) | Self::Flood(_) => Some(close_code::POLICY),
            Self::TooLong { .. } => Some(close_code::SIZE),
            Self::Binary => Some(close_code::UNSUPPORTED),
        }
    }
}
