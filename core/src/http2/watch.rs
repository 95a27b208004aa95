//! A look at the frames that come in (RFC 9113, 4.1), before `h2` reads them: which peers flood us, who says
//! farewell, and who does not speak HTTP/2 at all. Bytes in; no socket.

const HEADER: usize = 9;
/// A GOAWAY's last stream and its error.
const FAREWELL: usize = 8;
const PADDED: u8 = 0x8;
const END_STREAM: u8 = 0x1;

/// Frames that carry nothing which a connection may bring at any time: pings of years, settings, …
const FREE: u64 = 10_000;
/// … and what it may bring more for each request, as RST_STREAM, trailers, 1xx heads, …
const A_REQUEST: u64 = 32;
/// … and one more for each so many bytes of payload either way: windows are updated as bytes flow.
const BYTES: u64 = 512;
/// DATA frames without data that end nothing: `h2` ends a connection at the 101st of its life. From here on it gets no
/// new requests, and those under way may have as many again.
const HOLLOW: u64 = 50;

mod kind {
    pub const DATA: u8 = 0;
    pub const GOAWAY: u8 = 7;
}

/// Why a connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It brings frame upon frame that carries nothing.
    Flood,
    /// It sends more than it has room for.
    Overrun,
    /// It answers in HTTP/1.
    Http1,
}

/// What has become of a connection so far: it says what a server may send.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget {
    pub requests: u64,
    /// Bytes that we wrote.
    pub sent: u64,
    /// Bytes of bodies that were taken.
    pub taken: u64,
    /// Bytes of one body that may come before they are taken.
    pub window: u64,
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
    hollow: u64,
    pub goaway: Option<Goaway>,
}

impl Watch {
    /// Take in what was read.
    pub fn feed(&mut self, mut bytes: &[u8], budget: &Budget) -> Result<(), Trouble> {
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
            if self.got == self.wanted() {
                self.frame_came();
                self.judge(budget)?;
            }
        }
        Ok(())
    }

    /// Whether it has had as much as it may have, and is to get no more requests.
    pub fn is_worn(&self) -> bool {
        self.hollow >= HOLLOW
    }

    fn wanted(&self) -> usize {
        if self.got < HEADER {
            return HEADER;
        }
        match self.head[3] {
            kind::GOAWAY if self.length() >= FAREWELL => HEADER + FAREWELL,
            // The length of its padding.
            kind::DATA if self.head[4] & PADDED != 0 && self.length() > 0 => HEADER + 1,
            _ => HEADER,
        }
    }

    fn length(&self) -> usize {
        usize::from(self.head[0]) << 16 | usize::from(self.head[1]) << 8 | usize::from(self.head[2])
    }

    fn frame_came(&mut self) {
        let (length, more) = (self.length(), self.got - HEADER);
        self.frames += 1;
        let padding = if more == 1 { 1 + usize::from(self.head[HEADER]) } else { 0 };
        match self.head[3] {
            kind::DATA if length > padding => self.data += (length - padding) as u64,
            kind::GOAWAY if more > 0 => self.farewell_came(),
            kind::DATA if self.head[4] & END_STREAM == 0 => {
                self.hollow += 1;
                self.empty += 1;
            }
            _ => self.empty += 1,
        }
        self.skip = length - more;
        self.got = 0;
    }

    fn farewell_came(&mut self) {
        let number = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|offset| self.head[at + offset]));
        self.goaway = Some(Goaway { last: number(HEADER) & 0x7fff_ffff, error: number(HEADER + 4) });
        self.empty += 1;
    }

    fn judge(&self, budget: &Budget) -> Result<(), Trouble> {
        if self.data > budget.taken + budget.requests * budget.window {
            return Err(Trouble::Overrun);
        }
        if self.empty > FREE + A_REQUEST * budget.requests + (budget.sent + self.data) / BYTES {
            return Err(Trouble::Flood);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_taken_and_mean_the_same_however_they_are_cut(
            bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(7), Just(8), any::<u8>()], 0..600),
            size in 1usize..40,
        ) {
            let fed = |size: usize| {
                let mut watch = Watch::default();
                let end = bytes.chunks(size).try_for_each(|part| watch.feed(part, &SOME));
                (end, watch.frames, watch.empty, watch.data, watch.goaway)
            };
            prop_assert_eq!(fed(bytes.len().max(1)), fed(size));
        }
    }

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u32).to_be_bytes();
        [&length[1..], &[kind, 0, 0, 0, 0, 1], payload].concat()
    }

    const SOME: Budget = Budget { requests: 1, sent: 0, taken: 0, window: 1000 };

    #[test]
    fn a_farewell_is_read_however_the_bytes_are_cut() {
        let goaway = frame(7, b"\x80\x00\x00\x05\x00\x00\x00\x0bdebug data");
        let all = [frame(4, b"sixsix"), frame(0, &[7; 300]), goaway, frame(6, b"8 octets")].concat();
        for size in [1, 2, 7, 64, 1000] {
            let mut watch = Watch::default();
            all.chunks(size).for_each(|part| watch.feed(part, &SOME).unwrap());
            assert_eq!(watch.goaway, Some(Goaway { last: 5, error: 11 }), "in parts of {size}");
            assert_eq!((watch.frames, watch.empty, watch.data), (4, 3, 300));
        }
    }

    #[test]
    fn a_farewell_that_is_too_short_is_none() {
        let mut watch = Watch::default();
        watch.feed(&frame(7, b"short"), &SOME).unwrap();
        assert_eq!(watch.goaway, None);
    }

    #[test]
    fn frames_that_carry_nothing_are_limited_and_those_that_do_are_not() {
        let ping = frame(6, b"8 octets");
        let none = Budget { window: u64::MAX, ..Budget::default() };
        let flood = |watch: &mut Watch, count: u64| (0..count).try_for_each(|_| watch.feed(&ping, &none));
        let mut watch = Watch::default();
        assert_eq!(flood(&mut watch, FREE), Ok(()));
        assert_eq!(flood(&mut watch, 1), Err(Trouble::Flood));
        let mut watch = Watch::default();
        let taken = Budget { taken: 1 << 20, ..none };
        (0..3 * FREE).for_each(|_| watch.feed(&frame(0, b"x"), &taken).unwrap());
        assert_eq!(watch.feed(&frame(0, b""), &taken), Ok(()));
        let mut watch = Watch::default();
        for number in 0..3 * FREE {
            watch.feed(&frame(8, b"more"), &Budget { sent: number * BYTES, ..none }).unwrap();
        }
    }

    #[test]
    fn a_body_may_come_as_far_as_its_window_and_what_was_taken_of_it() {
        let part = frame(0, &[0; 100]);
        let mut watch = Watch::default();
        (0..10).for_each(|_| watch.feed(&part, &SOME).unwrap());
        assert_eq!(watch.feed(&part, &Budget { taken: 100, ..SOME }), Ok(()));
        assert_eq!(watch.feed(&part, &Budget { taken: 100, ..SOME }), Err(Trouble::Overrun));
        let mut padded = frame(0, &[&[90][..], &[0; 100]].concat());
        padded[4] = PADDED;
        let mut watch = Watch::default();
        (0..10).for_each(|_| watch.feed(&padded, &SOME).unwrap());
        assert_eq!((watch.data, watch.empty), (100, 0));
    }

    #[test]
    fn a_connection_is_worn_by_data_frames_that_bring_nothing_and_end_nothing() {
        let mut padded = frame(0, &[2, 0, 0]);
        padded[4] = PADDED;
        let mut end = frame(0, b"");
        end[4] = END_STREAM;
        for (hollow, worn) in [(frame(0, b""), true), (padded, true), (end, false), (frame(0, b"x"), false)] {
            let mut watch = Watch::default();
            (1..HOLLOW).for_each(|_| watch.feed(&hollow, &SOME).unwrap());
            assert!(!watch.is_worn());
            watch.feed(&hollow, &SOME).unwrap();
            assert_eq!(watch.is_worn(), worn, "{hollow:?}");
        }
    }

    #[test]
    fn a_server_that_answers_in_http_1_is_known_by_its_first_bytes() {
        let mut watch = Watch::default();
        assert_eq!(watch.feed(b"HT", &SOME), Ok(()));
        assert_eq!(watch.feed(b"TP/1.1 400 Bad Request\r\n", &SOME), Err(Trouble::Http1));
    }
}
