//! The wire between two peers, as bytes: BitTorrent's handshake and messages (BEP 3), the extension protocol (BEP 10)
//! and our extension `lt_live`. `docs/WIRE.md` specifies it for other implementations.
//!
//! Not here: what a message means for the swarm.

mod extended;
mod framing;
mod handshake;
mod live;
mod message;
mod standing;
mod stripes;

pub use extended::ExtendedHandshake;
pub(crate) use extended::LT_LIVE_ID;
pub use framing::{Decoder, Incoming};
pub use handshake::Handshake;
pub use live::LiveMessage;
pub(crate) use message::PIECE_HEADER_LEN;
pub use message::{Block, Message};
pub use standing::{Acquaintance, Branch, Signal, Standing};
pub use stripes::Stripes;

use crate::record::RecordError;

/// The most bytes in a message behind its length prefix. The largest that we send is a description with its init
/// segment of at most 32 KiB; twice that leaves room for later fields.
pub const MAX_MESSAGE_LEN: usize = 64 * 1024;

/// Why bytes from a peer are not our wire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The first bytes are not BitTorrent's.
    #[error("not a BitTorrent handshake")]
    NotBitTorrent,
    /// A length prefix above [`MAX_MESSAGE_LEN`].
    #[error("a message of {0} bytes is longer than any of this wire")]
    TooLong(usize),
    /// A message whose length does not fit its kind.
    #[error("message {0} has a wrong length")]
    WrongLength(u8),
    /// A bencoded part that cannot be read.
    #[error("a record in a message cannot be read: {0}")]
    Record(#[from] RecordError),
}
