//! The messages of our extension `lt_live`: a type byte, then the message's own bytes.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::record::{Record, RecordWriter};
use crate::wire::{Acquaintance, Signal, Standing, Stripes, WireError};
use crate::{BroadcastId, SegmentNumber};

const DESCRIPTION: u8 = 0;
const ANNOUNCEMENT: u8 = 1;
const SUBSCRIBE: u8 = 2;
const PING: u8 = 3;
const PONG: u8 = 4;
const STANDING: u8 = 5;
const FEED: u8 = 6;
const ACQUAINTANCES: u8 = 7;
const OFFER: u8 = 8;
const ANSWER: u8 = 9;
const TAKING_PART: u8 = 10;
const DESCRIBE: u8 = 11;

/// Bytes of a [`LiveMessage::TakingPart`]; more are for later versions.
const TAKING_PART_LEN: usize = 8 + 4;

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
    /// Where the sender stands in the mesh.
    Standing(Standing),
    /// What the sender pushes to you from now on, in answer to a [`LiveMessage::Subscribe`] or by its own choice.
    Feed {
        /// Which stripes, all others not.
        granted: Stripes,
        /// Which of them you had better get from somebody else who has room.
        surplus: Stripes,
        /// Which stripes you are asked to subscribe to here.
        offered: Stripes,
    },
    /// Peers that the sender could carry an offer to.
    Acquaintances(Vec<Acquaintance>),
    /// An offer that one peer carries for another.
    Offer(Signal),
    /// The answer to it, which goes back the same way.
    Answer(Signal),
    /// From here on the sender's piece and segment numbers are of this broadcast, of which it has this revision of the
    /// description: said in place of the description by those whose uplink is too thin for it, and to those who have it.
    TakingPart {
        /// Which broadcast.
        broadcast: BroadcastId,
        /// Which revision of its description.
        revision: u32,
    },
    /// Answer with the description.
    Describe,
    /// A type of a later version; it is passed over.
    Other(u8),
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
            Self::Standing(standing) => {
                out.put_u8(STANDING);
                standing.write(&mut out);
            }
            Self::Feed {
                granted,
                surplus,
                offered,
            } => out.put_slice(&[FEED, granted.0, surplus.0, offered.0]),
            Self::Acquaintances(all) => {
                out.put_u8(ACQUAINTANCES);
                Acquaintance::write_all(all, &mut out);
            }
            Self::Offer(signal) => {
                out.put_u8(OFFER);
                signal.write(&mut out);
            }
            Self::Answer(signal) => {
                out.put_u8(ANSWER);
                signal.write(&mut out);
            }
            Self::TakingPart {
                broadcast,
                revision,
            } => {
                out.put_u8(TAKING_PART);
                out.put_u64(broadcast.0);
                out.put_u32(*revision);
            }
            Self::Describe => out.put_u8(DESCRIBE),
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
            STANDING => {
                Self::Standing(Standing::read(payload).ok_or(WireError::WrongLength(kind))?)
            }
            FEED => match payload.as_ref() {
                [granted, surplus, offered, ..] => Self::Feed {
                    granted: Stripes(*granted),
                    surplus: Stripes(*surplus),
                    offered: Stripes(*offered),
                },
                _ => return Err(WireError::WrongLength(kind)),
            },
            ACQUAINTANCES => Self::Acquaintances(
                Acquaintance::read_all(&payload).ok_or(WireError::WrongLength(kind))?,
            ),
            OFFER => Self::Offer(Signal::read(payload, kind)?),
            ANSWER => Self::Answer(Signal::read(payload, kind)?),
            TAKING_PART => {
                if payload.len() < TAKING_PART_LEN {
                    return Err(WireError::WrongLength(kind));
                }
                Self::TakingPart {
                    broadcast: BroadcastId(payload.get_u64()),
                    revision: payload.get_u32(),
                }
            }
            DESCRIBE => Self::Describe,
            other => Self::Other(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerId;
    use crate::wire::Branch;
    use proptest::prelude::*;
    use std::time::Duration;

    fn standing(
        flags: [bool; 3],
        numbers: [u8; 5],
        places: [(Option<u16>, Option<u8>); 8],
    ) -> Standing {
        let mut standing = Standing::default();
        [
            standing.upload_off,
            standing.untested,
            standing.stands_aside,
        ] = flags;
        [
            standing.slots,
            standing.spare,
            standing.leaves,
            standing.hunger,
            standing.aside,
        ] = numbers;
        for (place, (delay, head)) in places.into_iter().enumerate() {
            let delay = delay.map(|delay| Duration::from_millis(delay.into()));
            standing.set_delay(place, delay);
            standing.set_branch(place, head.map(|head| Branch::of(&PeerId([head; 20]))));
        }
        standing
    }

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
                LiveMessage::TakingPart { broadcast: BroadcastId(number), revision: from.unwrap_or_default() },
                LiveMessage::Describe,
            ] {
                prop_assert_eq!(LiveMessage::parse(message.to_bytes()), Ok(message));
            }
        }

        #[test]
        fn what_peers_tell_each_other_of_the_mesh_reads_as_it_was_written(
            (sets, flags, numbers) in any::<([u8; 3], [bool; 3], [u8; 5])>(),
            places in any::<[(Option<u16>, Option<u8>); 8]>(),
            known in prop::collection::vec((any::<[u8; 20]>(), any::<u8>()), 0..Acquaintance::MAX),
            (to, from, offer) in any::<([u8; 20], [u8; 20], u64)>(),
            sdp in ".{0,400}",
        ) {
            let signal = Signal { to: PeerId(to), from: PeerId(from), offer, sdp };
            let known = known.into_iter().map(|(peer, spare)| Acquaintance { peer: PeerId(peer), spare });
            for message in [
                LiveMessage::Standing(standing(flags, numbers, places)),
                LiveMessage::Feed {
                    granted: Stripes(sets[0]),
                    surplus: Stripes(sets[1]),
                    offered: Stripes(sets[2]),
                },
                LiveMessage::Acquaintances(known.collect()),
                LiveMessage::Offer(signal.clone()),
                LiveMessage::Answer(signal),
            ] {
                prop_assert_eq!(LiveMessage::parse(message.to_bytes()), Ok(message));
            }
        }

        #[test]
        fn no_bytes_break_the_reader(kind in 0..14_u8, mut payload: Vec<u8>) {
            payload.insert(0, kind);
            let _ = LiveMessage::parse(payload.into());
        }
    }

    #[test]
    fn what_is_too_long_to_be_carried_is_refused() {
        let signal = |len: usize| {
            LiveMessage::Offer(Signal {
                to: PeerId([1; 20]),
                from: PeerId([2; 20]),
                offer: 3,
                sdp: "x".repeat(len),
            })
        };
        let read = |message: LiveMessage| LiveMessage::parse(message.to_bytes());
        assert!(read(signal(Signal::MAX_SDP_LEN)).is_ok());
        assert!(read(signal(Signal::MAX_SDP_LEN + 1)).is_err());
        let known = Acquaintance {
            peer: PeerId([1; 20]),
            spare: 0,
        };
        let too_many = vec![known; Acquaintance::MAX + 1];
        assert!(read(LiveMessage::Acquaintances(too_many)).is_err());
    }
}
