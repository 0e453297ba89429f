//! Bytes over an open data channel, both ways at once.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use webrtc::data_channel::{DataChannel, DataChannelEvent};

use super::{Inbox, News, Order, Reporter};

/// The longest message sent. What the swarm sends as one may be longer than a peer takes, 64 KiB by default (RFC 8841,
/// section 6.1); a piece with its header stays in one.
const MAX_MESSAGE_LEN: usize = 32 * 1024;
/// How long what is queued may take to reach the peer once the connection is to end.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(700);
/// How long the peer is waited for to confirm the closing. It hears of it all the same; this only spares it a
/// retransmission to nobody.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(250);
/// How often it is looked whether everything has been acknowledged; the library does not tell.
const FLUSH_POLL: Duration = Duration::from_millis(10);

/// Carries bytes until the peer closes, or the driver's end is dropped and what was queued has arrived.
pub(super) async fn run(channel: &dyn DataChannel, reporter: &Reporter, inbox: &mut Inbox) {
    let Inbox { queue, ended } = inbox;
    let out_of_time = async {
        ended.cancelled().await;
        sleep(FLUSH_TIMEOUT).await;
    };
    // All in one task, and none waits for another: two peers that only send would stop each other.
    tokio::select! {
        () = receive(channel, reporter) => {}
        () = send(channel, reporter, queue) => {}
        () = out_of_time => {}
    }
}

async fn receive(channel: &dyn DataChannel, reporter: &Reporter) {
    while let Some(event) = channel.poll().await {
        match event {
            DataChannelEvent::OnMessage(message) => {
                let bytes = message.data.freeze();
                reporter.tell(News::Received(bytes)).await;
            }
            DataChannelEvent::OnClosing | DataChannelEvent::OnClose => return,
            _ => {}
        }
    }
}

/// Sends until the driver's end is dropped and all of it is with the peer.
async fn send(channel: &dyn DataChannel, reporter: &Reporter, queue: &mut mpsc::Receiver<Order>) {
    while let Some(order) = queue.recv().await {
        let Order::Send(bytes) = order else {
            continue;
        };
        let len = bytes.len();
        if send_whole(channel, bytes).await.is_err() {
            return;
        }
        reporter.tell(News::Sent(len)).await;
    }
    while channel.outstanding_bytes().await.is_ok_and(|left| left > 0) {
        sleep(FLUSH_POLL).await;
    }
}

async fn send_whole(channel: &dyn DataChannel, mut bytes: Bytes) -> webrtc::error::Result<()> {
    while !bytes.is_empty() {
        let message = bytes.split_to(bytes.len().min(MAX_MESSAGE_LEN));
        // Without a copy where nobody else holds the bytes, which is so for pieces: the swarm has joined header and
        // data for this one peer.
        channel.send(BytesMut::from(message)).await?;
    }
    Ok(())
}

/// Tells the peer that this is the end.
pub(super) async fn close(channel: &dyn DataChannel) {
    if channel.close().await.is_err() {
        return;
    }
    let closed = async {
        while let Some(event) = channel.poll().await {
            if matches!(event, DataChannelEvent::OnClose) {
                return;
            }
        }
    };
    let _ = timeout(CLOSE_TIMEOUT, closed).await;
}
