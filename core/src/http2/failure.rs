//! What goes wrong in HTTP/2, in k6's error codes: 1610 and on for a server's GOAWAY, 1630 for a stream, 1650 for a
//! connection; the error's own number (RFC 9113, section 7) and one is added where it is a known one.

use super::traffic::Traffic;
use super::watch::Trouble;
use crate::net::failure::{code, Failure, Phase};
use std::io;

const NAMES: [&str; 14] = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];
const PROTOCOL_ERROR: u32 = 1;
const FLOW_CONTROL_ERROR: u32 = 3;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;

fn name(error: u32) -> String {
    NAMES.get(error as usize).map_or_else(|| format!("error 0x{error:x}"), |name| (*name).to_owned())
}

fn coded(base: u16, error: u32) -> u16 {
    base + if (error as usize) < NAMES.len() { error as u16 + 1 } else { 0 }
}

fn goaway(error: u32, phase: Phase) -> Failure {
    let text = format!("http2: the server closed the connection (GOAWAY): {}", name(error));
    Failure { ended: true, ..Failure::new(coded(code::HTTP2_GOAWAY, error), phase, text) }
}

fn connection(error: u32, why: &str) -> Failure {
    let text = format!("http2: connection error: {}{why}", name(error));
    Failure::new(coded(code::HTTP2_CONNECTION, error), Phase::Read, text)
}

/// Why we gave a connection up ourselves.
pub fn trouble(trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Flood => connection(ENHANCE_YOUR_CALM, " (the server floods us with frames that carry nothing)"),
        Trouble::Overrun => connection(FLOW_CONTROL_ERROR, " (the server sends more than it has room for)"),
        Trouble::Http1 => connection(PROTOCOL_ERROR, " (the server answered in HTTP/1: it does not speak HTTP/2 here)"),
    }
}

/// The connection is no more, before or while it carried an exchange. `begun`: a byte of the answer had come.
pub fn gone(traffic: &Traffic, phase: Phase, begun: bool) -> Failure {
    if let Some(failure) = &*traffic.failure.borrow() {
        // What we gave up ourselves was not closed under anybody.
        return Failure { lost: failure.code < code::HTTP2, ..failure.clone() };
    }
    match traffic.goaway() {
        Some(farewell) if farewell.error != 0 => goaway(farewell.error, phase),
        _ => Failure { phase, lost: true, ..Failure::ended(if begun { "unexpected EOF" } else { "EOF" }) },
    }
}

/// What `h2` says of an exchange.
pub fn of(error: &h2::Error, traffic: &Traffic, phase: Phase, begun: bool) -> Failure {
    let reason = error.reason().map_or(PROTOCOL_ERROR, u32::from);
    if error.is_reset() && error.is_remote() {
        let text = format!("http2: the server reset the stream: {}", name(reason));
        let failure = Failure::new(coded(code::HTTP2_STREAM, reason), phase, text);
        return Failure { ended: true, unprocessed: reason == REFUSED_STREAM && !begun, ..failure };
    }
    if error.is_reset() {
        let hint = if reason == PROTOCOL_ERROR { " (malformed, or its head is too long)" } else { "" };
        let text = format!("http2: the answer breaks the rules: {}{hint}", name(reason));
        return Failure::new(coded(code::HTTP2_STREAM, reason), phase, text);
    }
    if error.is_go_away() && error.is_remote() {
        // Streams that the server has looked at live on after a GOAWAY: only the others are told of it.
        return Failure { unprocessed: !begun, ..goaway(reason, phase) };
    }
    if error.is_go_away() {
        let why = error.to_string();
        let why = why.split_once("(b\"").and_then(|(_, rest)| rest.split_once('"'));
        return connection(reason, &why.map(|(why, _)| format!(" ({why})")).unwrap_or_default());
    }
    if error.is_io() {
        return gone(traffic, phase, begun);
    }
    Failure::new(code::HTTP2, phase, format!("http2: {error}"))
}

/// For `h2`, which gives it back as a text.
pub fn as_io(failure: &Failure) -> io::Error {
    io::Error::other(failure.text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use h2::Reason;

    #[test]
    fn codes_are_k6s() {
        let cases = [(0, 1631), (1, 1632), (7, 1638), (8, 1639), (13, 1644), (14, 1630), (0xdead_beef, 1630)];
        for (error, code) in cases {
            assert_eq!(coded(code::HTTP2_STREAM, error), code, "{error}");
        }
        assert_eq!(goaway(11, Phase::Wait).code, 1622);
        assert_eq!(connection(3, "").code, 1654);
    }

    #[test]
    fn names_are_those_of_the_rfc() {
        for (number, name) in NAMES.iter().enumerate() {
            assert_eq!(format!("{:?}", Reason::from(number as u32)), *name);
        }
        assert_eq!(name(99), "error 0x63");
    }

    #[test]
    fn a_connection_that_is_no_more_says_why_as_far_as_is_known() {
        let traffic = Traffic::default();
        let end = gone(&traffic, Phase::Wait, false);
        assert_eq!((&*end.text, end.lost), ("EOF", true));
        assert_eq!(gone(&traffic, Phase::Read, true).text, "unexpected EOF");
        traffic.look(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x02").unwrap();
        let farewell = gone(&traffic, Phase::Read, true);
        assert_eq!((farewell.code, farewell.lost), (1613, false));
        let reset = io::Error::from_raw_os_error(libc::ECONNRESET);
        traffic.failure.replace(Some(Failure::socket(Phase::Read, &reset)));
        let failure = gone(&traffic, Phase::Wait, false);
        assert_eq!((failure.code, failure.phase, failure.lost), (code::RESET, Phase::Read, true));
        traffic.failure.replace(Some(trouble(Trouble::Flood)));
        assert!(!gone(&traffic, Phase::Wait, false).lost);
    }
}
