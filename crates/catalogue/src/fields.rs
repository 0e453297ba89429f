//! Bencoded dictionaries (BEP 3) with fields of known types and bounded sizes. Bendy decodes, and insists on the canonical
//! form.

use std::collections::BTreeMap;

use bendy::decoding::{Decoder, FromBencode};
use bendy::encoding::{Encoder, ToBencode};
use bendy::value::Value;
use swarm::record::RecordError;

/// A dictionary with lists in it is two deep; the rest is room for later versions.
const MAX_DEPTH: usize = 4;

/// A decoded dictionary. Fields that nobody asks for are for later versions.
pub(crate) struct Fields(BTreeMap<Vec<u8>, Value<'static>>);

impl Fields {
    /// Reads one dictionary that takes up all of `bytes`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let malformed = |error: bendy::decoding::Error| RecordError::Malformed(error.to_string());
        let mut decoder = Decoder::new(bytes).with_max_depth(MAX_DEPTH);
        let value = match decoder.next_object().map_err(malformed)? {
            Some(object) => Value::decode_bencode_object(object).map_err(malformed)?,
            None => return Err(RecordError::NotDictionary),
        };
        let Ok(None) = decoder.next_object() else {
            return Err(RecordError::Trailing);
        };
        let Value::Dict(fields) = value else {
            return Err(RecordError::NotDictionary);
        };
        let owned = fields
            .into_iter()
            .map(|(key, value)| (key.into_owned(), value));
        Ok(Self(owned.collect()))
    }

    /// A byte string of at most `max` bytes, if it is there.
    pub(crate) fn bytes(
        &mut self,
        name: &'static str,
        max: usize,
    ) -> Result<Option<Vec<u8>>, RecordError> {
        match self.0.remove(name.as_bytes()) {
            None => Ok(None),
            Some(Value::Bytes(bytes)) if bytes.len() <= max => Ok(Some(bytes.into_owned())),
            Some(Value::Bytes(_)) => Err(RecordError::Range(name)),
            Some(_) => Err(RecordError::Field(name)),
        }
    }

    /// At most `max` characters of UTF-8; nothing if it is not there.
    pub(crate) fn text(&mut self, name: &'static str, max: usize) -> Result<String, RecordError> {
        // A character has at most four bytes.
        let bytes = self.bytes(name, 4 * max)?.unwrap_or_default();
        text(name, bytes, max)
    }

    /// At most `most` texts of at most `max` characters each; none if the list is not there.
    pub(crate) fn texts(
        &mut self,
        name: &'static str,
        most: usize,
        max: usize,
    ) -> Result<Vec<String>, RecordError> {
        let items = match self.0.remove(name.as_bytes()) {
            None => return Ok(Vec::new()),
            Some(Value::List(items)) if items.len() <= most => items,
            Some(Value::List(_)) => return Err(RecordError::Range(name)),
            Some(_) => return Err(RecordError::Field(name)),
        };
        let read = |item| match item {
            Value::Bytes(bytes) => text(name, bytes.into_owned(), max),
            _ => Err(RecordError::Field(name)),
        };
        items.into_iter().map(read).collect()
    }

    /// An integer that fits `T`, if it is there.
    pub(crate) fn integer<T: TryFrom<i64>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, RecordError> {
        match self.0.remove(name.as_bytes()) {
            None => Ok(None),
            Some(Value::Integer(number)) => match T::try_from(number) {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(RecordError::Range(name)),
            },
            Some(_) => Err(RecordError::Field(name)),
        }
    }

    /// Whether it is there and 1. It is left out where it is not so.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool, RecordError> {
        match self.integer::<u8>(name)? {
            None => Ok(false),
            Some(1) => Ok(true),
            Some(_) => Err(RecordError::Range(name)),
        }
    }
}

fn text(name: &'static str, bytes: Vec<u8>, max: usize) -> Result<String, RecordError> {
    let text = String::from_utf8(bytes).map_err(|_| RecordError::Field(name))?;
    if text.chars().count() > max {
        return Err(RecordError::Range(name));
    }
    Ok(text)
}

/// A dictionary being written. What says nothing takes no room.
#[derive(Default)]
pub(crate) struct FieldsWriter(BTreeMap<&'static str, Value<'static>>);

impl FieldsWriter {
    pub(crate) fn bytes(mut self, name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        if !bytes.is_empty() {
            self.0.insert(name, Value::Bytes(bytes.into()));
        }
        self
    }

    pub(crate) fn texts(mut self, name: &'static str, texts: Vec<String>) -> Self {
        let items: Vec<_> = texts
            .into_iter()
            .map(|text| Value::Bytes(text.into_bytes().into()))
            .collect();
        if !items.is_empty() {
            self.0.insert(name, Value::List(items));
        }
        self
    }

    /// Integers above 2^63 do not occur: they are milliseconds and counts.
    pub(crate) fn integer(mut self, name: &'static str, number: u64) -> Self {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        self.0.insert(name, Value::Integer(number));
        self
    }

    pub(crate) fn flag(self, name: &'static str, set: bool) -> Self {
        if set { self.integer(name, 1) } else { self }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        let fields = self.0.into_iter();
        let value = Value::Dict(
            fields
                .map(|(key, value)| (key.as_bytes().into(), value))
                .collect(),
        );
        let mut encoder = Encoder::new().with_max_depth(MAX_DEPTH);
        encoder
            .emit_with(|inner| value.encode(inner))
            .and_then(|()| encoder.get_output())
            // A sorted map of known depth is all that can stand here; bendy has no other reason to refuse.
            .expect("a dictionary no deeper than MAX_DEPTH encodes")
    }
}
