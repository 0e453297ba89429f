//! Bencoded dictionaries (BEP 3) with fields of known types: what every signed record and most messages are made of.
//!
//! Bendy does the decoding and insists on the canonical form (sorted keys, no leading zeros), so that one meaning has
//! one spelling.

use std::collections::BTreeMap;

use bendy::decoding::{Decoder, FromBencode};
use bendy::encoding::{Encoder, ToBencode};
use bendy::value::Value;

/// Dictionaries in dictionaries are one deep (BEP 10's `m`); the rest is room for later versions.
const MAX_DEPTH: usize = 4;

/// Why bytes are not the record that they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not bencode, or not in canonical form.
    #[error("not canonical bencode: {0}")]
    Malformed(String),
    /// Bencode, but not a dictionary.
    #[error("a dictionary was expected")]
    NotDictionary,
    /// Bytes follow the dictionary.
    #[error("bytes follow the dictionary")]
    Trailing,
    /// A field is missing, or is of another type.
    #[error("field '{0}' is missing or of the wrong type")]
    Field(&'static str),
    /// A field has a value that its meaning does not allow.
    #[error("field '{0}' is out of range")]
    Range(&'static str),
}

/// A decoded dictionary. Fields that nobody asks for are for later versions.
#[derive(Debug)]
pub struct Record(BTreeMap<Vec<u8>, Value<'static>>);

impl Record {
    /// Reads one dictionary that takes up all of `bytes`.
    ///
    /// # Errors
    ///
    /// When they are not a dictionary in canonical form, or more than that.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let malformed = |error: bendy::decoding::Error| RecordError::Malformed(error.to_string());
        let mut decoder = Decoder::new(bytes).with_max_depth(MAX_DEPTH);
        let value = match decoder.next_object().map_err(malformed)? {
            Some(object) => Value::decode_bencode_object(object).map_err(malformed)?,
            None => return Err(RecordError::NotDictionary),
        };
        match decoder.next_object() {
            Ok(None) => Self::from_value(value),
            Ok(Some(_)) | Err(_) => Err(RecordError::Trailing),
        }
    }

    fn from_value(value: Value<'static>) -> Result<Self, RecordError> {
        let Value::Dict(fields) = value else {
            return Err(RecordError::NotDictionary);
        };
        Ok(Self(
            fields
                .into_iter()
                .map(|(key, value)| (key.into_owned(), value))
                .collect(),
        ))
    }

    /// A byte string, if it is there.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn optional_bytes(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, RecordError> {
        match self.0.remove(name.as_bytes()) {
            None => Ok(None),
            Some(Value::Bytes(bytes)) => Ok(Some(bytes.into_owned())),
            Some(_) => Err(RecordError::Field(name)),
        }
    }

    /// A byte string.
    pub(crate) fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>, RecordError> {
        self.optional_bytes(name)?.ok_or(RecordError::Field(name))
    }

    /// A byte string of at most `max` characters of UTF-8.
    pub(crate) fn text(&mut self, name: &'static str, max: usize) -> Result<String, RecordError> {
        text_of(name, self.bytes(name)?, max)
    }

    /// The same, if it is there.
    pub(crate) fn optional_text(
        &mut self,
        name: &'static str,
        max: usize,
    ) -> Result<Option<String>, RecordError> {
        let bytes = self.optional_bytes(name)?;
        bytes.map(|bytes| text_of(name, bytes, max)).transpose()
    }

    /// A list of at most `most` texts of at most `max` characters each; an empty one if it is not there.
    ///
    /// # Errors
    ///
    /// When it is something else, or longer.
    pub fn texts(
        &mut self,
        name: &'static str,
        most: usize,
        max: usize,
    ) -> Result<Vec<String>, RecordError> {
        let items = match self.0.remove(name.as_bytes()) {
            None => return Ok(Vec::new()),
            Some(Value::List(items)) => items,
            Some(_) => return Err(RecordError::Field(name)),
        };
        if items.len() > most {
            return Err(RecordError::Range(name));
        }
        let read = |item| match item {
            Value::Bytes(bytes) => text_of(name, bytes.into_owned(), max),
            _ => Err(RecordError::Field(name)),
        };
        items.into_iter().map(read).collect()
    }

    /// An integer that fits `T`, if it is there.
    ///
    /// # Errors
    ///
    /// When it is something else, or does not fit.
    pub fn optional_integer<T: TryFrom<i64>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, RecordError> {
        match self.0.remove(name.as_bytes()) {
            None => Ok(None),
            Some(Value::Integer(number)) => T::try_from(number)
                .map(Some)
                .map_err(|_| RecordError::Range(name)),
            Some(_) => Err(RecordError::Field(name)),
        }
    }

    /// An integer that fits `T`.
    pub(crate) fn integer<T: TryFrom<i64>>(
        &mut self,
        name: &'static str,
    ) -> Result<T, RecordError> {
        self.optional_integer(name)?.ok_or(RecordError::Field(name))
    }

    /// A dictionary inside, if it is there.
    pub(crate) fn optional_record(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Self>, RecordError> {
        self.0
            .remove(name.as_bytes())
            .map(Self::from_value)
            .transpose()
    }
}

/// The bytes of a field as at most `max` characters of UTF-8.
///
/// # Errors
///
/// When they are not UTF-8, or more.
pub fn text_of(name: &'static str, bytes: Vec<u8>, max: usize) -> Result<String, RecordError> {
    let text = String::from_utf8(bytes).map_err(|_| RecordError::Field(name))?;
    if text.chars().count() > max {
        return Err(RecordError::Range(name));
    }
    Ok(text)
}

/// A dictionary being written. Keys may come in any order.
#[derive(Debug, Default)]
pub struct RecordWriter(BTreeMap<&'static str, Value<'static>>);

impl RecordWriter {
    /// Puts a byte string in.
    pub fn bytes(mut self, name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(name, Value::Bytes(bytes.into().into()));
        self
    }

    /// Puts an integer in. Those above 2^63 do not occur: all of ours are milliseconds, counts and bytes.
    pub fn integer(mut self, name: &'static str, number: u64) -> Self {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        self.0.insert(name, Value::Integer(number));
        self
    }

    /// Puts a list of texts in.
    pub fn texts(mut self, name: &'static str, texts: Vec<String>) -> Self {
        let items = texts
            .into_iter()
            .map(|text| Value::Bytes(text.into_bytes().into()));
        self.0.insert(name, Value::List(items.collect()));
        self
    }

    pub(crate) fn record(mut self, name: &'static str, inner: Self) -> Self {
        self.0.insert(name, inner.into_value());
        self
    }

    fn into_value(self) -> Value<'static> {
        Value::Dict(
            self.0
                .into_iter()
                .map(|(key, value)| (key.as_bytes().into(), value))
                .collect(),
        )
    }

    /// The dictionary as bencode.
    pub fn finish(self) -> Vec<u8> {
        let mut encoder = Encoder::new().with_max_depth(MAX_DEPTH);
        let value = self.into_value();
        encoder
            .emit_with(|inner| value.encode(inner))
            .and_then(|()| encoder.get_output())
            // A sorted map of known depth is all that can stand here; bendy has no other reason to refuse.
            .expect("a record no deeper than MAX_DEPTH encodes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_as_it_was_written() {
        let bytes = RecordWriter::default()
            .integer("n", 7)
            .bytes("b", *b"xyz")
            .record("m", RecordWriter::default().integer("lt_live", 1))
            .finish();
        assert_eq!(bytes, b"d1:b3:xyz1:md7:lt_livei1ee1:ni7ee");
        let mut record = Record::parse(&bytes).unwrap();
        assert_eq!(record.integer::<u8>("n"), Ok(7));
        assert_eq!(record.bytes("b").unwrap(), b"xyz");
        let mut inner = record.optional_record("m").unwrap().unwrap();
        assert_eq!(inner.integer::<u8>("lt_live"), Ok(1));
    }

    #[test]
    fn other_spellings_are_refused() {
        for spelling in [
            &b"d1:bi1e1:ai1ee"[..],
            b"d1:ai01ee",
            b"d1:ai-0ee",
            b"i1e",
            b"",
            b"d1:ai1e",
            b"d1:ai1eex",
            b"d1:ai1eede",
        ] {
            assert!(Record::parse(spelling).is_err(), "{spelling:?}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let mut bytes = vec![b'l'; 100_000];
        bytes.extend(vec![b'e'; 100_000]);
        assert!(Record::parse(&bytes).is_err());
    }
}
