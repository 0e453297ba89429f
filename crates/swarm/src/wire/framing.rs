//! From a stream of bytes to handshake and messages. Boundaries of data-channel messages mean nothing.

use bytes::{Buf, Bytes, BytesMut};

use crate::wire::message::PREFIX_LEN;
use crate::wire::{Handshake, MAX_MESSAGE_LEN, Message, WireError};

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// Once, first.
    Handshake(Handshake),
    /// Then these.
    Message(Message),
}

/// Cuts a peer's bytes into messages. Holds at most one unfinished message beside what was pushed last.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Bytes of one data-channel message, read without copying: the usual case is a whole message in each.
    whole: Bytes,
    /// Bytes that wait for the rest of their message.
    partial: BytesMut,
    handshake_done: bool,
}

impl Decoder {
    /// Takes in bytes; [`Decoder::next`] is to be called until it returns `Ok(None)`.
    pub fn push(&mut self, bytes: Bytes) {
        if self.whole.is_empty() && self.partial.is_empty() {
            self.whole = bytes;
        } else {
            self.set_aside();
            self.partial.extend_from_slice(&bytes);
        }
    }

    /// The next whole message.
    ///
    /// # Errors
    ///
    /// When the bytes are not our wire; the connection is of no use any more.
    #[expect(
        clippy::should_implement_trait,
        reason = "it fails, and goes on after None"
    )]
    pub fn next(&mut self) -> Result<Option<Incoming>, WireError> {
        if !self.handshake_done {
            let Some(bytes) = self.take(Handshake::LEN) else {
                return Ok(None);
            };
            let bytes = bytes
                .as_ref()
                .try_into()
                .map_err(|_| WireError::NotBitTorrent)?;
            self.handshake_done = true;
            return Handshake::parse(bytes).map(|handshake| Some(Incoming::Handshake(handshake)));
        }
        let Some(mut prefix) = self.buffered().get(..PREFIX_LEN) else {
            self.set_aside();
            return Ok(None);
        };
        let len = prefix.get_u32() as usize;
        if len > MAX_MESSAGE_LEN {
            return Err(WireError::TooLong(len));
        }
        let Some(mut body) = self.take(PREFIX_LEN + len) else {
            return Ok(None);
        };
        body.advance(PREFIX_LEN);
        Message::parse(body).map(|message| Some(Incoming::Message(message)))
    }

    fn buffered(&self) -> &[u8] {
        if self.partial.is_empty() {
            &self.whole
        } else {
            &self.partial
        }
    }

    fn take(&mut self, len: usize) -> Option<Bytes> {
        if self.buffered().len() < len {
            self.set_aside();
            None
        } else if self.partial.is_empty() {
            Some(self.whole.split_to(len))
        } else {
            Some(self.partial.split_to(len).freeze())
        }
    }

    fn set_aside(&mut self) {
        if !self.whole.is_empty() {
            self.partial.extend_from_slice(&self.whole);
            self.whole = Bytes::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Block;
    use crate::{InfoHash, PeerId, PieceIndex};
    use proptest::prelude::*;

    fn message() -> impl Strategy<Value = Message> {
        let block =
            (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(piece, begin, length)| Block {
                piece: PieceIndex(piece),
                begin,
                length,
            });
        let bytes = prop::collection::vec(any::<u8>(), 1..3000).prop_map(Bytes::from);
        prop_oneof![
            Just(Message::KeepAlive),
            Just(Message::Choke),
            Just(Message::Unchoke),
            Just(Message::Interested),
            Just(Message::NotInterested),
            any::<u32>().prop_map(|piece| Message::Have(PieceIndex(piece))),
            block.clone().prop_map(Message::Request),
            block.clone().prop_map(Message::Cancel),
            block.prop_map(Message::Reject),
            (any::<u32>(), any::<u32>(), bytes.clone()).prop_map(|(piece, begin, data)| {
                Message::Piece {
                    piece: PieceIndex(piece),
                    begin,
                    data,
                }
            }),
            (any::<u8>(), bytes).prop_map(|(id, payload)| Message::Extended { id, payload }),
        ]
    }

    fn drain(decoder: &mut Decoder) -> Vec<Incoming> {
        std::iter::from_fn(|| decoder.next().unwrap()).collect()
    }

    proptest! {
        #[test]
        fn messages_survive_any_cut_of_the_stream(
            messages in prop::collection::vec(message(), 0..12),
            cuts in prop::collection::vec(1..900_usize, 1..40),
        ) {
            let handshake = Handshake {
                info_hash: InfoHash([1; 20]),
                peer_id: PeerId([2; 20]),
                extensions: true,
            };
            let mut stream = BytesMut::from(&handshake.to_bytes()[..]);
            for message in &messages {
                message.write(&mut stream);
            }
            let mut stream = stream.freeze();
            let mut decoder = Decoder::default();
            let mut read = Vec::new();
            for cut in cuts.iter().cycle() {
                if stream.is_empty() {
                    break;
                }
                decoder.push(stream.split_to(stream.len().min(*cut)));
                read.extend(drain(&mut decoder));
            }
            let wanted: Vec<Incoming> = std::iter::once(Incoming::Handshake(handshake))
                .chain(messages.into_iter().map(Incoming::Message))
                .collect();
            prop_assert_eq!(read, wanted);
        }

        #[test]
        fn no_bytes_break_the_decoder(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20), greet: bool) {
            let mut decoder = Decoder { handshake_done: greet, ..Decoder::default() };
            for chunk in chunks {
                decoder.push(chunk.into());
                while let Ok(Some(_)) = decoder.next() {}
            }
        }
    }

    #[test]
    fn an_endless_message_is_refused_at_its_prefix() {
        let mut decoder = Decoder {
            handshake_done: true,
            ..Decoder::default()
        };
        decoder.push(Bytes::from_static(&[0xff; 4]));
        assert_eq!(decoder.next(), Err(WireError::TooLong(u32::MAX as usize)));
    }
}
