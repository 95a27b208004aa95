//! A look at the frames that come in (RFC 9113, 4.1), before `h2` reads them: which peers flood us, who says
//! farewell, and who does not speak HTTP/2 at all. Bytes in; no socket.

const HEADER: usize = 9;
/// A GOAWAY's last stream and its error.
const FAREWELL: usize = 8;

/// Frames that carry nothing which a connection may bring at any time: pings of years, settings, …
const FREE: u64 = 10_000;
/// … and what it may bring more for each request, as RST_STREAM, trailers, 1xx heads, …
const A_REQUEST: u64 = 32;
/// … and one more for each so many bytes of payload either way: windows are updated as bytes flow.
const BYTES: u64 = 512;

mod kind {
    pub const DATA: u8 = 0;
    pub const GOAWAY: u8 = 7;
}

/// Why a connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It brings frame upon frame that carries nothing.
    Flood,
    /// It answers in HTTP/1.
    Http1,
}

/// A server's farewell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goaway {
    /// Streams after this one were not looked at.
    pub last: u32,
    pub error: u32,
}

#[derive(Debug, Default)]
pub struct Watch {
    frames: u64,
    /// The header under way, and of a GOAWAY what follows.
    head: [u8; HEADER + FAREWELL],
    got: usize,
    /// Bytes to pass over before the next header.
    skip: usize,
    empty: u64,
    data: u64,
    pub goaway: Option<Goaway>,
}

impl Watch {
    /// Take in what was read. `requests` and `sent`: made and written on this connection so far.
    pub fn feed(&mut self, mut bytes: &[u8], requests: u64, sent: u64) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let count = self.skip.min(bytes.len());
                self.skip -= count;
                bytes = &bytes[count..];
                continue;
            }
            let wanted = self.wanted();
            let count = (wanted - self.got).min(bytes.len());
            self.head[self.got..self.got + count].copy_from_slice(&bytes[..count]);
            self.got += count;
            bytes = &bytes[count..];
            if self.frames == 0 && self.got >= 5 && self.head.starts_with(b"HTTP/") {
                return Err(Trouble::Http1);
            }
            if self.got == HEADER {
                self.header_came(requests, sent)?;
            } else if self.got == HEADER + FAREWELL {
                self.farewell_came();
            }
        }
        Ok(())
    }

    fn wanted(&self) -> usize {
        if self.got < HEADER {
            HEADER
        } else {
            HEADER + FAREWELL
        }
    }

    fn length(&self) -> usize {
        usize::from(self.head[0]) << 16 | usize::from(self.head[1]) << 8 | usize::from(self.head[2])
    }

    fn header_came(&mut self, requests: u64, sent: u64) -> Result<(), Trouble> {
        let length = self.length();
        self.frames += 1;
        match self.head[3] {
            kind::DATA if length > 0 => self.data += length as u64,
            _ => self.empty += 1,
        }
        if self.head[3] != kind::GOAWAY || length < FAREWELL {
            self.got = 0;
            self.skip = length;
        }
        let may = FREE + A_REQUEST * requests + (sent + self.data) / BYTES;
        if self.empty > may {
            return Err(Trouble::Flood);
        }
        Ok(())
    }

    fn farewell_came(&mut self) {
        let number = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|offset| self.head[at + offset]));
        self.goaway = Some(Goaway { last: number(HEADER) & 0x7fff_ffff, error: number(HEADER + 4) });
        self.skip = self.length() - FAREWELL;
        self.got = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u32).to_be_bytes();
        [&length[1..], &[kind, 0, 0, 0, 0, 1], payload].concat()
    }

    #[test]
    fn a_farewell_is_read_however_the_bytes_are_cut() {
        let goaway = frame(7, b"\x80\x00\x00\x05\x00\x00\x00\x0bdebug data");
        let all = [frame(4, b"sixsix"), frame(0, &[7; 300]), goaway, frame(6, b"8 octets")].concat();
        for size in [1, 2, 7, 64, 1000] {
            let mut watch = Watch::default();
            all.chunks(size).for_each(|part| watch.feed(part, 1, 0).unwrap());
            assert_eq!(watch.goaway, Some(Goaway { last: 5, error: 11 }), "in parts of {size}");
            assert_eq!((watch.frames, watch.empty, watch.data), (4, 3, 300));
        }
    }

    #[test]
    fn a_farewell_that_is_too_short_is_none() {
        let mut watch = Watch::default();
        watch.feed(&frame(7, b"short"), 1, 0).unwrap();
        assert_eq!(watch.goaway, None);
    }

    #[test]
    fn frames_that_carry_nothing_are_limited_and_those_that_do_are_not() {
        let ping = frame(6, b"8 octets");
        let flood = |watch: &mut Watch, count: u64| (0..count).try_for_each(|_| watch.feed(&ping, 0, 0));
        let mut watch = Watch::default();
        assert_eq!(flood(&mut watch, FREE), Ok(()));
        assert_eq!(flood(&mut watch, 1), Err(Trouble::Flood));
        let mut watch = Watch::default();
        (0..3 * FREE).for_each(|_| watch.feed(&frame(0, b"x"), 0, 0).unwrap());
        assert_eq!(watch.feed(&frame(0, b""), 0, 0), Ok(()));
        let mut watch = Watch::default();
        for number in 0..3 * FREE {
            watch.feed(&frame(8, b"more"), 0, number * BYTES).unwrap();
        }
    }

    #[test]
    fn a_server_that_answers_in_http_1_is_known_by_its_first_bytes() {
        let mut watch = Watch::default();
        assert_eq!(watch.feed(b"HT", 1, 0), Ok(()));
        assert_eq!(watch.feed(b"TP/1.1 400 Bad Request\r\n", 1, 0), Err(Trouble::Http1));
    }
}
