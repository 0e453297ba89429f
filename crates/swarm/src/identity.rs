//! Names of things. Each is its own type so that none is taken for another.

use std::fmt;

use sha1::{Digest, Sha1};

macro_rules! hex_debug {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }
    };
}

/// The streamer's Ed25519 public key (RFC 8032), which names the channel from one broadcast to the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(pub [u8; 32]);

hex_debug!(ChannelId);

impl ChannelId {
    /// The info-hash under which this channel's peers meet at trackers:
    /// `SHA-1("liveontorrent:1:" ‖ public key)`.
    pub fn swarm_hash(&self) -> InfoHash {
        let mut hasher = Sha1::new();
        hasher.update(b"liveontorrent:1:");
        hasher.update(self.0);
        InfoHash(hasher.finalize().into())
    }
}

/// SHA-1 of a bencoded info dictionary (BEP 3), or of a channel's key for the swarm itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InfoHash(pub [u8; 20]);

hex_debug!(InfoHash);

/// A peer's name for one session (BEP 20 style: `-LV0001-` and 12 random bytes).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub [u8; 20]);

hex_debug!(PeerId);

impl PeerId {
    /// The client prefix of BEP 20, "LV" for live and the protocol generation.
    pub const PREFIX: [u8; 8] = *b"-LV0001-";

    /// A peer id from random bytes. They are spelled in base 32 text because trackers carry ids inside JSON strings,
    /// and stay unique: 60 random bits.
    pub fn from_random(random: [u8; 12]) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut id = [0; 20];
        id[..8].copy_from_slice(&Self::PREFIX);
        for (letter, byte) in id[8..].iter_mut().zip(random) {
            *letter = LETTERS[usize::from(byte) % LETTERS.len()];
        }
        Self(id)
    }
}

/// One run from Start to Stop on a channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BroadcastId(pub u64);

impl fmt::Debug for BroadcastId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BroadcastId({self})")
    }
}

impl fmt::Display for BroadcastId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A segment's place in its broadcast, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentNumber(pub u64);

impl SegmentNumber {
    /// The segment after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A piece's place in its broadcast, from 0; 16 KiB pieces run on through all segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PieceIndex(pub u32);

/// One WebRTC connection of this peer, numbered by the swarm and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// One tracker of this peer: its place in [`crate::Config::trackers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackerId(pub usize);
