//! What stock WebTorrent clients say to whoever has a segment.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use stock_peer::{StockPeer, Torrent};
use swarm::torrent::InfoDictionary;
use swarm::wire::{Block, Handshake, Message};
use swarm::{BroadcastId, PeerId, PieceIndex, SegmentNumber};

const OWN: PeerId = PeerId([1; 20]);
/// Two pieces.
const SEGMENT_LEN: usize = 20_000;
/// What is said to a client before it has asked for anything, and the heads of a few answers.
const GREETING: usize = 1024;

/// Whatever it says and in whatever parts its bytes come, it gets no more than a client has use for. A request is longer
/// than its answer's head, so heads are no more than what it has said itself.
pub(crate) fn stock_client(input: &[u8]) {
    let torrent = torrent();
    let most = torrent.most_given() + input.len() + GREETING;
    let mut peer = StockPeer::new(torrent, OWN);
    let mut out = BytesMut::new();
    for part in input.chunks(71) {
        if peer
            .receive(Bytes::copy_from_slice(part), &mut out)
            .is_err()
        {
            break;
        }
    }
    assert!(out.len() <= most, "{} bytes for {}", out.len(), input.len());
}

pub(crate) fn stock_client_seeds() -> Vec<Vec<u8>> {
    let handshake = Handshake {
        info_hash: torrent().info.info_hash(),
        peer_id: PeerId([2; 20]),
        extensions: true,
    };
    let extended = |id, payload: &'static [u8]| Message::Extended {
        id,
        payload: Bytes::from_static(payload),
    };
    let request = |piece, length| {
        Message::Request(Block {
            piece: PieceIndex(piece),
            begin: 0,
            length,
        })
    };
    let mut said = BytesMut::from(&handshake.to_bytes()[..]);
    for message in [
        extended(0, b"d1:md11:ut_metadatai3e6:ut_pexi1ee1:v4:WT--e"),
        extended(1, b"d8:msg_typei0e5:piecei0ee"),
        Message::Interested,
        request(0, 16_384),
        request(1, 3_616),
    ] {
        message.write(&mut said);
    }
    let mut over_and_over = BytesMut::from(&said[..]);
    for _ in 0..16 {
        request(0, 16_384).write(&mut over_and_over);
    }
    vec![said.to_vec(), over_and_over.to_vec()]
}

fn torrent() -> Arc<Torrent> {
    let bytes = Bytes::from(vec![7; SEGMENT_LEN]);
    let info = InfoDictionary::of_segment(BroadcastId(1), SegmentNumber(2), &bytes);
    Arc::new(Torrent { info, bytes })
}
