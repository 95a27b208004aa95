//! Reads one response: bytes in, a status, a head and a body out. No socket, no clock.
//!
//! The head stays raw; only what framing needs is looked at here. Who wants a header parses
//! the head again (`head::headers`): on the hot path nobody does.

use crate::http::framing::Framing;
use crate::http::head::{content_length, has_token, HEADERS_LIMIT};
use crate::http::version::Version;
use crate::net::failure::Failure;
use httparse::{Header, ParserConfig, Status};
use std::mem::MaybeUninit;

/// A head may be this long (nginx takes 32 KiB, Go's client 10 MB).
pub const HEAD_LIMIT: usize = 256 * 1024;
const USUAL_HEADERS: usize = 64;

/// What the reader must know of the request.
#[derive(Clone, Copy, Debug)]
pub struct Expect {
    /// The response to HEAD has no body, whatever its head says.
    pub head: bool,
    pub discard_body: bool,
    pub body_limit: u64,
    /// The body will be taken piece by piece.
    pub head_only: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    More,
    /// Complete. `leftover` bytes of the last feed belong to nothing we asked for.
    Done {
        leftover: usize,
    },
}

#[derive(Debug)]
pub struct Reader {
    pub expect: Expect,
    /// The head, and behind it the body.
    raw: Vec<u8>,
    head_length: usize,
    searched: usize,
    pub status: u16,
    version: Version,
    framing: Framing,
    keep_alive: bool,
    pub encoded: bool,
    pub has_cookies: bool,
    pub body_bytes: u64,
    /// Its Content-Length; `None` where no body follows all the same.
    pub announced: Option<u64>,
    /// What came behind the body, HTTP/2's only.
    pub trailers: Vec<(String, String)>,
    complete: bool,
}

/// What a head says of its answer.
#[derive(Debug, Default)]
pub struct Noted {
    pub encoded: bool,
    pub has_cookies: bool,
    pub announced: Option<u64>,
}

/// A response that has been read to its end.
#[derive(Debug)]
pub struct Message {
    pub status: u16,
    pub version: Version,
    pub raw: Vec<u8>,
    pub head_length: usize,
    /// Whether the server keeps the connection open.
    pub keep_alive: bool,
    /// It has a Content-Encoding.
    pub encoded: bool,
    pub has_cookies: bool,
    /// Length of the body on the wire, decoded from its framing, kept or not.
    pub body_bytes: u64,
    /// Its Content-Length; `None` where no body follows all the same.
    pub announced: Option<u64>,
    pub trailers: Vec<(String, String)>,
}

impl Reader {
    pub fn new(expect: Expect) -> Self {
        Self {
            expect,
            raw: Vec::new(),
            head_length: 0,
            searched: 0,
            status: 0,
            version: Version::Http11,
            framing: Framing::None,
            keep_alive: false,
            encoded: false,
            has_cookies: false,
            body_bytes: 0,
            announced: None,
            trailers: Vec::new(),
            complete: false,
        }
    }

    /// Of an answer in HTTP/2's frames, whose `head` has come: as HTTP/1.1 would have put it.
    pub fn of_frames(expect: Expect, status: u16, head: Vec<u8>, noted: Noted) -> Self {
        let Noted { encoded, has_cookies, announced } = noted;
        let (head_length, version, framing) = (head.len(), Version::Http2, Framing::UntilClose);
        let blank = Self::new(expect);
        Self { raw: head, head_length, status, version, framing, encoded, has_cookies, announced, ..blank }
    }

    /// The last frame has come.
    pub fn ended(mut self) -> Self {
        self.complete = true;
        self
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Result<Progress, Failure> {
        if self.head_length > 0 {
            return self.feed_body(bytes);
        }
        if self.raw.is_empty() {
            // The usual case: the whole head in the first read, parsed where it lies.
            if let Some(length) = self.parse_head(bytes).map_err(Failure::protocol)? {
                self.raw.reserve_exact(bytes.len());
                return self.head_ends_at(length, bytes);
            }
        }
        self.raw.extend_from_slice(bytes);
        if self.raw.len() > HEAD_LIMIT && !self.head_may_be_whole() {
            return Err(Failure::too_long(format!("response head longer than {HEAD_LIMIT} bytes")));
        }
        if self.head_may_be_whole() {
            let raw = std::mem::take(&mut self.raw);
            let length = self.parse_head(&raw).map_err(Failure::protocol)?;
            if let Some(length) = length {
                return self.head_ends_at(length, &raw);
            }
            self.raw = raw;
        }
        Ok(Progress::More)
    }

    /// Whether an empty line has come, looking only at what is new.
    fn head_may_be_whole(&mut self) -> bool {
        let from = self.searched.saturating_sub(3);
        let tail = &self.raw[from..];
        let found = memchr::memmem::find(tail, b"\n\r\n").is_some() || memchr::memmem::find(tail, b"\n\n").is_some();
        if !found {
            self.searched = self.raw.len();
        }
        found
    }

    /// The head is `all[..length]`; the rest is body. 1xx heads but 101 announce another one.
    fn head_ends_at(&mut self, length: usize, all: &[u8]) -> Result<Progress, Failure> {
        if (100..200).contains(&self.status) && self.status != 101 {
            self.raw.clear();
            self.searched = 0;
            let rest = &all[length..];
            return if rest.is_empty() { Ok(Progress::More) } else { self.feed(rest) };
        }
        self.raw.extend_from_slice(&all[..length]);
        self.head_length = length;
        self.feed_body(&all[length..])
    }

    fn feed_body(&mut self, bytes: &[u8]) -> Result<Progress, Failure> {
        let (raw, total, expect) = (&mut self.raw, &mut self.body_bytes, self.expect);
        let fed = self.framing.feed(bytes, |part| {
            *total += part.len() as u64;
            if !expect.discard_body && *total <= expect.body_limit {
                raw.extend_from_slice(part);
            }
        });
        let fed = fed.map_err(Failure::protocol)?;
        if self.body_bytes > expect.body_limit {
            let text = format!("response body longer than the limit of {} bytes", expect.body_limit);
            return Err(Failure::too_long(text));
        }
        if !fed.complete {
            return Ok(Progress::More);
        }
        self.complete = true;
        Ok(Progress::Done { leftover: bytes.len() - fed.consumed })
    }

    /// Whether any byte of this response has come.
    fn has_begun(&self) -> bool {
        !self.raw.is_empty() || self.head_length > 0
    }

    /// The peer has closed the connection.
    pub fn end(&mut self) -> Result<(), Failure> {
        if self.head_length > 0 && self.framing.may_end_here() {
            self.complete = true;
            self.keep_alive = false;
            return Ok(());
        }
        Err(Failure::ended(if self.has_begun() { "unexpected EOF" } else { "EOF" }))
    }

    pub fn is_complete(&self) -> bool {
        self.complete
    }

    pub fn has_head(&self) -> bool {
        self.head_length > 0
    }

    pub fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    pub fn version(&self) -> Version {
        self.version
    }

    /// The raw head.
    pub fn head(&self) -> &[u8] {
        &self.raw[..self.head_length]
    }

    /// The head and what has come of the body and is kept, and where that begins.
    pub fn into_raw(self) -> (Vec<u8>, usize) {
        (self.raw, self.head_length)
    }

    /// Take what has come of the body since it was last taken.
    pub fn take_body(&mut self) -> Vec<u8> {
        self.raw.split_off(self.head_length)
    }

    pub fn finish(self) -> Message {
        debug_assert!(self.complete);
        Message {
            status: self.status,
            version: self.version,
            raw: self.raw,
            head_length: self.head_length,
            keep_alive: self.keep_alive,
            encoded: self.encoded,
            has_cookies: self.has_cookies,
            body_bytes: self.body_bytes,
            announced: self.announced,
            trailers: self.trailers,
        }
    }

    /// Parse `bytes` as a head and note what framing needs; gives its length when it is whole.
    fn parse_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, String> {
        let mut usual = [const { MaybeUninit::uninit() }; USUAL_HEADERS];
        match self.parse_with(bytes, &mut usual) {
            Err(httparse::Error::TooManyHeaders) => {
                let mut many = vec![const { MaybeUninit::uninit() }; HEADERS_LIMIT];
                self.parse_with(bytes, &mut many)
            }
            result => result,
        }
        .map_err(|error| format!("malformed HTTP response: {error}"))?
        .transpose()
    }

    #[allow(clippy::type_complexity)] // two kinds of error: httparse's is retried with more room
    fn parse_with<'b>(
        &mut self,
        bytes: &'b [u8],
        room: &mut [MaybeUninit<Header<'b>>],
    ) -> Result<Option<Result<usize, String>>, httparse::Error> {
        let mut response = httparse::Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, room)?;
        let Status::Complete(length) = parsed else {
            return Ok(None);
        };
        self.status = response.code.unwrap_or(0);
        self.version = Version::of_minor(response.version.unwrap_or(1));
        Ok(Some(self.note_framing(response.headers).map(|()| length)))
    }

    /// RFC 9112, 6.3 (message body length) and 9.3 (persistence).
    fn note_framing(&mut self, headers: &[Header<'_>]) -> Result<(), String> {
        let (mut length, mut coded, mut chunked) = (None::<u64>, false, false);
        let (mut close, mut keep) = (false, false);
        for header in headers {
            match header.name.len() {
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    close |= has_token(header.value, b"close");
                    keep |= has_token(header.value, b"keep-alive");
                }
                10 if header.name.eq_ignore_ascii_case("set-cookie") => self.has_cookies = true,
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    let value = content_length(header.value)?;
                    if length.is_some_and(|other| other != value) {
                        return Err("malformed HTTP response: two different Content-Length".to_owned());
                    }
                    length = Some(value);
                }
                16 if header.name.eq_ignore_ascii_case("content-encoding") => {
                    self.encoded = !header.value.trim_ascii().eq_ignore_ascii_case(b"identity");
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    coded = true;
                    chunked = has_token(header.value, b"chunked");
                }
                _ => {}
            }
        }
        let bodiless = self.expect.head || matches!(self.status, 100..=199 | 204 | 304);
        self.announced = length.filter(|_| !bodiless);
        self.framing = match (bodiless, coded, chunked, length) {
            (true, ..) => Framing::None,
            (_, true, true, _) => Framing::chunked(),
            (_, true, false, _) => Framing::UntilClose,
            (_, _, _, Some(0)) => Framing::None,
            (_, _, _, Some(length)) => Framing::Length(length),
            _ => Framing::UntilClose,
        };
        // Both framings at once smell of request smuggling: read it, then part (RFC 9112, 6.3).
        let ambiguous = coded && length.is_some();
        let lasting = if self.version == Version::Http10 { keep && !close } else { !close };
        self.keep_alive = lasting && !ambiguous && self.framing != Framing::UntilClose && self.status != 101;
        Ok(())
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
