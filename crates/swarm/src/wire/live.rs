//! The messages of our extension `lt_live`: a type byte, then the message's own bytes.

use bytes::{BufMut, Bytes, BytesMut};

use crate::record::{Record, RecordWriter};
use crate::wire::WireError;
use crate::{PieceIndex, SegmentNumber};

const DESCRIPTION: u8 = 0;
const ANNOUNCEMENT: u8 = 1;
const SUBSCRIBE: u8 = 2;
const PING: u8 = 3;
const PONG: u8 = 4;

/// One message of `lt_live`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveMessage {
    /// A signed description. From here on the sender's piece and segment numbers are of this broadcast.
    Description(Bytes),
    /// A signed announcement.
    Announcement(Bytes),
    /// Push me the pieces of these stripes, as soon as you have verified them. Replaces an earlier subscription.
    Subscribe {
        /// Which stripes; none to unsubscribe.
        stripes: Stripes,
        /// From which segment on; without it from the newest key frame.
        from: Option<SegmentNumber>,
    },
    /// Answer with a [`LiveMessage::Pong`] of the same number.
    Ping(u64),
    /// The answer.
    Pong(u64),
    /// A type of a later version; it is passed over.
    Other(u8),
}

/// A set of stripes. A broadcast's pieces are dealt to [`Stripes::COUNT`] stripes in turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stripes(u8);

impl Stripes {
    /// How many stripes there are. Chosen: a viewer can have up to 8 parents; the simulator is to decide.
    pub const COUNT: u32 = 8;
    /// No stripe.
    pub const NONE: Self = Self(0);
    /// All stripes.
    pub const ALL: Self = Self(u8::MAX);

    /// The stripe that a piece is of.
    pub fn of(piece: PieceIndex) -> Self {
        Self::one(piece.0 % Self::COUNT)
    }

    /// The stripe of this number, modulo [`Stripes::COUNT`].
    pub fn one(stripe: u32) -> Self {
        Self(1 << (stripe % Self::COUNT))
    }

    /// Whether every stripe of `other` is in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl LiveMessage {
    /// As the payload of an `extended` message.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        match self {
            Self::Description(signed) => {
                out.put_u8(DESCRIPTION);
                out.put_slice(signed);
            }
            Self::Announcement(signed) => {
                out.put_u8(ANNOUNCEMENT);
                out.put_slice(signed);
            }
            Self::Subscribe { stripes, from } => {
                out.put_u8(SUBSCRIBE);
                let mut record = RecordWriter::default().integer("stripes", stripes.0.into());
                if let Some(from) = from {
                    record = record.integer("from", from.0);
                }
                out.put_slice(&record.finish());
            }
            Self::Ping(number) => {
                out.put_u8(PING);
                out.put_u64(*number);
            }
            Self::Pong(number) => {
                out.put_u8(PONG);
                out.put_u64(*number);
            }
            Self::Other(kind) => out.put_u8(*kind),
        }
        out.freeze()
    }

    /// Reads the payload of an `extended` message. Signatures are not checked here.
    ///
    /// # Errors
    ///
    /// When its bytes do not fit its type.
    pub fn parse(mut payload: Bytes) -> Result<Self, WireError> {
        if payload.is_empty() {
            return Err(WireError::WrongLength(0));
        }
        let kind = payload.split_to(1)[0];
        let number = |payload: &Bytes| {
            <[u8; 8]>::try_from(payload.as_ref())
                .map(u64::from_be_bytes)
                .map_err(|_| WireError::WrongLength(kind))
        };
        Ok(match kind {
            DESCRIPTION => Self::Description(payload),
            ANNOUNCEMENT => Self::Announcement(payload),
            SUBSCRIBE => {
                let mut record = Record::parse(&payload)?;
                Self::Subscribe {
                    stripes: Stripes(record.integer("stripes")?),
                    from: record.optional_integer("from")?.map(SegmentNumber),
                }
            }
            PING => Self::Ping(number(&payload)?),
            PONG => Self::Pong(number(&payload)?),
            other => Self::Other(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_message_reads_as_it_was_written(stripes: u8, from: Option<u32>, number: u64, signed: Vec<u8>) {
            for message in [
                LiveMessage::Description(signed.clone().into()),
                LiveMessage::Announcement(signed.into()),
                LiveMessage::Subscribe {
                    stripes: Stripes(stripes),
                    from: from.map(|from| SegmentNumber(from.into())),
                },
                LiveMessage::Ping(number),
                LiveMessage::Pong(number),
            ] {
                prop_assert_eq!(LiveMessage::parse(message.to_bytes()), Ok(message));
            }
        }

        #[test]
        fn no_bytes_break_the_reader(payload: Vec<u8>) {
            let _ = LiveMessage::parse(payload.into());
        }
    }

    #[test]
    fn pieces_are_dealt_to_all_stripes() {
        let dealt = (0..Stripes::COUNT).fold(Stripes::NONE, |all, piece| {
            all.with(Stripes::of(PieceIndex(1000 + piece)))
        });
        assert_eq!(dealt, Stripes::ALL);
    }
}
