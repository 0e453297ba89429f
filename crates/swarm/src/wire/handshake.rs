//! BEP 3's handshake, with BEP 10's bit set.

use crate::wire::WireError;
use crate::{InfoHash, PeerId};

const PROTOCOL: &[u8; 19] = b"BitTorrent protocol";
const RESERVED_AT: usize = 1 + PROTOCOL.len();
const INFO_HASH_AT: usize = RESERVED_AT + 8;
const PEER_ID_AT: usize = INFO_HASH_AT + 20;
/// BEP 10: bit 20 from the right of the reserved bytes.
const EXTENSION_BYTE: usize = 5;
const EXTENSION_BIT: u8 = 0x10;

/// The first message in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The swarm: a channel's hash, or a segment's info-hash for stock clients.
    pub info_hash: InfoHash,
    /// The sender.
    pub peer_id: PeerId,
    /// Whether the sender speaks BEP 10.
    pub extensions: bool,
}

impl Handshake {
    /// Its bytes on the wire.
    pub const LEN: usize = PEER_ID_AT + 20;

    /// As bytes.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0] = PROTOCOL.len() as u8;
        bytes[1..RESERVED_AT].copy_from_slice(PROTOCOL);
        if self.extensions {
            bytes[RESERVED_AT + EXTENSION_BYTE] = EXTENSION_BIT;
        }
        bytes[INFO_HASH_AT..PEER_ID_AT].copy_from_slice(&self.info_hash.0);
        bytes[PEER_ID_AT..].copy_from_slice(&self.peer_id.0);
        bytes
    }

    /// From bytes.
    ///
    /// # Errors
    ///
    /// When it is another protocol's.
    pub fn parse(bytes: &[u8; Self::LEN]) -> Result<Self, WireError> {
        if usize::from(bytes[0]) != PROTOCOL.len() || bytes[1..RESERVED_AT] != *PROTOCOL {
            return Err(WireError::NotBitTorrent);
        }
        let mut info_hash = [0; 20];
        info_hash.copy_from_slice(&bytes[INFO_HASH_AT..PEER_ID_AT]);
        let mut peer_id = [0; 20];
        peer_id.copy_from_slice(&bytes[PEER_ID_AT..]);
        Ok(Self {
            info_hash: InfoHash(info_hash),
            peer_id: PeerId(peer_id),
            extensions: bytes[RESERVED_AT + EXTENSION_BYTE] & EXTENSION_BIT != 0,
        })
    }
}
