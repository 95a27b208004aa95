//! Reads one response: bytes in, a status, a head and a body out. No socket, no clock.
//!
//! The head stays raw; only what framing needs is looked at here. Who wants a header parses
//! the head again ([`headers`]): on the hot path nobody does.

use crate::http::framing::Framing;
use httparse::{Header, ParserConfig, Status};
use std::mem::MaybeUninit;

/// A head may be this long (nginx takes 32 KiB, Go's client 10 MB).
pub const HEAD_LIMIT: usize = 256 * 1024;
const HEADERS_LIMIT: usize = 1024;
const USUAL_HEADERS: usize = 64;

/// What the reader must know of the request.
#[derive(Clone, Copy, Debug)]
pub struct Expect {
    /// The response to HEAD has no body, whatever its head says.
    pub head: bool,
    pub discard_body: bool,
    pub body_limit: u64,
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
    expect: Expect,
    /// The head, and behind it the body.
    raw: Vec<u8>,
    head_length: usize,
    searched: usize,
    pub status: u16,
    minor: u8,
    framing: Framing,
    keep_alive: bool,
    pub encoded: bool,
    pub has_cookies: bool,
    pub body_bytes: u64,
    complete: bool,
}

/// A response that has been read to its end.
#[derive(Debug)]
pub struct Message {
    pub status: u16,
    /// Minor version of HTTP/1.
    pub minor: u8,
    pub raw: Vec<u8>,
    pub head_length: usize,
    /// Whether the server keeps the connection open.
    pub keep_alive: bool,
    /// It has a Content-Encoding.
    pub encoded: bool,
    pub has_cookies: bool,
    /// Length of the body on the wire, decoded from its framing, kept or not.
    pub body_bytes: u64,
}

impl Reader {
    pub fn new(expect: Expect) -> Self {
        Self {
            expect,
            raw: Vec::new(),
            head_length: 0,
            searched: 0,
            status: 0,
            minor: 1,
            framing: Framing::None,
            keep_alive: false,
            encoded: false,
            has_cookies: false,
            body_bytes: 0,
            complete: false,
        }
    }

    pub fn feed(&mut self, bytes: &[u8]) -> Result<Progress, String> {
        if self.head_length > 0 {
            return self.feed_body(bytes);
        }
        if self.raw.is_empty() {
            // The usual case: the whole head in the first read, parsed where it lies.
            if let Some(length) = self.parse_head(bytes)? {
                self.raw.reserve_exact(bytes.len());
                return self.head_ends_at(length, bytes);
            }
        }
        self.raw.extend_from_slice(bytes);
        if self.raw.len() > HEAD_LIMIT && !self.head_may_be_whole() {
            return Err(format!("response head longer than {HEAD_LIMIT} bytes"));
        }
        if self.head_may_be_whole() {
            let raw = std::mem::take(&mut self.raw);
            let length = self.parse_head(&raw)?;
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
    fn head_ends_at(&mut self, length: usize, all: &[u8]) -> Result<Progress, String> {
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

    fn feed_body(&mut self, bytes: &[u8]) -> Result<Progress, String> {
        let (raw, total, expect) = (&mut self.raw, &mut self.body_bytes, self.expect);
        let fed = self.framing.feed(bytes, |part| {
            *total += part.len() as u64;
            if !expect.discard_body && *total <= expect.body_limit {
                raw.extend_from_slice(part);
            }
        })?;
        if self.body_bytes > expect.body_limit {
            return Err(format!("response body longer than the limit of {} bytes", expect.body_limit));
        }
        if !fed.complete {
            return Ok(Progress::More);
        }
        self.complete = true;
        Ok(Progress::Done { leftover: bytes.len() - fed.consumed })
    }

    /// Whether any byte of this response has come.
    pub fn has_begun(&self) -> bool {
        !self.raw.is_empty() || self.head_length > 0
    }

    /// The peer has closed the connection.
    pub fn end(&mut self) -> Result<(), String> {
        if self.head_length > 0 && self.framing.may_end_here() {
            self.complete = true;
            self.keep_alive = false;
            return Ok(());
        }
        Err(if self.has_begun() { "unexpected EOF" } else { "EOF" }.to_owned())
    }

    pub fn is_complete(&self) -> bool {
        self.complete
    }

    pub fn finish(self) -> Message {
        debug_assert!(self.complete);
        Message {
            status: self.status,
            minor: self.minor,
            raw: self.raw,
            head_length: self.head_length,
            keep_alive: self.keep_alive,
            encoded: self.encoded,
            has_cookies: self.has_cookies,
            body_bytes: self.body_bytes,
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
        self.minor = response.version.unwrap_or(1);
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
        let lasting = if self.minor == 0 { keep && !close } else { !close };
        self.keep_alive = lasting && !ambiguous && self.framing != Framing::UntilClose && self.status != 101;
        Ok(())
    }
}

fn content_length(value: &[u8]) -> Result<u64, String> {
    // "5, 5" is one length said twice (RFC 9110, 8.6).
    let mut parts = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let first = parts.next().unwrap_or_default();
    let digits = !first.is_empty() && first.len() <= 18 && first.iter().all(u8::is_ascii_digit);
    if !digits || parts.any(|part| part != first) {
        return Err("malformed HTTP response: invalid Content-Length".to_owned());
    }
    Ok(first.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

fn has_token(value: &[u8], token: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(token))
}

/// The headers of a head that was read before, in their order.
pub fn headers(head: &[u8]) -> Vec<(String, String)> {
    let mut room = vec![httparse::EMPTY_HEADER; HEADERS_LIMIT];
    let mut response = httparse::Response::new(&mut room);
    if response.parse(head).is_err() {
        return Vec::new();
    }
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Obsolete bytes are Latin-1 (RFC 9110, 5.5).
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    response.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Expect = Expect { head: false, discard_body: false, body_limit: 1 << 20 };

    fn whole(bytes: &[u8], expect: Expect) -> Result<(Message, usize), String> {
        let mut reader = Reader::new(expect);
        match reader.feed(bytes)? {
            Progress::Done { leftover } => Ok((reader.finish(), leftover)),
            Progress::More => reader.end().map(|()| (reader.finish(), 0)),
        }
    }

    fn byte_by_byte(bytes: &[u8], expect: Expect) -> Result<(Message, usize), String> {
        let mut reader = Reader::new(expect);
        for (index, byte) in bytes.iter().enumerate() {
            if let Progress::Done { leftover } = reader.feed(&[*byte])? {
                return Ok((reader.finish(), leftover + bytes.len() - index - 1));
            }
        }
        reader.end().map(|()| (reader.finish(), 0))
    }

    #[test]
    fn a_response_reads_the_same_however_its_bytes_arrive() {
        let cases: [(&str, u16, &str, bool); 8] = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "hello", true),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "", true),
            ("HTTP/1.0 200 OK\r\n\r\nto the end", 200, "to the end", false),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 0\r\n\r\n", 201, "", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", 200, "hello", true),
        ];
        for (wire, status, body, keep_alive) in cases {
            for feed in [whole, byte_by_byte] {
                let (message, leftover) = feed(wire.as_bytes(), PLAIN).unwrap();
                assert_eq!((message.status, leftover), (status, 0), "{wire}");
                assert_eq!(&message.raw[message.head_length..], body.as_bytes(), "{wire}");
                assert_eq!(message.keep_alive, keep_alive, "{wire}");
            }
        }
    }

    #[test]
    fn what_breaks_the_rules_is_an_error() {
        for wire in [
            "SMTP ready\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut short",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
            "HTTP/1.1 200 OK\r\nContent-Le",
            "",
        ] {
            assert!(whole(wire.as_bytes(), PLAIN).is_err(), "{wire}");
            assert!(byte_by_byte(wire.as_bytes(), PLAIN).is_err(), "{wire}");
        }
    }

    #[test]
    fn endless_headers_are_cut_off() {
        let mut reader = Reader::new(PLAIN);
        reader.feed(b"HTTP/1.1 200 OK\r\n").unwrap();
        let error = (0..).find_map(|_| reader.feed(&[b'a'; 4096]).err()).unwrap();
        assert!(error.contains("head longer"));
    }

    #[test]
    fn a_body_over_the_limit_is_an_error_and_a_discarded_one_is_only_counted() {
        let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert!(whole(wire, Expect { body_limit: 4, ..PLAIN }).is_err());
        let (message, _) = whole(wire, Expect { discard_body: true, ..PLAIN }).unwrap();
        assert_eq!((message.body_bytes, message.raw.len()), (5, message.head_length));
    }

    #[test]
    fn bytes_left_over_are_counted_and_both_framings_at_once_end_the_connection() {
        let (_, leftover) = whole(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!!!", PLAIN).unwrap();
        assert_eq!(leftover, 3);
        let both = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        assert!(!whole(both, PLAIN).unwrap().0.keep_alive);
    }

    #[test]
    fn the_answer_to_head_has_no_body() {
        let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
        let (message, _) = whole(wire, Expect { head: true, ..PLAIN }).unwrap();
        assert!(message.keep_alive && message.body_bytes == 0);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = byte_by_byte(&bytes, PLAIN);
            let mut wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            wire.extend(bytes);
            let _ = whole(&wire, PLAIN);
        }
    }
}
