//! WebSocket frames (RFC 6455, section 5), a client's side: bytes in, messages out, and the other way
//! round. No socket, no clock.

use crate::net::failure::{code, Failure, Phase};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use ring::digest::{digest, SHA1_FOR_LEGACY_USE_ONLY};

/// What every server appends to the client's key (RFC 6455, 1.3).
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Control frames are no longer (5.5).
const CONTROL_LIMIT: usize = 125;

/// Why a connection is closed (7.4.1).
pub mod close {
    pub const NORMAL: u16 = 1000;
    pub const GOING_AWAY: u16 = 1001;
    pub const PROTOCOL: u16 = 1002;
    /// A close frame without a code.
    pub const NO_STATUS: u16 = 1005;
    /// The connection ended without a close frame.
    pub const ABNORMAL: u16 = 1006;
    pub const NOT_TEXT: u16 = 1007;
    pub const TOO_BIG: u16 = 1009;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        use Opcode::*;
        [Continuation, Text, Binary, Close, Ping, Pong].into_iter().find(|opcode| *opcode as u8 == bits)
    }

    fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16, String),
}

/// How the peer broke the rules: the code to close with, and in words.
pub type Fault = (u16, &'static str);

/// The key of an opening handshake, from 16 random bytes, and what a server must answer to it.
pub fn key(nonce: [u8; 16]) -> (String, String) {
    let key = STANDARD.encode(nonce);
    let accept = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &[key.as_bytes(), MAGIC].concat()));
    (key, accept)
}

/// Whether the server's answer opens a WebSocket (RFC 6455, 4.1): the subprotocol it chose, "" for none.
pub fn accepted(status: u16, headers: &[(String, String)], accept: &str, asked: &str) -> Result<String, Failure> {
    let refuse = |text: String| Failure::new(code::GENERIC, Phase::Read, format!("websocket: {text}"));
    let find = |name: &str| headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    if status != 101 {
        return Err(refuse(format!("the server answered with status {status}, not 101")));
    }
    if find("sec-websocket-accept").is_none_or(|value| value != accept) {
        return Err(refuse("the server's Sec-WebSocket-Accept does not fit our key".to_owned()));
    }
    if let Some(extensions) = find("sec-websocket-extensions") {
        return Err(refuse(format!("the server wants extensions nobody asked for: {extensions}")));
    }
    let chosen = find("sec-websocket-protocol").cloned().unwrap_or_default();
    if !chosen.is_empty() && !asked.split(',').any(|one| one.trim() == chosen) {
        return Err(refuse(format!("the server chose the subprotocol {chosen:?}, asked for were {asked:?}")));
    }
    Ok(chosen)
}

/// Append one whole frame, masked as a client's must be (5.3).
pub fn encode(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    out.push(0x80 | opcode as u8);
    match payload.len() {
        short @ 0..=125 => out.push(0x80 | short as u8),
        medium @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&mask);
    let start = out.len();
    out.extend_from_slice(payload);
    let mut chunks = out[start..].chunks_exact_mut(4);
    for chunk in &mut chunks {
        chunk.iter_mut().zip(mask).for_each(|(byte, key)| *byte ^= key);
    }
    chunks.into_remainder().iter_mut().zip(mask).for_each(|(byte, key)| *byte ^= key);
}

/// A close frame's payload: the code and as much of the reason as fits.
pub fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    if code == close::NO_STATUS {
        return Vec::new();
    }
    let mut end = reason.len().min(CONTROL_LIMIT - 2);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    [&code.to_be_bytes()[..], &reason.as_bytes()[..end]].concat()
}

/// Reads a server's frames.
pub struct Decoder {
    limit: u64,
    /// The bytes of a frame's head that have come.
    head: Vec<u8>,
    /// The frame under way: opcode, whether it is a message's last, bytes to come.
    frame: Option<(Opcode, bool, u64)>,
    /// The message under way, text or binary.
    kind: Option<Opcode>,
    message: Vec<u8>,
    control: Vec<u8>,
}

impl Decoder {
    /// Messages longer than `limit` bytes are refused.
    pub fn new(limit: u64) -> Self {
        Self { limit, head: Vec::new(), frame: None, kind: None, message: Vec::new(), control: Vec::new() }
    }

    /// Take `bytes`; gives each message that they complete to `sink`.
    pub fn feed(&mut self, mut bytes: &[u8], mut sink: impl FnMut(Message)) -> Result<(), Fault> {
        loop {
            let Some((opcode, last, left)) = self.frame else {
                if bytes.is_empty() {
                    return Ok(());
                }
                bytes = self.feed_head(bytes)?;
                continue;
            };
            let count = left.min(bytes.len() as u64) as usize;
            let target = if opcode.is_control() { &mut self.control } else { &mut self.message };
            target.extend_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            if count as u64 != left {
                self.frame = Some((opcode, last, left - count as u64));
                return Ok(());
            }
            self.frame = None;
            if opcode.is_control() {
                sink(control(opcode, std::mem::take(&mut self.control))?);
            } else if last {
                sink(self.finish()?);
            }
        }
    }

    fn feed_head<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], Fault> {
        let mut rest = bytes;
        // Two bytes tell how many there are.
        for known in [2, self.head_length()] {
            let wanted = known.max(self.head_length()).saturating_sub(self.head.len()).min(rest.len());
            self.head.extend_from_slice(&rest[..wanted]);
            rest = &rest[wanted..];
        }
        if self.head.len() >= 2 && self.head.len() == self.head_length() {
            self.begin_frame()?;
            self.head.clear();
        }
        Ok(rest)
    }

    fn head_length(&self) -> usize {
        match self.head.get(1).map(|byte| byte & 0x7f) {
            Some(126) => 4,
            Some(127) => 10,
            _ => 2,
        }
    }

    fn begin_frame(&mut self) -> Result<(), Fault> {
        let broken = |text| Err((close::PROTOCOL, text));
        let (first, second) = (self.head[0], self.head[1]);
        let last = first & 0x80 != 0;
        if first & 0x70 != 0 {
            return broken("a reserved bit is set and no extension was agreed on");
        }
        let Some(opcode) = Opcode::from_bits(first & 0x0f) else {
            return broken("a frame of unknown kind");
        };
        if second & 0x80 != 0 {
            return broken("the server masked a frame");
        }
        let length = match &self.head[2..] {
            [] => u64::from(second & 0x7f),
            more => more.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        match (opcode.is_control(), opcode == Opcode::Continuation, self.kind.is_some()) {
            (true, ..) if !last || length > CONTROL_LIMIT as u64 => {
                return broken("a control frame in parts, or too long")
            }
            (true, ..) | (_, true, true) => {}
            (_, true, false) => return broken("a continuation of nothing"),
            (_, false, true) => return broken("a new message inside of another"),
            (_, false, false) => self.kind = Some(opcode),
        }
        if !opcode.is_control() && length.saturating_add(self.message.len() as u64) > self.limit {
            return Err((close::TOO_BIG, "a message longer than the limit"));
        }
        self.frame = Some((opcode, last, length));
        Ok(())
    }

    fn finish(&mut self) -> Result<Message, Fault> {
        let payload = std::mem::take(&mut self.message);
        match self.kind.take() {
            Some(Opcode::Text) => match String::from_utf8(payload) {
                Ok(text) => Ok(Message::Text(text)),
                Err(_) => Err((close::NOT_TEXT, "a text message that is not UTF-8")),
            },
            _ => Ok(Message::Binary(payload)),
        }
    }
}

fn control(opcode: Opcode, payload: Vec<u8>) -> Result<Message, Fault> {
    match (opcode, payload.as_slice()) {
        (Opcode::Ping, _) => Ok(Message::Ping(payload)),
        (Opcode::Pong, _) => Ok(Message::Pong(payload)),
        (_, []) => Ok(Message::Close(close::NO_STATUS, String::new())),
        (_, [high, low, reason @ ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err((close::PROTOCOL, "a close code that nobody may send"));
            }
            match std::str::from_utf8(reason) {
                Ok(reason) => Ok(Message::Close(code, reason.to_owned())),
                Err(_) => Err((close::NOT_TEXT, "a close reason that is not UTF-8")),
            }
        }
        _ => Err((close::PROTOCOL, "a close frame with half a code")),
    }
}

#[cfg(test)]
#[path = "websocket_tests.rs"]
mod tests;
