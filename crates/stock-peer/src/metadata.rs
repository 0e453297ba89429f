//! BEP 9's `ut_metadata`: how a client that has only a magnet link gets the info dictionary.

use std::collections::BTreeMap;

use bendy::decoding::{Decoder, FromBencode};
use bendy::value::Value;
use bytes::{BufMut, Bytes, BytesMut};

/// The id under which we take `ut_metadata` messages. Any but 0 would do.
pub(super) const OWN_ID: u8 = 1;
/// BEP 9's piece of metadata.
pub(super) const PIECE_LEN: usize = 16 * 1024;
/// BEP 10's `m` is a dictionary in one; the rest is room.
const MAX_DEPTH: usize = 4;
/// Longer extension messages are none of a client that wants something: a handshake has some 200 bytes.
const MAX_LEN: usize = 4096;
const REQUEST: i64 = 0;
const DATA: i64 = 1;

/// Our extended handshake (BEP 10) for a torrent whose info dictionary has so many bytes.
pub(super) fn handshake(metadata_len: usize) -> Bytes {
    format!("d1:md11:ut_metadatai{OWN_ID}ee13:metadata_sizei{metadata_len}ee").into()
}

/// The id under which a client takes `ut_metadata` messages, by its extended handshake; `None` where it takes none, or
/// says something that cannot be read.
pub(super) fn id_in_handshake(payload: &[u8]) -> Option<u8> {
    let Some(Value::Dict(names)) = dictionary(payload)?.remove(b"m".as_slice()) else {
        return None;
    };
    match names.get(b"ut_metadata".as_slice()) {
        // BEP 10: 0 switches it off.
        Some(Value::Integer(id)) => u8::try_from(*id).ok().filter(|id| *id != 0),
        _ => None,
    }
}

/// Which piece of the metadata a message asks for; `None` where it asks for none.
pub(super) fn requested_piece(payload: &[u8]) -> Option<usize> {
    let fields = dictionary(payload)?;
    match (
        fields.get(b"msg_type".as_slice()),
        fields.get(b"piece".as_slice()),
    ) {
        (Some(Value::Integer(REQUEST)), Some(Value::Integer(piece))) => {
            usize::try_from(*piece).ok()
        }
        _ => None,
    }
}

/// A piece of the metadata as a message; `None` where there is no such piece.
pub(super) fn data(metadata: &[u8], piece: usize) -> Option<Bytes> {
    let bytes = metadata.chunks(PIECE_LEN).nth(piece)?;
    let total = metadata.len();
    let head = format!("d8:msg_typei{DATA}e5:piecei{piece}e10:total_sizei{total}ee");
    let mut message = BytesMut::from(head.as_bytes());
    message.put_slice(bytes);
    Some(message.freeze())
}

/// One dictionary that takes up all of the bytes. Bendy insists on sorted keys, as BEP 3 does.
fn dictionary(bytes: &[u8]) -> Option<BTreeMap<Vec<u8>, Value<'static>>> {
    if bytes.len() > MAX_LEN {
        return None;
    }
    let mut decoder = Decoder::new(bytes).with_max_depth(MAX_DEPTH);
    let value = Value::decode_bencode_object(decoder.next_object().ok()??).ok()?;
    if !matches!(decoder.next_object(), Ok(None)) {
        return None;
    }
    match value {
        Value::Dict(fields) => Some(
            fields
                .into_iter()
                .map(|(key, value)| (key.into_owned(), value))
                .collect(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_stock_client_says_is_understood() {
        let handshake = b"d1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei0e1:v4:WT--e";
        assert_eq!(id_in_handshake(handshake), Some(3));
        assert_eq!(requested_piece(b"d8:msg_typei0e5:piecei2ee"), Some(2));
        for other in [
            "",
            "de",
            "d1:mdee",
            "d1:md11:ut_metadatai0eee",
            "d1:md11:ut_metadatai256eee",
            "d1:mi1ee",
            "i1e",
            "d1:md11:ut_metadatai3eeeX",
        ] {
            assert_eq!(id_in_handshake(other.as_bytes()), None, "{other}");
        }
        for other in [
            "d8:msg_typei1e5:piecei0ee",
            "d8:msg_typei0e5:piecei-1ee",
            "d5:piecei0ee",
        ] {
            assert_eq!(requested_piece(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn metadata_goes_in_pieces_of_16_kib() {
        let metadata = vec![7; PIECE_LEN + 1];
        assert!(data(&metadata, 0).unwrap().len() > PIECE_LEN);
        let last = data(&metadata, 1).unwrap();
        assert_eq!(
            last,
            &b"d8:msg_typei1e5:piecei1e10:total_sizei16385ee\x07"[..]
        );
        assert_eq!(data(&metadata, 2), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_readers(bytes: Vec<u8>) {
            id_in_handshake(&bytes);
            requested_piece(&bytes);
        }
    }
}
