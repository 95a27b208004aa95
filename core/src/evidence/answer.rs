//! One answer, as far as it has come.

use crate::http::reader::Reader;
use bytes::Bytes;

/// An answer whose head, at least, has come.
pub struct Answer<'a> {
    pub status: u16,
    /// Of the body, as they came over the wire.
    pub bytes: u64,
    /// Its Content-Length.
    pub announced: Option<u64>,
    /// It came to its end, or as far as user code wanted it.
    pub whole: bool,
    /// `None` where it was not kept, and for an empty one.
    pub body: Option<Body<'a>>,
}

/// A body after decoding, or the beginning of one.
pub struct Body<'a> {
    /// It lies behind so many bytes of its head.
    raw: &'a Bytes,
    head: usize,
    /// How long it is, or was to become.
    pub length: u64,
}

impl Answer<'_> {
    /// What `reader` knows of an answer, without its body.
    pub fn of(reader: &Reader, whole: bool) -> Self {
        Self { status: reader.status, bytes: reader.body_bytes, announced: reader.announced, whole, body: None }
    }
}

impl<'a> Body<'a> {
    /// What lies behind the head; `length`: of the whole, where this is a part of it.
    pub fn behind(head: usize, raw: &'a Bytes, length: Option<u64>) -> Option<Self> {
        let came = (raw.len() - head) as u64;
        (came > 0).then(|| Self { raw, head, length: length.unwrap_or(came) })
    }

    pub fn bytes(&self) -> &'a [u8] {
        &self.raw[self.head..]
    }

    /// Its first bytes, `most` at most, not copied.
    pub fn share(&self, most: usize) -> Bytes {
        self.raw.slice(self.head..self.raw.len().min(self.head + most))
    }
}
