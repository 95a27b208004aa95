//! Content-Encoding undone: gzip, deflate, br and zstd, in the order they were applied, within a limit.

use brotli_decompressor::Decompressor as BrotliDecoder;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder as ZstdDecoder;
use std::io::Read;

/// What a request says that it takes (Accept-Encoding).
pub const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// The decoder's buffer between body and result.
const BROTLI_BUFFER: usize = 4096;

/// Decode `body`. An encoding we never asked for is left as it is (RFC 9110, 8.4).
pub fn decode(encodings: &str, body: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    let mut current = body.to_vec();
    for encoding in encodings.rsplit(',').map(str::trim) {
        current = match encoding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => read_all(MultiGzDecoder::new(current.as_slice()), limit)?,
            // Some servers send raw deflate without zlib's head (RFC 9110, 8.4.1.2).
            "deflate" if is_zlib(&current) => read_all(ZlibDecoder::new(current.as_slice()), limit)?,
            "deflate" => read_all(DeflateDecoder::new(current.as_slice()), limit)?,
            "br" => read_all(BrotliDecoder::new(current.as_slice(), BROTLI_BUFFER), limit)?,
            "zstd" => read_zstd(&current, limit)?,
            "identity" | "" => current,
            _ => return Ok(current),
        };
    }
    Ok(current)
}

fn is_zlib(body: &[u8]) -> bool {
    body.len() >= 2 && body[0] & 0x0f == 8 && u16::from_be_bytes([body[0], body[1]]) % 31 == 0
}

/// One frame after another: the decoder ends with the first (RFC 8878, 3.1).
fn read_zstd(body: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    let (mut rest, mut plain) = (body, Vec::new());
    while !rest.is_empty() {
        let decoder = ZstdDecoder::new(&mut rest).map_err(|error| format!("decompression: {error}"))?;
        let left = limit.saturating_sub(plain.len() as u64);
        plain.extend(read_all(decoder, left)?);
    }
    Ok(plain)
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
        assert_eq!(decode("rot13", b"as it was", 1000).unwrap(), b"as it was");
    }

    // TEXT, as node's zlib.brotliCompressSync and the command zstd pack it.
    const BROTLI: &str = "1b3600f8c56d6c5df9dd23d8b528a2a82a4450893d290dd5bbeb2640";
    const ZSTD: &str = "28b52ffd0458cd000098612073756464656e20646f776e706f75722c2001001b39c3115b89a7";

    fn from_hex(digits: &str) -> Vec<u8> {
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn brotli_and_zstd_are_undone_and_end_at_the_limit() {
        for (encoding, packed) in [("br", BROTLI), ("zstd", ZSTD)] {
            let packed = from_hex(packed);
            assert_eq!(decode(encoding, &packed, 1000).unwrap(), TEXT);
            assert!(decode(encoding, &packed, 10).unwrap_err().contains("limit"));
            assert!(decode(encoding, &packed[..packed.len() / 2], 1000).is_err());
        }
        assert_eq!(decode("zstd", &from_hex(&ZSTD.repeat(2)), 1000).unwrap(), TEXT.repeat(2));
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_a_decoder_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200), magic in 0..3usize) {
            let start: &[u8] = [&[][..], &[0x28, 0xb5, 0x2f, 0xfd], &[0x1b]][magic];
            for encoding in ["gzip", "deflate", "br", "zstd"] {
                let _ = decode(encoding, &[start, body.as_slice()].concat(), 100_000);
            }
        }
    }
}
