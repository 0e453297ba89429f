//! Why a text is not a message of this protocol.

use crate::limits::{MAX_MESSAGE_LEN, MAX_OFFERS, MAX_SCRAPE_HASHES, MAX_SDP_LEN, MAX_TEXT_LEN};

/// Why a text is not a message of this protocol. The messages are fit to be sent back as a `failure reason`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// Longer than [`MAX_MESSAGE_LEN`].
    #[error("the message has {len} bytes; at most {MAX_MESSAGE_LEN} are read")]
    TooLong {
        /// How long it is, in bytes.
        len: usize,
    },
    /// Not JSON, or a field of another type than the protocol's.
    #[error("not a tracker message: {0}")]
    Json(String),
    /// The `action` is neither `announce` nor `scrape`.
    #[error("action is neither 'announce' nor 'scrape'")]
    UnknownAction,
    /// The `event` is none of BEP 3's.
    #[error("event is none of 'started', 'completed', 'stopped', 'paused', 'update' and 'empty'")]
    UnknownEvent,
    /// A field that this kind of message needs is not there.
    #[error("{field} is missing")]
    Missing {
        /// The field's name in JSON.
        field: &'static str,
    },
    /// A binary string is not 20 characters from U+0000 to U+00FF.
    #[error("{field} is not a binary string of 20 characters, U+0000 to U+00FF each")]
    NotBinary {
        /// The field's name in JSON.
        field: &'static str,
    },
    /// An offer whose `type` is not `offer`, or an answer whose `type` is not `answer`.
    #[error("a session description's type is not '{expected}'")]
    WrongDescription {
        /// The type that belongs there.
        expected: &'static str,
    },
    /// A session description longer than [`MAX_SDP_LEN`].
    #[error("a session description is longer than {MAX_SDP_LEN} bytes")]
    DescriptionTooLong,
    /// More offers than [`MAX_OFFERS`].
    #[error("more than {MAX_OFFERS} offers in one announce")]
    TooManyOffers,
    /// A scrape of more than [`MAX_SCRAPE_HASHES`].
    #[error("more than {MAX_SCRAPE_HASHES} info-hashes in one scrape")]
    TooManyHashes,
    /// A text for a person longer than [`MAX_TEXT_LEN`].
    #[error("{field} is longer than {MAX_TEXT_LEN} bytes")]
    TextTooLong {
        /// The field's name in JSON.
        field: &'static str,
    },
}

impl From<serde_json::Error> for ProtocolError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}
