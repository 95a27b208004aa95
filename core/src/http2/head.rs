//! Heads: a request's in HTTP/2's words, and an answer's as HTTP/1.1 would have put it, which is what the rest of
//! the core reads.

use crate::http::exchange::Sending;
use crate::http::head::{content_length, HEADERS_LIMIT};
use crate::http::reader::{Expect, Noted, Reader};
use crate::http::target::Target;
use crate::net::failure::{code, Failure, Phase};
use http::header::{HeaderMap, HeaderName, HeaderValue, CONTENT_LENGTH, COOKIE, TE};
use http::uri::{Scheme, Uri};
use http::{Method, Request};

/// Of one connection, and not allowed in HTTP/2 (RFC 9113, 8.2.2).
const OF_CONNECTIONS: [&str; 6] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings"];

/// What all requests of a target have in common.
#[derive(Clone, Debug)]
pub struct Prepared {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

fn invalid(what: &str) -> Failure {
    Failure::new(code::INVALID_URL, Phase::Prepare, format!("http2: {what} cannot be sent"))
}

/// From the head that HTTP/1.1 would send.
pub fn prepare(target: &Target) -> Result<Prepared, Failure> {
    let mut headers = HeaderMap::with_capacity(8);
    let mut authority = None;
    let head = target.head.strip_suffix(b"\r\n").unwrap_or(&target.head);
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    for line in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
        match line.get(..5) {
            Some(name) if name.eq_ignore_ascii_case(b"host:") => authority = Some(line[5..].trim_ascii()),
            _ => add(&mut headers, line)?,
        }
    }
    let authority = authority.ok_or_else(|| invalid("a request without a host"))?;
    let place = match target.url.query() {
        Some(query) => format!("{}?{query}", target.url.path()),
        None => target.url.path().to_owned(),
    };
    let scheme = if target.origin.tls { Scheme::HTTPS } else { Scheme::HTTP };
    let uri = Uri::builder().scheme(scheme).authority(authority).path_and_query(place).build();
    let uri = uri.map_err(|_| invalid("this URL or Host"))?;
    let method = Method::from_bytes(target.method.as_bytes()).map_err(|_| invalid("this method"))?;
    Ok(Prepared { method, uri, headers })
}

/// Take a header line, unless it is of the connection.
fn add(headers: &mut HeaderMap, line: &[u8]) -> Result<(), Failure> {
    let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
    let (name, value) = (&line[..colon], line.get(colon + 1..).unwrap_or_default().trim_ascii());
    let shown = || invalid(&format!("the header {:?}", String::from_utf8_lossy(name)));
    let name = HeaderName::from_bytes(name).map_err(|_| shown())?;
    let forbidden = OF_CONNECTIONS.contains(&name.as_str()) || (name == TE && value != b"trailers");
    if !forbidden {
        headers.append(name, HeaderValue::from_bytes(value).map_err(|_| shown())?);
    }
    Ok(())
}

/// The head of one request.
pub fn request(sending: &Sending<'_>) -> Result<Request<()>, Failure> {
    let target = sending.target;
    let Prepared { method, uri, headers } = target.http2.get_or_init(|| prepare(target)).clone()?;
    let mut request = Request::new(());
    *request.version_mut() = http::Version::HTTP_2;
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    let headers = request.headers_mut();
    if !sending.cookie.is_empty() {
        headers.append(COOKIE, HeaderValue::from_str(sending.cookie).map_err(|_| invalid("this cookie"))?);
    }
    sending.more.lines().try_for_each(|line| add(headers, line.as_bytes()))?;
    if sending.tells_length() {
        headers.insert(CONTENT_LENGTH, sending.body.len().into());
    }
    Ok(request)
}

/// A reader that has read the head of an answer.
pub fn reader(expect: Expect, status: u16, headers: &HeaderMap) -> Result<Reader, Failure> {
    if headers.len() > HEADERS_LIMIT {
        return Err(Failure::protocol("malformed HTTP response: too many headers"));
    }
    let mut noted = Noted::default();
    let mut head = Vec::with_capacity(64 + 48 * headers.len());
    head.extend_from_slice(format!("HTTP/1.1 {status}\r\n").as_bytes());
    for (name, value) in headers {
        match name.as_str() {
            "set-cookie" => noted.has_cookies = true,
            "content-encoding" => noted.encoded = !value.as_bytes().eq_ignore_ascii_case(b"identity"),
            "content-length" => noted.announced = content_length(value.as_bytes()).ok(),
            _ => {}
        }
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    noted.announced = noted.announced.filter(|_| !expect.head && !matches!(status, 204 | 304));
    Ok(Reader::of_frames(expect, status, head, noted))
}

/// Trailers as pairs, in their order.
pub fn trailers(map: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| value.to_str().map_or_else(|_| latin1(value.as_bytes()), str::to_owned);
    map.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn latin1(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::Body;
    use crate::http::head;
    use crate::http::target::parse_url;
    use crate::http::version::Version;

    fn target(url: &str, headers: &[(&str, &str)]) -> Target {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Target::new(1, "POST".into(), parse_url(url).unwrap(), headers, "sonagi".into()).unwrap()
    }

    fn sent(target: &Target, cookie: &str, more: &str, body: Body) -> Result<Request<()>, Failure> {
        request(&Sending { target, cookie, more, body: &body })
    }

    #[test]
    fn a_request_has_lower_case_names_and_nothing_of_its_connection() {
        let headers = [("X-Mine", "1"), ("Connection", "close"), ("Transfer-Encoding", "chunked"), ("TE", "gzip")];
        let target = target("https://a:8443/p?q=%20", &headers);
        let request = sent(&target, "a=b", "Authorization: Digest x\r\n", Body::Whole("four".into())).unwrap();
        assert_eq!(request.uri().to_string(), "https://a:8443/p?q=%20");
        assert_eq!(request.method(), "POST");
        let all: Vec<_> = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let expected: [(&str, &[u8]); 7] = [
            ("user-agent", b"sonagi"),
            ("accept", b"*/*"),
            ("accept-encoding", b"gzip, deflate, br, zstd"),
            ("x-mine", b"1"),
            ("cookie", b"a=b"),
            ("authorization", b"Digest x"),
            ("content-length", b"4"),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn a_host_of_the_user_is_the_authority_and_a_body_of_nothing_is_told() {
        let request = sent(&target("http://a/", &[("Host", "shop.test")]), "", "", Body::default()).unwrap();
        assert_eq!(request.uri().to_string(), "http://shop.test/");
        assert!(!request.headers().contains_key("host"));
        assert_eq!(request.headers()["content-length"], "0");
        let wrong = sent(&target("http://a/", &[("Host", "not a host")]), "", "", Body::default()).unwrap_err();
        assert_eq!((wrong.code, wrong.phase), (code::INVALID_URL, Phase::Prepare));
    }

    #[test]
    fn an_answers_head_reads_like_that_of_http_1() {
        let mut headers = HeaderMap::new();
        headers.append("content-type", "text/plain".parse().unwrap());
        headers.append("set-cookie", "a=1".parse().unwrap());
        headers.append("set-cookie", "b=2".parse().unwrap());
        headers.append("content-length", "12".parse().unwrap());
        headers.append("x-latin", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        let expect = Expect { head: false, discard_body: false, body_limit: 100, head_only: false };
        let read = reader(expect, 404, &headers).unwrap();
        assert_eq!((read.status, read.version(), read.announced), (404, Version::Http2, Some(12)));
        assert!(read.has_cookies && !read.encoded);
        let all = head::headers(read.head());
        assert_eq!(all[1..3], [("set-cookie".into(), "a=1".into()), ("set-cookie".into(), "b=2".into())]);
        assert_eq!(all[4].1, "café");
        assert_eq!(reader(Expect { head: true, ..expect }, 200, &headers).unwrap().announced, None);
    }

    #[test]
    fn too_many_headers_are_refused() {
        let mut headers = HeaderMap::new();
        for _ in 0..=HEADERS_LIMIT {
            headers.append("a", HeaderValue::from_static("b"));
        }
        let expect = Expect { head: false, discard_body: false, body_limit: 100, head_only: false };
        assert!(reader(expect, 200, &headers).is_err());
    }
}
