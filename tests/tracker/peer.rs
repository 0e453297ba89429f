//! A peer that talks to a running server's tracker over a real WebSocket.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use liveontorrent::server::{Limits, Listen, Server, ServerOptions};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tracker_protocol::{
    Announce, AnnounceEvent, AnnounceReply, ClientMessage, InfoHash, Offer, OfferId, PeerId,
    ServerMessage,
};

/// How long anything may take that should happen at once, on a busy machine.
pub const SOON: Duration = Duration::from_secs(10);

/// A server on a free loopback port.
pub async fn server(limits: Limits) -> Server {
    let listen = Listen::At(SocketAddr::from(([127, 0, 0, 1], 0)));
    Server::start(ServerOptions {
        listen,
        limits,
        ..ServerOptions::default()
    })
    .await
    .unwrap()
}

/// A WebSocket at a tracker.
pub struct Peer {
    pub id: PeerId,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Peer {
    pub async fn connect(server: &Server, id: u8) -> Self {
        Self::try_connect(server, id).await.unwrap()
    }

    pub async fn try_connect(server: &Server, id: u8) -> Result<Self, Error> {
        let url = format!("ws://{}/announce", server.address());
        let (socket, _) = timeout(SOON, connect_async(url)).await.unwrap()?;
        Ok(Self {
            id: PeerId([id; 20]),
            socket,
        })
    }

    pub async fn send(&mut self, message: &ClientMessage) {
        self.send_raw(Message::text(message.to_text())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next message from the tracker.
    pub async fn hear(&mut self) -> ServerMessage {
        loop {
            match timeout(SOON, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return ServerMessage::parse(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("not a message: {other:?}"),
            }
        }
    }

    /// Why the tracker refuses what was said last.
    pub async fn hear_failure(&mut self) -> String {
        match self.hear().await {
            ServerMessage::Failure { reason, .. } => reason,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Reads on until the tracker closes.
    pub async fn hear_close(&mut self) -> CloseFrame {
        loop {
            match timeout(SOON, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Close(Some(frame)))) => return frame,
                Some(Ok(_)) => {}
                other => panic!("not closed in words: {other:?}"),
            }
        }
    }

    /// Announces and returns the reply.
    pub async fn announce(
        &mut self,
        swarm: InfoHash,
        left: u64,
        offers: Vec<Offer>,
    ) -> AnnounceReply {
        self.send(&self.announcement(swarm, left, offers)).await;
        match self.hear().await {
            ServerMessage::AnnounceReply(reply) => reply,
            other => panic!("not a reply: {other:?}"),
        }
    }

    pub fn announcement(&self, swarm: InfoHash, left: u64, offers: Vec<Offer>) -> ClientMessage {
        ClientMessage::Announce(Announce {
            info_hash: swarm,
            peer_id: self.id,
            event: AnnounceEvent::Update,
            uploaded: 0,
            downloaded: 0,
            left: Some(left),
            numwant: Some(offers.len() as u32),
            offers,
            tracker_id: None,
        })
    }
}

/// So many offers, of a length like a browser's.
pub fn offers(n: u8) -> Vec<Offer> {
    let offer = |i| Offer {
        offer_id: OfferId([i; 20]),
        sdp: "v=0\r\n".repeat(200),
    };
    (0..n).map(offer).collect()
}
