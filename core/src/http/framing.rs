//! Where a response's body ends (RFC 9112, section 6). Bytes in, body bytes out; no socket.

use memchr::memchr;

/// A chunk-size line with its extensions, and all trailers together, may be this long.
const LINE_LIMIT: usize = 16 * 1024;

#[derive(Debug, PartialEq, Eq)]
pub enum Framing {
    None,
    /// Bytes still to come.
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Chunked {
    state: ChunkState,
    line: Vec<u8>,
    trailer_bytes: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum ChunkState {
    Size,
    Data(u64),
    DataEnd,
    Trailer,
}

/// What became of the bytes fed in.
#[derive(Debug, PartialEq, Eq)]
pub struct Fed {
    /// How many of the bytes belonged to this response.
    pub consumed: usize,
    pub complete: bool,
}

impl Framing {
    pub fn chunked() -> Self {
        Framing::Chunked(Chunked { state: ChunkState::Size, line: Vec::new(), trailer_bytes: 0 })
    }

    /// Take what belongs to the body from `bytes` and give it to `sink`.
    pub fn feed(&mut self, bytes: &[u8], mut sink: impl FnMut(&[u8])) -> Result<Fed, &'static str> {
        match self {
            Framing::None => Ok(Fed { consumed: 0, complete: true }),
            Framing::Length(left) => {
                let count = (*left).min(bytes.len() as u64) as usize;
                sink(&bytes[..count]);
                *left -= count as u64;
                Ok(Fed { consumed: count, complete: *left == 0 })
            }
            Framing::UntilClose => {
                sink(bytes);
                Ok(Fed { consumed: bytes.len(), complete: false })
            }
            Framing::Chunked(chunked) => chunked.feed(bytes, sink),
        }
    }

    /// The peer has closed: is that a proper end?
    pub fn may_end_here(&self) -> bool {
        matches!(self, Framing::None | Framing::UntilClose | Framing::Length(0))
    }
}

impl Chunked {
    fn feed(&mut self, bytes: &[u8], mut sink: impl FnMut(&[u8])) -> Result<Fed, &'static str> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                ChunkState::Data(left) => {
                    let count = left.min((bytes.len() - at) as u64) as usize;
                    sink(&bytes[at..at + count]);
                    at += count;
                    let left = left - count as u64;
                    self.state = if left == 0 { ChunkState::DataEnd } else { ChunkState::Data(left) };
                }
                ChunkState::Size | ChunkState::DataEnd | ChunkState::Trailer => {
                    let end = memchr(b'\n', &bytes[at..]).map(|offset| at + offset + 1);
                    self.line.extend_from_slice(&bytes[at..end.unwrap_or(bytes.len())]);
                    at = end.unwrap_or(bytes.len());
                    if self.line.len() > LINE_LIMIT {
                        return Err("chunk-size line or trailer too long");
                    }
                    if end.is_some() && self.line_is_whole()? {
                        return Ok(Fed { consumed: at, complete: true });
                    }
                }
            }
        }
        Ok(Fed { consumed: at, complete: false })
    }

    /// Act on a whole line; true when it ended the body.
    fn line_is_whole(&mut self) -> Result<bool, &'static str> {
        let line = std::mem::take(&mut self.line);
        let text = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(&line);
        match self.state {
            ChunkState::Size => {
                let size = chunk_size(text)?;
                self.state = if size == 0 { ChunkState::Trailer } else { ChunkState::Data(size) };
            }
            ChunkState::DataEnd if text.is_empty() => self.state = ChunkState::Size,
            ChunkState::DataEnd => return Err("chunk longer than its size"),
            ChunkState::Trailer if text.is_empty() => return Ok(true),
            ChunkState::Trailer => {
                self.trailer_bytes += line.len();
                if self.trailer_bytes > LINE_LIMIT {
                    return Err("trailers too long");
                }
            }
            ChunkState::Data(_) => {}
        }
        Ok(false)
    }
}

/// `chunk-size [ chunk-ext ]` (RFC 9112, 7.1): hexadecimal digits, then nothing or an extension.
fn chunk_size(text: &[u8]) -> Result<u64, &'static str> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let rest = text[digits..].trim_ascii_start();
    if digits == 0 || digits > 15 || !(rest.is_empty() || rest[0] == b';') {
        return Err("invalid chunk size");
    }
    let digits = std::str::from_utf8(&text[..digits]).map_err(|_| "invalid chunk size")?;
    u64::from_str_radix(digits, 16).map_err(|_| "invalid chunk size")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> Result<(Vec<u8>, Fed), &'static str> {
        let mut body = Vec::new();
        let fed = Framing::chunked().feed(bytes, |part| body.extend_from_slice(part))?;
        Ok((body, fed))
    }

    fn byte_by_byte(bytes: &[u8]) -> Result<(Vec<u8>, Fed), &'static str> {
        let (mut body, mut framing) = (Vec::new(), Framing::chunked());
        for (index, byte) in bytes.iter().enumerate() {
            let fed = framing.feed(&[*byte], |part| body.extend_from_slice(part))?;
            if fed.complete {
                return Ok((body, Fed { consumed: index + 1, complete: true }));
            }
        }
        Ok((body, Fed { consumed: bytes.len(), complete: false }))
    }

    #[test]
    fn a_chunked_body_ends_at_the_zero_chunk_however_its_bytes_arrive() {
        let cases: [(&[u8], &[u8]); 4] = [
            (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
            (b"5;name=value\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world"),
            (b"A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", b"0123456789"),
            (b"5\nhello\n0\n\n", b"hello"),
        ];
        for (wire, body) in cases {
            for feed in [whole, byte_by_byte] {
                let complete = Fed { consumed: wire.len(), complete: true };
                assert_eq!(feed(wire), Ok((body.to_vec(), complete)));
            }
        }
    }

    #[test]
    fn bytes_after_the_zero_chunk_are_not_consumed() {
        let (_, fed) = whole(b"0\r\n\r\nHTTP/1.1 200 OK").unwrap();
        assert_eq!(fed, Fed { consumed: 5, complete: true });
    }

    #[test]
    fn a_broken_chunk_is_an_error_and_never_a_guess() {
        for wire in [&b"x\r\n"[..], b"\r\n", b"5 5\r\n", b"-1\r\n", b"3\r\nhello\r\n", b"1ffffffffffffffff\r\n"] {
            assert!(whole(wire).is_err(), "{wire:?}");
            assert!(byte_by_byte(wire).is_err(), "{wire:?}");
        }
        assert!(whole(&[b'1'; LINE_LIMIT + 1]).is_err());
    }
}
