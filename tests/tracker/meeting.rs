//! Peers meet at the tracker over real sockets.

use std::time::Duration;

use crate::peer::{Peer, SOON, offers, server};
use liveontorrent::server::Limits;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracker_protocol::{Answer, ClientMessage, InfoHash, ServerMessage};

const SWARM: InfoHash = InfoHash([7; 20]);

#[tokio::test]
async fn a_viewers_offer_reaches_the_streamer_and_the_answer_comes_back() {
    let server = server(Limits::default()).await;
    let mut streamer = Peer::connect(&server, 1).await;
    let reply = streamer.announce(SWARM, 0, vec![]).await;
    assert_eq!((reply.complete, reply.incomplete), (1, 0));
    assert_eq!(reply.interval, Duration::from_secs(120));

    let mut viewer = Peer::connect(&server, 2).await;
    let offer = offers(1).remove(0);
    let reply = viewer.announce(SWARM, 1, vec![offer.clone()]).await;
    assert_eq!((reply.complete, reply.incomplete), (1, 1));
    assert_eq!(
        streamer.hear().await,
        ServerMessage::Offer {
            info_hash: SWARM,
            peer_id: viewer.id,
            offer_id: offer.offer_id,
            sdp: offer.sdp,
        }
    );

    let answer = Answer {
        info_hash: SWARM,
        peer_id: streamer.id,
        to_peer_id: viewer.id,
        offer_id: offer.offer_id,
        sdp: "v=0\r\nanswer".to_owned(),
    };
    streamer.send(&ClientMessage::Answer(answer)).await;
    assert_eq!(
        viewer.hear().await,
        ServerMessage::Answer {
            info_hash: SWARM,
            peer_id: streamer.id,
            offer_id: offer.offer_id,
            sdp: "v=0\r\nanswer".to_owned(),
        }
    );
    server.shutdown().await;
}

#[tokio::test]
async fn a_peer_whose_socket_closes_is_not_counted_any_more() {
    let server = server(Limits::default()).await;
    let mut streamer = Peer::connect(&server, 1).await;
    let mut viewer = Peer::connect(&server, 2).await;
    viewer.announce(SWARM, 1, vec![]).await;
    assert_eq!(streamer.announce(SWARM, 0, vec![]).await.incomplete, 1);
    drop(viewer);
    let gone = async {
        while streamer.announce(SWARM, 0, vec![]).await.incomplete > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, gone).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn a_scrape_counts_streamers_and_viewers() {
    let server = server(Limits::default()).await;
    let mut streamer = Peer::connect(&server, 1).await;
    streamer.announce(SWARM, 0, vec![]).await;
    let mut viewer = Peer::connect(&server, 2).await;
    viewer.announce(SWARM, 1, vec![]).await;
    let scrape = ClientMessage::Scrape {
        info_hashes: vec![SWARM, InfoHash([8; 20])],
    };
    viewer.send(&scrape).await;
    let ServerMessage::ScrapeReply { files } = viewer.hear().await else {
        panic!("not a scrape's reply");
    };
    assert_eq!(files.len(), 2);
    assert_eq!((files[&SWARM].complete, files[&SWARM].incomplete), (1, 1));
    server.shutdown().await;
}

#[tokio::test]
async fn peers_are_told_that_the_server_goes_away() {
    let server = server(Limits::default()).await;
    let mut peer = Peer::connect(&server, 1).await;
    peer.announce(SWARM, 0, vec![]).await;
    let (close, ()) = tokio::join!(peer.hear_close(), server.shutdown());
    assert_eq!(close.code, CloseCode::Away);
    assert_eq!(close.reason, "the tracker is going away");
}

#[tokio::test]
async fn a_peer_that_never_closes_does_not_hold_up_the_servers_end() {
    let server = server(Limits::default()).await;
    let _silent = Peer::connect(&server, 1).await;
    timeout(Duration::from_secs(5), server.shutdown())
        .await
        .unwrap();
}
