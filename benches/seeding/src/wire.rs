//! As much of BEP 3 as it takes to seed a torrent and to download it: handshake, unchoke, request, piece.

use bytes::{BufMut, Bytes, BytesMut};

/// What one request asks for, as BitTorrent clients do.
pub const BLOCK: usize = 16 * 1024;
/// Blocks of a piece. Chosen; a torrent of this size has pieces of 256 KiB.
pub const BLOCKS_IN_PIECE: usize = 16;
/// Pieces of the torrent: 64 MiB, served again and again.
pub const PIECES: usize = 256;

const HANDSHAKE_LEN: usize = 68;
const PROTOCOL: &[u8] = b"\x13BitTorrent protocol";
const UNCHOKE: u8 = 1;
const INTERESTED: u8 = 2;
const BITFIELD: u8 = 5;
const REQUEST: u8 = 6;
const PIECE: u8 = 7;
/// A piece message's bytes before the data: length, type, index, begin.
const PIECE_HEADER: usize = 13;

/// The bytes of a handshake.
pub fn handshake(info_hash: [u8; 20]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(HANDSHAKE_LEN);
    bytes.put_slice(PROTOCOL);
    bytes.put_slice(&[0; 8]);
    bytes.put_slice(&info_hash);
    bytes.put_slice(b"-LB0001-benchmarking");
    bytes.freeze()
}

fn message(kind: u8, rest: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(5 + rest.len());
    bytes.put_u32((1 + rest.len()) as u32);
    bytes.put_u8(kind);
    bytes.put_slice(rest);
    bytes.freeze()
}

/// A stream of bytes cut into a handshake and messages.
#[derive(Default)]
struct Reading {
    bytes: BytesMut,
    shaken: bool,
}

enum Read {
    Handshake(BytesMut),
    Message(BytesMut),
}

impl Reading {
    fn next(&mut self) -> Option<Read> {
        if !self.shaken {
            self.shaken = self.bytes.len() >= HANDSHAKE_LEN;
            return self
                .shaken
                .then(|| Read::Handshake(self.bytes.split_to(HANDSHAKE_LEN)));
        }
        let len = u32_at(&self.bytes, 0)? as usize;
        if self.bytes.len() < 4 + len {
            return None;
        }
        let mut message = self.bytes.split_to(4 + len);
        Some(Read::Message(message.split_off(4)))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// A seeder's end: bytes in, messages out.
pub struct Seed {
    reading: Reading,
    torrent: Vec<u8>,
}

impl Default for Seed {
    fn default() -> Self {
        let torrent = (0..PIECES * BLOCKS_IN_PIECE * BLOCK).map(|at| (at / 7) as u8);
        Self {
            reading: Reading::default(),
            torrent: torrent.collect(),
        }
    }
}

impl Seed {
    /// Takes bytes and says what is to be sent for them, a data channel message each.
    pub fn receive(&mut self, bytes: &[u8], mut send: impl FnMut(Bytes)) {
        self.reading.bytes.extend_from_slice(bytes);
        while let Some(read) = self.reading.next() {
            match read {
                Read::Handshake(theirs) => {
                    let info_hash = theirs[28..48].try_into().unwrap_or_default();
                    send(handshake(info_hash));
                    send(message(BITFIELD, &[0xff; PIECES / 8]));
                }
                Read::Message(message) => self.answer(&message, &mut send),
            }
        }
    }

    fn answer(&self, asked: &[u8], send: &mut impl FnMut(Bytes)) {
        match asked.first() {
            Some(&INTERESTED) => send(message(UNCHOKE, &[])),
            Some(&REQUEST) => {
                let field = |at| u32_at(asked, at).unwrap_or_default();
                let (piece, begin, len) = (field(1), field(5), field(9) as usize);
                let start = piece as usize * BLOCKS_IN_PIECE * BLOCK + begin as usize;
                let Some(data) = self.torrent.get(start..start + len) else {
                    return;
                };
                let mut bytes = BytesMut::with_capacity(PIECE_HEADER + len);
                bytes.put_u32((PIECE_HEADER - 4 + len) as u32);
                bytes.put_u8(PIECE);
                bytes.put_u32(piece);
                bytes.put_u32(begin);
                bytes.put_slice(data);
                send(bytes.freeze());
            }
            _ => {}
        }
    }
}

/// What the downloader hears.
pub enum Heard {
    /// The seeder takes requests.
    Unchoked,
    /// So many bytes of data.
    Block(usize),
}

/// A downloader's end.
#[derive(Default)]
pub struct Leech {
    reading: Reading,
    /// The next block to ask for, counted on beyond the torrent's end.
    next: usize,
}

impl Leech {
    /// Takes bytes and says what they mean; `send` is called with what is to be answered.
    pub fn receive(&mut self, bytes: &[u8], mut send: impl FnMut(Bytes)) -> Vec<Heard> {
        self.reading.bytes.extend_from_slice(bytes);
        let mut heard = Vec::new();
        while let Some(read) = self.reading.next() {
            match read {
                Read::Handshake(_) => send(message(INTERESTED, &[])),
                Read::Message(message) => match message.first() {
                    Some(&UNCHOKE) => heard.push(Heard::Unchoked),
                    Some(&PIECE) => heard.push(Heard::Block(message.len() + 4 - PIECE_HEADER)),
                    _ => {}
                },
            }
        }
        heard
    }

    /// The request for the next block.
    pub fn request(&mut self) -> Bytes {
        let block = self.next % (PIECES * BLOCKS_IN_PIECE);
        self.next += 1;
        let mut rest = BytesMut::with_capacity(12);
        rest.put_u32((block / BLOCKS_IN_PIECE) as u32);
        rest.put_u32((block % BLOCKS_IN_PIECE * BLOCK) as u32);
        rest.put_u32(BLOCK as u32);
        message(REQUEST, &rest)
    }
}
