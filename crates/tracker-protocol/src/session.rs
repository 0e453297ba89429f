//! The `{type, sdp}` objects in which WebRTC session descriptions travel, and numbers as JavaScript writes them.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};

use crate::ProtocolError;
use crate::limits::{MAX_SDP_LEN, MAX_TEXT_LEN};

/// A browser's `RTCSessionDescription` in JSON. Which type belongs where is known from the place, so the types that
/// callers see hold the SDP text only.
#[derive(Deserialize, Serialize)]
pub(crate) struct SessionDescription<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) sdp: Cow<'a, str>,
}

impl<'a> SessionDescription<'a> {
    pub(crate) fn offer(sdp: &'a str) -> Self {
        Self::of("offer", sdp)
    }

    pub(crate) fn answer(sdp: &'a str) -> Self {
        Self::of("answer", sdp)
    }

    fn of(kind: &'static str, sdp: &'a str) -> Self {
        Self {
            kind: Cow::Borrowed(kind),
            sdp: Cow::Borrowed(sdp),
        }
    }

    /// The SDP text, when the type is the one that belongs here.
    pub(crate) fn sdp(self, expected: &'static str) -> Result<String, ProtocolError> {
        if self.kind != expected {
            return Err(ProtocolError::WrongDescription { expected });
        }
        if self.sdp.len() > MAX_SDP_LEN {
            return Err(ProtocolError::DescriptionTooLong);
        }
        Ok(self.sdp.into_owned())
    }
}

/// A count as JavaScript writes it: `Infinity` and `NaN` become `null`, and a large one may have a fraction or an
/// exponent. Whatever is not a count is unknown.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<serde_json::Number>::deserialize(deserializer)?;
    Ok(number.and_then(|number| {
        number.as_u64().or_else(|| {
            // `as` saturates, and a negative count is none.
            number.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64)
        })
    }))
}

/// A text for a person, or for a tracker to recognise its peer by.
pub(crate) fn short_text(
    text: Option<Cow<'_, str>>,
    field: &'static str,
) -> Result<Option<String>, ProtocolError> {
    match text {
        Some(text) if text.len() > MAX_TEXT_LEN => Err(ProtocolError::TextTooLong { field }),
        text => Ok(text.map(Cow::into_owned)),
    }
}

/// The text of a message of this crate. Writing cannot fail: its maps have texts for keys and no writer is involved.
pub(crate) fn to_text(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("texts, numbers, lists and maps keyed by texts are JSON")
}
