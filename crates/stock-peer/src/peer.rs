//! One stock client that downloads one segment, as a state machine without I/O: its bytes in, ours out.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use swarm::torrent::PIECE_LEN;
use swarm::wire::{Block, Decoder, Handshake, Incoming, Message, WireError};
use swarm::{InfoHash, PeerId, PieceIndex};

use super::{Torrent, metadata};

/// BEP 3.
const BITFIELD: u8 = 5;
/// How often a client may get each byte: once, and again if it lost something. More is no download.
const MOST_COPIES: usize = 2;
/// Metadata is counted as data, and headers are not: this is room for the metadata of the shortest segment.
const GRACE: usize = 64 * 1024;

/// Why a client is left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StockError {
    /// It is not BitTorrent.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// It wants something else than it was met for.
    #[error("it wants another torrent")]
    OtherTorrent(InfoHash),
    /// It asks for what there is not.
    #[error("it asks for a block that there is not")]
    NoBlock,
    /// It asks for everything again and again.
    #[error("it takes more than the segment has")]
    Greedy,
}

/// A stock client.
#[derive(Debug)]
pub struct StockPeer {
    torrent: Arc<Torrent>,
    own_id: PeerId,
    decoder: Decoder,
    /// The id under which it takes `ut_metadata` messages.
    metadata_id: Option<u8>,
    /// Bytes given to it.
    given: usize,
}

impl StockPeer {
    /// One that was met for this torrent, by a peer that calls itself `own_id`.
    pub fn new(torrent: Arc<Torrent>, own_id: PeerId) -> Self {
        Self {
            torrent,
            own_id,
            decoder: Decoder::default(),
            metadata_id: None,
            given: 0,
        }
    }

    /// Takes in its bytes and appends what it is to be sent.
    ///
    /// # Errors
    ///
    /// When it is to be left: it says what no client says that wants this segment.
    pub fn receive(&mut self, bytes: Bytes, out: &mut BytesMut) -> Result<(), StockError> {
        self.decoder.push(bytes);
        while let Some(incoming) = self.decoder.next()? {
            match incoming {
                Incoming::Handshake(handshake) => self.greet(handshake, out)?,
                Incoming::Message(Message::Extended { id, payload }) => {
                    self.heard_extended(id, &payload, out)?;
                }
                Incoming::Message(Message::Request(block)) => self.give(block, out)?,
                // What it has, wants or would give is all the same to us.
                Incoming::Message(_) => {}
            }
        }
        Ok(())
    }

    fn greet(&self, theirs: Handshake, out: &mut BytesMut) -> Result<(), StockError> {
        let info = &self.torrent.info;
        if theirs.info_hash != info.info_hash() {
            return Err(StockError::OtherTorrent(theirs.info_hash));
        }
        let ours = Handshake {
            info_hash: info.info_hash(),
            peer_id: self.own_id,
            extensions: true,
        };
        out.put_slice(&ours.to_bytes());
        if theirs.extensions {
            Message::Extended {
                id: 0,
                payload: metadata::handshake(info.as_bytes().len()),
            }
            .write(out);
        }
        write_full_bitfield(info.piece_count(), out);
        Message::Unchoke.write(out);
        Ok(())
    }

    fn heard_extended(
        &mut self,
        id: u8,
        payload: &[u8],
        out: &mut BytesMut,
    ) -> Result<(), StockError> {
        match (id, self.metadata_id) {
            (0, _) => self.metadata_id = metadata::id_in_handshake(payload),
            (metadata::OWN_ID, Some(their_id)) => {
                let bytes = self.torrent.info.as_bytes();
                let piece = metadata::requested_piece(payload);
                if let Some(payload) = piece.and_then(|piece| metadata::data(bytes, piece)) {
                    self.count(payload.len())?;
                    Message::Extended {
                        id: their_id,
                        payload,
                    }
                    .write(out);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn give(&mut self, block: Block, out: &mut BytesMut) -> Result<(), StockError> {
        let (begin, length) = (block.begin as usize, block.length as usize);
        let index = block.piece.0 as usize;
        let len = self.torrent.info.piece_len(index);
        let fits = index < self.torrent.info.piece_count()
            && length > 0
            && begin.checked_add(length).is_some_and(|end| end <= len);
        if !fits {
            return Err(StockError::NoBlock);
        }
        self.count(length)?;
        let start = index * PIECE_LEN + begin;
        Message::Piece {
            piece: PieceIndex(block.piece.0),
            begin: block.begin,
            data: self.torrent.bytes.slice(start..start + length),
        }
        .write(out);
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), StockError> {
        self.given += bytes;
        if self.given > most_given(&self.torrent) {
            return Err(StockError::Greedy);
        }
        Ok(())
    }
}

pub(crate) fn most_given(torrent: &Torrent) -> usize {
    MOST_COPIES * (torrent.bytes.len() + torrent.info.as_bytes().len()) + GRACE
}

/// All pieces are here. The spare bits of the last byte are 0, as BEP 3 asks.
fn write_full_bitfield(pieces: usize, out: &mut BytesMut) {
    let len = pieces.div_ceil(8);
    // A segment has 1,024 pieces at most.
    out.put_u32(1 + len as u32);
    out.put_u8(BITFIELD);
    for byte in 0..len {
        let bits = (pieces - byte * 8).min(8);
        out.put_u8((0xFF00_u16 >> bits) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use swarm::torrent::InfoDictionary;
    use swarm::{BroadcastId, SegmentNumber};

    const OWN: PeerId = PeerId([1; 20]);
    const CLIENT: PeerId = PeerId([2; 20]);

    fn torrent(len: usize) -> Arc<Torrent> {
        let bytes: Bytes = (0..len).map(|at| at as u8).collect();
        let info = InfoDictionary::of_segment(BroadcastId(1), SegmentNumber(2), &bytes);
        Arc::new(Torrent { info, bytes })
    }

    fn shaken(torrent: &Arc<Torrent>) -> StockPeer {
        let mut peer = StockPeer::new(Arc::clone(torrent), OWN);
        let handshake = Handshake {
            info_hash: torrent.info.info_hash(),
            peer_id: CLIENT,
            extensions: true,
        };
        let mut out = BytesMut::new();
        let bytes = Bytes::copy_from_slice(&handshake.to_bytes());
        peer.receive(bytes, &mut out).unwrap();
        peer
    }

    fn say(peer: &mut StockPeer, message: &Message) -> Result<Vec<Message>, StockError> {
        let (mut said, mut out) = (BytesMut::new(), BytesMut::new());
        message.write(&mut said);
        peer.receive(said.freeze(), &mut out)?;
        let mut messages = Vec::new();
        while out.len() >= 4 {
            let len = u32::from_be_bytes([out[0], out[1], out[2], out[3]]) as usize;
            let message = out.split_to(4 + len).freeze().slice(4..);
            messages.push(Message::parse(message).unwrap());
        }
        Ok(messages)
    }

    fn request(piece: u32, begin: u32, length: u32) -> Message {
        Message::Request(Block {
            piece: PieceIndex(piece),
            begin,
            length,
        })
    }

    #[test]
    fn a_client_with_a_magnet_link_gets_the_metadata_and_every_piece() {
        let torrent = torrent(PIECE_LEN + 100);
        let mut peer = shaken(&torrent);
        let handshake = Message::Extended {
            id: 0,
            payload: Bytes::from_static(b"d1:md11:ut_metadatai3eee"),
        };
        assert_eq!(say(&mut peer, &handshake), Ok(Vec::new()));
        let wish = Message::Extended {
            id: metadata::OWN_ID,
            payload: Bytes::from_static(b"d8:msg_typei0e5:piecei0ee"),
        };
        let told = say(&mut peer, &wish).unwrap();
        let [Message::Extended { id: 3, payload }] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(payload.ends_with(torrent.info.as_bytes()));
        for (piece, length) in [(0, PIECE_LEN as u32), (1, 100)] {
            let got = say(&mut peer, &request(piece, 0, length)).unwrap();
            let [Message::Piece { data, .. }] = &got[..] else {
                panic!("{got:?}");
            };
            assert!(torrent.info.verifies(piece as usize, data));
        }
    }

    #[test]
    fn our_side_of_the_handshake_says_that_all_pieces_are_here() {
        for (pieces, bits) in [(1, vec![0x80]), (8, vec![0xFF]), (11, vec![0xFF, 0xE0])] {
            let mut out = BytesMut::new();
            write_full_bitfield(pieces, &mut out);
            assert_eq!(out[4], BITFIELD);
            assert_eq!(out[5..], bits[..]);
        }
    }

    #[test]
    fn who_wants_another_torrent_or_a_block_that_there_is_not_is_left() {
        let torrent = torrent(100);
        let mut stranger = StockPeer::new(Arc::clone(&torrent), OWN);
        let handshake = Handshake {
            info_hash: InfoHash([9; 20]),
            peer_id: CLIENT,
            extensions: true,
        };
        let bytes = Bytes::copy_from_slice(&handshake.to_bytes());
        assert_eq!(
            stranger.receive(bytes, &mut BytesMut::new()),
            Err(StockError::OtherTorrent(InfoHash([9; 20])))
        );
        for (piece, begin, length) in [
            (1, 0, 1),
            (0, 0, 101),
            (0, 100, 1),
            (0, 0, 0),
            (0, u32::MAX, u32::MAX),
            (u32::MAX, 0, 1),
        ] {
            let wish = request(piece, begin, length);
            assert_eq!(
                say(&mut shaken(&torrent), &wish),
                Err(StockError::NoBlock),
                "{wish:?}"
            );
        }
    }

    #[test]
    fn nobody_gets_the_segment_over_and_over() {
        let torrent = torrent(4 * PIECE_LEN);
        let mut peer = shaken(&torrent);
        let refused = (0..100).find_map(|_| say(&mut peer, &request(0, 0, PIECE_LEN as u32)).err());
        assert_eq!(refused, Some(StockError::Greedy));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>, shake: bool) {
            let torrent = torrent(100);
            let mut peer = if shake { shaken(&torrent) } else { StockPeer::new(torrent, OWN) };
            let _ = peer.receive(bytes.into(), &mut BytesMut::new());
        }
    }
}
