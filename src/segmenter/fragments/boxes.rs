//! Boxes of ISO/IEC 14496-12: each is a length, a name of four letters, and contents.

/// Bytes that are not what they should be; the words say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is cut short or not as specified")]
pub(crate) struct Malformed(pub(crate) &'static str);

/// A box.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Box<'a> {
    pub(crate) name: [u8; 4],
    pub(crate) contents: &'a [u8],
}

/// The boxes that `bytes` consist of.
pub(crate) fn boxes(bytes: &[u8]) -> Result<Vec<Box<'_>>, Malformed> {
    let mut reader = Reader::new(bytes, "a box");
    let mut found = Vec::new();
    while !reader.is_empty() {
        let length = reader.u32()? as usize;
        let name = reader.array()?;
        let contents = length.checked_sub(8).ok_or(Malformed("a box"))?;
        found.push(Box {
            name,
            contents: reader.take(contents)?,
        });
    }
    Ok(found)
}

/// The contents of the first box of that name in `bytes`.
pub(crate) fn find<'a>(bytes: &'a [u8], name: &'static str) -> Result<&'a [u8], Malformed> {
    boxes(bytes)?
        .into_iter()
        .find(|found| found.name == *name.as_bytes())
        .map(|found| found.contents)
        .ok_or(Malformed(name))
}

/// Follows names from box to box.
pub(super) fn descend<'a>(bytes: &'a [u8], path: &[&'static str]) -> Result<&'a [u8], Malformed> {
    path.iter()
        .try_fold(bytes, |inside, name| find(inside, name))
}

/// Reads big-endian numbers off the front of bytes.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// `what` is named when the bytes end early.
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn malformed(&self) -> Malformed {
        Malformed(self.what)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Malformed(self.what))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Malformed(self.what))?;
        self.rest = rest;
        Ok(*array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    /// A full box's version and flags.
    pub(crate) fn version_and_flags(&mut self) -> Result<(u8, u32), Malformed> {
        let [version, flags @ ..] = self.array::<4>()?;
        let [a, b, c] = flags;
        Ok((version, u32::from_be_bytes([0, a, b, c])))
    }
}
