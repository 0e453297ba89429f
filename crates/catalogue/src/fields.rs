//! The dictionaries of [`swarm::record`] as cards use them: each field has its bound, and what says nothing is left out.

use swarm::record::{Record, RecordError, RecordWriter, text_of};

/// A decoded dictionary. Fields that nobody asks for are for later versions.
pub(crate) struct Fields(Record);

impl Fields {
    /// Reads one dictionary that takes up all of `bytes`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        Record::parse(bytes).map(Self)
    }

    /// A byte string of at most `max` bytes, if it is there.
    pub(crate) fn bytes(
        &mut self,
        name: &'static str,
        max: usize,
    ) -> Result<Option<Vec<u8>>, RecordError> {
        match self.0.optional_bytes(name)? {
            Some(bytes) if bytes.len() > max => Err(RecordError::Range(name)),
            bytes => Ok(bytes),
        }
    }

    /// At most `max` characters of UTF-8; nothing if it is not there.
    pub(crate) fn text(&mut self, name: &'static str, max: usize) -> Result<String, RecordError> {
        // A character has at most four bytes.
        let bytes = self.bytes(name, 4 * max)?.unwrap_or_default();
        text_of(name, bytes, max)
    }

    /// At most `most` texts of at most `max` characters each; none if the list is not there.
    pub(crate) fn texts(
        &mut self,
        name: &'static str,
        most: usize,
        max: usize,
    ) -> Result<Vec<String>, RecordError> {
        self.0.texts(name, most, max)
    }

    /// An integer that fits `T`, if it is there.
    pub(crate) fn integer<T: TryFrom<i64>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, RecordError> {
        self.0.optional_integer(name)
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

/// A dictionary being written. What says nothing takes no room.
#[derive(Default)]
pub(crate) struct FieldsWriter(RecordWriter);

impl FieldsWriter {
    pub(crate) fn bytes(self, name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        if bytes.is_empty() {
            self
        } else {
            Self(self.0.bytes(name, bytes))
        }
    }

    pub(crate) fn texts(self, name: &'static str, texts: Vec<String>) -> Self {
        if texts.is_empty() {
            self
        } else {
            Self(self.0.texts(name, texts))
        }
    }

    pub(crate) fn integer(self, name: &'static str, number: u64) -> Self {
        Self(self.0.integer(name, number))
    }

    pub(crate) fn flag(self, name: &'static str, set: bool) -> Self {
        if set { self.integer(name, 1) } else { self }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.finish()
    }
}
