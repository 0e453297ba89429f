//! BEP 3's messages, with `extended` of BEP 10. Piece numbers run on through the broadcast.

use bytes::{BufMut, Bytes, BytesMut};

use crate::PieceIndex;
use crate::wire::WireError;

const CHOKE: u8 = 0;
const UNCHOKE: u8 = 1;
const INTERESTED: u8 = 2;
const NOT_INTERESTED: u8 = 3;
const HAVE: u8 = 4;
const REQUEST: u8 = 6;
const PIECE: u8 = 7;
const CANCEL: u8 = 8;
/// BEP 6.
const REJECT: u8 = 16;
const EXTENDED: u8 = 20;

/// Bytes of the length prefix.
pub(super) const PREFIX_LEN: usize = 4;
const BLOCK_LEN: usize = 3 * 4;
/// Bytes of a piece message before its data.
pub(crate) const PIECE_HEADER_LEN: usize = PREFIX_LEN + 1 + 2 * 4;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Nothing; the connection lives.
    KeepAlive,
    /// No pieces will be sent to you for now.
    Choke,
    /// Pieces will be sent to you again.
    Unchoke,
    /// I want pieces of you.
    Interested,
    /// I want none.
    NotInterested,
    /// I have verified this piece.
    Have(PieceIndex),
    /// Send me this block.
    Request(Block),
    /// A block, asked for or pushed.
    Piece {
        /// Which piece it is of.
        piece: PieceIndex,
        /// Its place in the piece, in bytes.
        begin: u32,
        /// Its bytes.
        data: Bytes,
    },
    /// Do not send me this block any more.
    Cancel(Block),
    /// You will not get this block from me (BEP 6's `reject request`).
    Reject(Block),
    /// An extension's message (BEP 10); id 0 is the extended handshake.
    Extended {
        /// As the receiver's handshake named the extension.
        id: u8,
        /// The extension's own bytes.
        payload: Bytes,
    },
    /// A message that this wire has no use for (`bitfield`, `port`, the rest of BEP 6 …); it is passed over.
    Other(u8),
}

/// Part of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Which piece it is of.
    pub piece: PieceIndex,
    /// Its place in the piece, in bytes.
    pub begin: u32,
    /// Its length in bytes.
    pub length: u32,
}

impl Message {
    /// Appends the message with its length prefix.
    pub fn write(&self, out: &mut BytesMut) {
        match self {
            Self::KeepAlive => out.put_u32(0),
            Self::Choke => head(out, CHOKE, 0),
            Self::Unchoke => head(out, UNCHOKE, 0),
            Self::Interested => head(out, INTERESTED, 0),
            Self::NotInterested => head(out, NOT_INTERESTED, 0),
            Self::Have(piece) => {
                head(out, HAVE, 4);
                out.put_u32(piece.0);
            }
            Self::Request(block) => write_block(out, REQUEST, *block),
            Self::Piece { piece, begin, data } => {
                head(out, PIECE, PIECE_HEADER_LEN - PREFIX_LEN - 1 + data.len());
                out.put_u32(piece.0);
                out.put_u32(*begin);
                out.put_slice(data);
            }
            Self::Cancel(block) => write_block(out, CANCEL, *block),
            Self::Reject(block) => write_block(out, REJECT, *block),
            Self::Extended { id, payload } => {
                head(out, EXTENDED, 1 + payload.len());
                out.put_u8(*id);
                out.put_slice(payload);
            }
            Self::Other(id) => head(out, *id, 0),
        }
    }

    /// Reads a message without its length prefix.
    ///
    /// # Errors
    ///
    /// When its length does not fit its kind.
    pub fn parse(mut body: Bytes) -> Result<Self, WireError> {
        if body.is_empty() {
            return Ok(Self::KeepAlive);
        }
        let id = body.split_to(1)[0];
        let fits = |wanted: bool| wanted.then_some(()).ok_or(WireError::WrongLength(id));
        let message = match id {
            CHOKE | UNCHOKE | INTERESTED | NOT_INTERESTED => {
                fits(body.is_empty())?;
                match id {
                    CHOKE => Self::Choke,
                    UNCHOKE => Self::Unchoke,
                    INTERESTED => Self::Interested,
                    _ => Self::NotInterested,
                }
            }
            HAVE => {
                fits(body.len() == 4)?;
                Self::Have(PieceIndex(number(&body, 0)))
            }
            REQUEST | CANCEL | REJECT => {
                fits(body.len() == BLOCK_LEN)?;
                let block = Block {
                    piece: PieceIndex(number(&body, 0)),
                    begin: number(&body, 4),
                    length: number(&body, 8),
                };
                match id {
                    REQUEST => Self::Request(block),
                    CANCEL => Self::Cancel(block),
                    _ => Self::Reject(block),
                }
            }
            PIECE => {
                fits(body.len() > 8)?;
                let data = body.split_off(8);
                Self::Piece {
                    piece: PieceIndex(number(&body, 0)),
                    begin: number(&body, 4),
                    data,
                }
            }
            EXTENDED => {
                fits(!body.is_empty())?;
                let id = body.split_to(1)[0];
                Self::Extended { id, payload: body }
            }
            other => Self::Other(other),
        };
        Ok(message)
    }
}

fn head(out: &mut BytesMut, id: u8, payload_len: usize) {
    // No message of ours comes near 4 GiB.
    out.put_u32(1 + payload_len as u32);
    out.put_u8(id);
}

fn write_block(out: &mut BytesMut, id: u8, block: Block) {
    head(out, id, BLOCK_LEN);
    out.put_u32(block.piece.0);
    out.put_u32(block.begin);
    out.put_u32(block.length);
}

/// The big-endian number at `at`; the caller has checked the length.
fn number(body: &[u8], at: usize) -> u32 {
    body[at..at + 4]
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}
