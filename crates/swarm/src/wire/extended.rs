//! BEP 10's extended handshake, as far as this wire needs it.

use bytes::Bytes;

use crate::record::{Record, RecordWriter};
use crate::wire::WireError;

/// Our extension's name.
const LT_LIVE: &str = "lt_live";
/// The id that peers are to use when they send us `lt_live` messages. Any but 0 would do.
pub(crate) const LT_LIVE_ID: u8 = 1;
const CLIENT_NAME: &str = concat!("Live on Torrent ", env!("CARGO_PKG_VERSION"));

/// What a peer says of itself once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtendedHandshake {
    /// The id under which it takes `lt_live` messages; `None` when it does not speak our extension.
    pub live_id: Option<u8>,
    /// How many requests it takes at once (BEP 10's `reqq`).
    pub request_queue: Option<u32>,
    /// The channel's signature over both peer ids: the sender is the streamer.
    pub proof: Option<Bytes>,
}

impl ExtendedHandshake {
    /// The extension message's id.
    pub(crate) const ID: u8 = 0;

    /// As the payload of an `extended` message with id 0.
    pub fn to_bytes(&self) -> Bytes {
        let mut record = RecordWriter::default().bytes("v", CLIENT_NAME);
        let mut names = RecordWriter::default();
        if let Some(id) = self.live_id {
            names = names.integer(LT_LIVE, id.into());
        }
        record = record.record("m", names);
        if let Some(request_queue) = self.request_queue {
            record = record.integer("reqq", request_queue.into());
        }
        if let Some(proof) = &self.proof {
            record = record.bytes("lt_proof", proof.as_ref());
        }
        record.finish().into()
    }

    /// Reads the payload of an `extended` message with id 0.
    ///
    /// # Errors
    ///
    /// When it is not a bencoded dictionary of the right types.
    pub fn parse(payload: &[u8]) -> Result<Self, WireError> {
        let mut record = Record::parse(payload)?;
        let live_id = match record.optional_record("m")? {
            Some(mut names) => names.optional_integer::<u8>(LT_LIVE)?,
            None => None,
        };
        Ok(Self {
            // BEP 10: an id of 0 switches the extension off.
            live_id: live_id.filter(|id| *id != 0),
            request_queue: record.optional_integer("reqq")?,
            proof: record.optional_bytes("lt_proof")?.map(Bytes::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_reads_as_it_was_written() {
        let written = ExtendedHandshake {
            live_id: Some(LT_LIVE_ID),
            request_queue: Some(64),
            proof: Some(Bytes::from_static(&[7; 64])),
        };
        assert_eq!(ExtendedHandshake::parse(&written.to_bytes()), Ok(written));
    }

    #[test]
    fn a_stock_clients_handshake_has_no_lt_live() {
        let stock = b"d1:md11:ut_metadatai1e6:ut_pexi2ee13:metadata_sizei214ee";
        assert_eq!(
            ExtendedHandshake::parse(stock),
            Ok(ExtendedHandshake::default())
        );
    }
}
