//! What stands in a response's head.

/// A head may have so many headers.
pub const HEADERS_LIMIT: usize = 1024;

pub fn content_length(value: &[u8]) -> Result<u64, String> {
    // "5, 5" is one length said twice (RFC 9110, 8.6).
    let mut parts = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let first = parts.next().unwrap_or_default();
    let digits = !first.is_empty() && first.len() <= 18 && first.iter().all(u8::is_ascii_digit);
    if !digits || parts.any(|part| part != first) {
        return Err("malformed HTTP response: invalid Content-Length".to_owned());
    }
    Ok(first.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

pub fn has_token(value: &[u8], token: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(token))
}

/// The headers of a head that was read before, in their order.
pub fn headers(head: &[u8]) -> Vec<(String, String)> {
    let mut room = vec![httparse::EMPTY_HEADER; HEADERS_LIMIT];
    let mut response = httparse::Response::new(&mut room);
    if !matches!(response.parse(head), Ok(httparse::Status::Complete(_))) {
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

    #[test]
    fn no_head_has_no_headers() {
        assert_eq!(headers(b""), []);
        assert_eq!(headers(b"HTTP/1.1 200 OK\r\na: b\r\n\r\n"), [("a".to_owned(), "b".to_owned())]);
    }
}
