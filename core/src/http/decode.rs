//! Content-Encoding undone: gzip and deflate, in the order they were applied, within a limit.

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// Decode `body`. An encoding we never asked for is left as it is (RFC 9110, 8.4).
pub fn decode(encodings: &str, body: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    let mut current = body.to_vec();
    for encoding in encodings.rsplit(',').map(str::trim) {
        current = match encoding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => read_all(MultiGzDecoder::new(current.as_slice()), limit)?,
            // Some servers send raw deflate without zlib's head (RFC 9110, 8.4.1.2).
            "deflate" if is_zlib(&current) => read_all(ZlibDecoder::new(current.as_slice()), limit)?,
            "deflate" => read_all(DeflateDecoder::new(current.as_slice()), limit)?,
            "identity" | "" => current,
            _ => return Ok(current),
        };
    }
    Ok(current)
}

fn is_zlib(body: &[u8]) -> bool {
    body.len() >= 2 && body[0] & 0x0f == 8 && u16::from_be_bytes([body[0], body[1]]) % 31 == 0
}

fn read_all(decoder: impl Read, limit: u64) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let mut capped = decoder.take(limit + 1);
    capped.read_to_end(&mut plain).map_err(|error| format!("decompression: {error}"))?;
    if plain.len() as u64 > limit {
        return Err(format!("decompressed body longer than the limit of {limit} bytes"));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use flate2::Compression;
    use std::io::Write;

    const TEXT: &[u8] = b"a sudden downpour, a sudden downpour, a sudden downpour";

    fn packed(name: &str) -> Vec<u8> {
        let level = Compression::default();
        let mut out = Vec::new();
        match name {
            "gzip" => GzEncoder::new(&mut out, level).write_all(TEXT).unwrap(),
            "zlib" => ZlibEncoder::new(&mut out, level).write_all(TEXT).unwrap(),
            _ => DeflateEncoder::new(&mut out, level).write_all(TEXT).unwrap(),
        }
        out
    }

    #[test]
    fn gzip_and_both_kinds_of_deflate_are_undone() {
        for (encoding, kind) in [("gzip", "gzip"), ("deflate", "zlib"), ("deflate", "raw"), ("GZip", "gzip")] {
            assert_eq!(decode(encoding, &packed(kind), 1000).unwrap(), TEXT);
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        assert!(decode("gzip", &packed("gzip"), 10).unwrap_err().contains("limit of 10 bytes"));
    }

    #[test]
    fn garbage_is_an_error_and_an_unknown_encoding_is_left_alone() {
        assert!(decode("gzip", b"not gzip", 1000).is_err());
        assert_eq!(decode("br", b"as it was", 1000).unwrap(), b"as it was");
    }
}
