//! Peers that say too much, say nonsense, or never listen are told why and let go; the others notice nothing.

use std::net::SocketAddr;
use std::time::Duration;

use crate::peer::{Peer, SOON, offers, server};
use liveontorrent::server::{Limits, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tracker_protocol::{ClientMessage, InfoHash, MAX_MESSAGE_LEN, MAX_SDP_LEN, Offer};

const SWARM: InfoHash = InfoHash([7; 20]);

#[tokio::test]
async fn nonsense_is_answered_with_what_is_wrong_with_it() {
    let server = server(Limits::default()).await;
    let mut peer = Peer::connect(&server, 1).await;
    for (text, expected) in [
        ("{", "not a tracker message"),
        (r#"{"action":"shout"}"#, "action is neither"),
        (
            r#"{"action":"announce","info_hash":"short","peer_id":"x"}"#,
            "info_hash is not a binary string of 20 characters",
        ),
        (r#"{"action":"scrape"}"#, "info_hash is missing"),
    ] {
        peer.send_raw(Message::text(text)).await;
        let reason = peer.hear_failure().await;
        assert!(reason.contains(expected), "{text}: {reason}");
    }
    // The connection is as good as before.
    peer.announce(SWARM, 1, vec![]).await;
    server.shutdown().await;
}

#[tokio::test]
async fn a_message_that_is_too_long_closes_the_connection_in_words() {
    let server = server(Limits::default()).await;
    let mut peer = Peer::connect(&server, 1).await;
    peer.send_raw(Message::text("x".repeat(MAX_MESSAGE_LEN + 1)))
        .await;
    let close = peer.hear_close().await;
    assert_eq!(close.code, CloseCode::Size);
    assert_eq!(
        close.reason,
        "a message of 65537 bytes; at most 65536 are read"
    );
    server.shutdown().await;
}

#[tokio::test]
async fn a_message_far_too_long_is_cut_off_without_being_kept() {
    let server = server(Limits::default()).await;
    let mut socket = raw_websocket(&server).await;
    // The head of a frame that announces 2^62 bytes (RFC 6455, section 5.2), and its mask.
    socket.write_all(&[0x81, 0xFF]).await.unwrap();
    socket.write_all(&(1u64 << 62).to_be_bytes()).await.unwrap();
    socket.write_all(&[0; 4]).await.unwrap();
    assert_closed(&mut socket).await;
    server.shutdown().await;
}

#[tokio::test]
async fn binary_messages_close_the_connection_in_words() {
    let server = server(Limits::default()).await;
    let mut peer = Peer::connect(&server, 1).await;
    peer.send_raw(Message::binary(vec![0; 10])).await;
    assert_eq!(peer.hear_close().await.code, CloseCode::Unsupported);
    server.shutdown().await;
}

#[tokio::test]
async fn a_flood_of_offers_is_refused_and_reaches_nobody() {
    let server = server(Limits {
        offers_per_second: 1,
        ..Limits::default()
    })
    .await;
    let mut streamer = Peer::connect(&server, 1).await;
    streamer.announce(SWARM, 0, vec![]).await;
    let mut flooder = Peer::connect(&server, 2).await;
    flooder.announce(SWARM, 1, offers(10)).await;
    let again = flooder.announcement(SWARM, 1, offers(10));
    flooder.send(&again).await;
    assert_eq!(
        flooder.hear_failure().await,
        "more than 1 offers a second; announce less often or with fewer"
    );
    streamer.hear().await;
    let scrape = ClientMessage::Scrape {
        info_hashes: vec![SWARM],
    };
    streamer.send(&scrape).await;
    let next = streamer.hear().await;
    assert!(
        matches!(next, tracker_protocol::ServerMessage::ScrapeReply { .. }),
        "one offer for the streamer, and no more: {next:?}"
    );
    server.shutdown().await;
}

#[tokio::test]
async fn a_flood_of_messages_closes_the_connection_in_words() {
    let server = server(Limits {
        messages_per_second: 2,
        ..Limits::default()
    })
    .await;
    let mut flooder = Peer::connect(&server, 1).await;
    for _ in 0..30 {
        flooder.send_raw(Message::text("{}")).await;
    }
    let close = flooder.hear_close().await;
    assert_eq!(close.code, CloseCode::Policy);
    assert_eq!(close.reason, "more than 2 messages a second");
    server.shutdown().await;
}

#[tokio::test]
async fn an_address_gets_only_its_share_of_connections_and_hears_so() {
    let server = server(Limits {
        connections_per_address: 3,
        ..Limits::default()
    })
    .await;
    let mut peers = Vec::new();
    for id in 0..3 {
        peers.push(Peer::connect(&server, id).await);
    }
    let Err(Error::Http(refusal)) = Peer::try_connect(&server, 9).await else {
        panic!("the fourth was let in");
    };
    assert_eq!(refusal.status(), 503);
    let reason = String::from_utf8(refusal.into_body().unwrap_or_default()).unwrap();
    assert!(
        reason.contains("your address has 3 connections"),
        "{reason}"
    );

    peers.pop();
    let let_in = async {
        while Peer::try_connect(&server, 9).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, let_in).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn a_reader_that_never_reads_is_dropped_and_others_are_served_meanwhile() {
    let server = server(Limits {
        write_patience: Duration::from_millis(300),
        messages_per_second: 10_000,
        ..Limits::default()
    })
    .await;
    let mut deaf = raw_websocket(&server).await;
    let mut viewer = Peer::connect(&server, 2).await;
    viewer.announce(SWARM, 1, vec![]).await;
    // The deaf one asks and asks and does not read the answers, until the buffers between are full and the server
    // stops reading from it.
    let scrape = ClientMessage::Scrape {
        info_hashes: (0..60).map(|n| InfoHash([n; 20])).collect(),
    };
    let frame = masked_text(&scrape.to_text());
    let asking = async {
        for _ in 0..20_000 {
            if deaf.write_all(&frame).await.is_err() {
                return;
            }
        }
        panic!("the server took everything");
    };
    let serving = async {
        for _ in 0..20 {
            viewer.announce(SWARM, 1, vec![]).await;
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, async { tokio::join!(asking, serving) })
        .await
        .unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn a_streamer_that_never_reads_is_dropped_while_its_viewers_are_served() {
    let server = server(Limits {
        write_patience: Duration::from_millis(300),
        offers_per_second: 10_000,
        messages_per_second: 10_000,
        outbox_len: 4,
        ..Limits::default()
    })
    .await;
    let mut deaf = raw_websocket(&server).await;
    let mut viewer = Peer::connect(&server, 2).await;
    let announcement = Peer::connect(&server, 1)
        .await
        .announcement(SWARM, 0, vec![]);
    deaf.write_all(&masked_text(&announcement.to_text()))
        .await
        .unwrap();
    while viewer.announce(SWARM, 1, vec![]).await.complete == 0 {}
    let large = Offer {
        sdp: "x".repeat(MAX_SDP_LEN),
        ..offers(1).remove(0)
    };
    let offering = async {
        while viewer
            .announce(SWARM, 1, vec![large.clone()])
            .await
            .complete
            > 0
        {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(SOON, offering).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn an_endless_request_is_refused() {
    let server = server(Limits::default()).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(20 * 1024));
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut reply = [0; 12];
    timeout(SOON, stream.read_exact(&mut reply))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&reply, b"HTTP/1.1 431");
    server.shutdown().await;
}

#[tokio::test]
async fn a_silent_connection_is_closed_in_words() {
    let server = server(Limits {
        idle_timeout: Duration::from_millis(300),
        ..Limits::default()
    })
    .await;
    let mut silent = raw_websocket(&server).await;
    let mut heard = Vec::new();
    timeout(SOON, silent.read_to_end(&mut heard))
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8_lossy(&heard);
    assert!(text.contains("nothing heard for 300ms"), "{text:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_peer_that_answers_pings_may_be_silent_otherwise() {
    let server = server(Limits {
        idle_timeout: Duration::from_millis(300),
        ..Limits::default()
    })
    .await;
    let mut viewer = Peer::connect(&server, 1).await;
    viewer.announce(SWARM, 1, vec![]).await;
    // Reading is what answers pings.
    assert!(
        timeout(Duration::from_secs(1), viewer.hear())
            .await
            .is_err()
    );
    viewer.announce(SWARM, 1, vec![]).await;
    server.shutdown().await;
}

#[tokio::test]
async fn a_request_that_trickles_in_does_not_keep_its_connection_past_shutdown() {
    let server = server(Limits::default()).await;
    let mut slow = TcpStream::connect(server.address()).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    timeout(Duration::from_secs(5), server.shutdown())
        .await
        .unwrap();
}

/// A WebSocket after its handshake, with a small receive buffer and without anybody who reads it or answers pings.
async fn raw_websocket(server: &Server) -> TcpStream {
    let address: SocketAddr = server.address();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8 * 1024).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let request = format!(
        "GET /announce HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    stream
}

/// A client's text frame (RFC 6455, section 5.2) under a mask of zeros.
fn masked_text(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend((text.len() as u16).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

async fn assert_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // Cut off cleanly or by a reset: either way nothing more is read.
    let _ = timeout(SOON, stream.read_to_end(&mut rest)).await.unwrap();
}
