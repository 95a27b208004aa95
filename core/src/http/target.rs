//! Where a request goes and the part of its head that stays the same every time.
//!
//! A target is made once per method, URL and headers and then shared: building a head costs more
//! than sending it.

use crate::http::decode;
use crate::http2::head::Prepared;
use crate::net::failure::{code, Failure, Phase};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use url::{Position, Url};

/// Scheme, host and port: what a connection can be reused for.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    pub tls: bool,
    pub host: String,
    pub port: u16,
}

#[derive(Debug)]
pub struct Target {
    /// Distinguishes targets cheaply; see `bridge::targets`.
    pub id: u32,
    pub method: Arc<str>,
    pub url: Url,
    pub origin: Arc<Origin>,
    /// Request line and headers, without Cookie, Content-Length and the empty line.
    pub head: Vec<u8>,
    /// The headers of the user, to build another hop's head from.
    pub headers: Arc<[(String, String)]>,
    pub user_agent: Arc<str>,
    /// The same for HTTP/2, once it is asked for.
    pub http2: OnceLock<Result<Prepared, Failure>>,
}

impl Target {
    pub fn new(
        id: u32,
        method: Arc<str>,
        url: Url,
        headers: Arc<[(String, String)]>,
        user_agent: Arc<str>,
    ) -> Result<Self, Failure> {
        let origin = Arc::new(origin(&url)?);
        let head = head(&method, &url, &headers, &user_agent);
        Ok(Self { id, method, url, origin, head, headers, user_agent, http2: OnceLock::new() })
    }

    pub fn is_idempotent(&self) -> bool {
        // RFC 9110, 9.2.2.
        matches!(&*self.method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "TRACE")
    }

    pub fn is_websocket(&self) -> bool {
        matches!(self.url.scheme(), "ws" | "wss")
    }

    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }
}

/// Parse a URL as a user wrote it; the text of a failure says how to mend it.
pub fn parse_url(text: &str) -> Result<Url, Failure> {
    let invalid = |reason: String| Failure::new(code::INVALID_URL, Phase::Prepare, reason);
    let parsed = Url::parse(text);
    let text = &*without_user(text);
    let url = parsed.map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            invalid(format!("invalid URL {text:?}: no scheme, write http://{}", text.trim_start_matches('/')))
        }
        url::ParseError::EmptyHost => invalid(format!("invalid URL {text:?}: no host")),
        other => invalid(format!("invalid URL {text:?}: {other}")),
    })?;
    if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
        // "localhost:8000/x" parses with the scheme "localhost".
        let reason = format!("invalid URL {text:?}: scheme {:?} is not http or https", url.scheme());
        return Err(invalid(if url.has_host() { reason } else { format!("{reason}, write http://{text}") }));
    }
    Ok(url)
}

/// `url` without the user and password that may stand before its host: they are shown nowhere. It need not be
/// one that can be parsed.
pub fn without_user(url: &str) -> Cow<'_, str> {
    let from = url.find("://").map_or(0, |at| at + 3);
    let rest = &url[from..];
    // WHATWG URL, authority state: the host begins after the last @ before the path.
    let authority = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    match rest[..authority].rfind('@') {
        Some(at) => [&url[..from], &rest[at + 1..]].concat().into(),
        None => url.into(),
    }
}

/// The Authorization header of a URL with a user, as curl, httpx and k6 make it (RFC 7617).
fn authorization(url: &Url) -> Option<String> {
    let secret = credentials(url)?;
    Some(format!("Basic {secret}"))
}

/// User and password of a URL, as basic authentication writes them.
pub fn credentials(url: &Url) -> Option<String> {
    let (user, password) = (url.username(), url.password());
    if user.is_empty() && password.is_none() {
        return None;
    }
    Some(STANDARD.encode([&plain(user)[..], b":", &plain(password.unwrap_or(""))].concat()))
}

fn plain(text: &str) -> Vec<u8> {
    let plus = text.replace('+', "%2B");
    url::form_urlencoded::parse(plus.as_bytes()).next().map_or(Vec::new(), |(key, _)| key.into_owned().into_bytes())
}

fn origin(url: &Url) -> Result<Origin, Failure> {
    let host = url.host_str().filter(|host| !host.is_empty());
    let (Some(host), Some(port)) = (host, url.port_or_known_default()) else {
        return Err(Failure::new(code::INVALID_URL, Phase::Prepare, format!("invalid URL {url}: no host")));
    };
    Ok(Origin { tls: matches!(url.scheme(), "https" | "wss"), host: host.to_owned(), port })
}

fn head(method: &str, url: &Url, headers: &[(String, String)], user_agent: &str) -> Vec<u8> {
    let mut head = Vec::with_capacity(256);
    let mut line = |parts: &[&str]| {
        parts.iter().for_each(|part| head.extend_from_slice(part.as_bytes()));
        head.extend_from_slice(b"\r\n");
    };
    match url.query() {
        Some(query) => line(&[method, " ", url.path(), "?", query, " HTTP/1.1"]),
        None => line(&[method, " ", url.path(), " HTTP/1.1"]),
    }
    let given = |name: &str| headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    if !given("host") {
        let host = url.host_str().unwrap_or_default();
        match url.port() {
            Some(port) => line(&["Host: ", host, ":", &port.to_string()]),
            None => line(&["Host: ", host]),
        }
    }
    for (name, value) in [("User-Agent", user_agent), ("Accept", "*/*"), ("Accept-Encoding", decode::ACCEPTED)] {
        if !given(name) {
            line(&[name, ": ", value]);
        }
    }
    if let Some(value) = authorization(url).filter(|_| !given("authorization")) {
        line(&["Authorization: ", &value]);
    }
    for (name, value) in headers {
        line(&[name, ": ", value]);
    }
    head
}

/// Parts of a path that look like identifiers become `{id}`: numbers, UUIDs, long hexadecimal.
pub fn name_of(url: &Url) -> String {
    let mut name = [&url[..Position::BeforeUsername], &url[Position::BeforeHost..Position::BeforePath]].concat();
    for (index, part) in url.path().split('/').enumerate() {
        if index > 0 {
            name.push('/');
        }
        name.push_str(if is_identifier(part) { "{id}" } else { part });
    }
    name
}

fn is_identifier(part: &str) -> bool {
    let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let long_hex = part.len() >= 16 && hex(part) && part.bytes().any(|byte| byte.is_ascii_digit());
    let uuid = part.len() == 36 && part.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && part.split('-').all(hex);
    digits || long_hex || uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path_that_look_like_identifiers_are_grouped() {
        let cases = [
            ("http://a/concerts/17/seats", "http://a/concerts/{id}/seats"),
            ("http://a:81/u/0b7e2c1a-93f1-4c55-8d0e-0123456789ab", "http://a:81/u/{id}"),
            ("http://a/o/507f1f77bcf86cd799439011/", "http://a/o/{id}/"),
            ("http://a/v2/deadbeef", "http://a/v2/deadbeef"),
            ("http://a/?page=3", "http://a/"),
            ("http://user:secret@a:81/", "http://a:81/"),
        ];
        for (url, name) in cases {
            assert_eq!(name_of(&Url::parse(url).unwrap()), name);
        }
    }

    #[test]
    fn a_bad_url_says_how_to_mend_it() {
        for (text, mend) in [
            ("example.com/x", "write http://example.com/x"),
            ("/concerts", "write http://concerts"),
            ("localhost:8000/x", "write http://localhost:8000/x"),
            ("http://", "no host"),
            ("ftp://a/", "not http or https"),
            ("http://user:secret@a:99999/", "port"),
            ("user:secret@a/b", "write http://a/b"),
        ] {
            let failure = parse_url(text).unwrap_err();
            assert_eq!(failure.code, code::INVALID_URL);
            assert!(failure.text.contains(mend), "{text}: {}", failure.text);
            assert!(!failure.text.contains("secret"), "{}", failure.text);
        }
    }

    #[test]
    fn a_user_in_a_url_is_sent_as_basic_authentication_and_shown_nowhere() {
        let url = Url::parse("http://us%40er:a+b@a/").unwrap();
        let sent = String::from_utf8(head("GET", &url, &[], "")).unwrap();
        assert!(sent.contains(&format!("Authorization: Basic {}\r\n", STANDARD.encode("us@er:a+b"))));
        let own = [("authorization".to_owned(), "Bearer x".to_owned())];
        assert!(!String::from_utf8(head("GET", &url, &own, "")).unwrap().contains("Basic"));
        for (url, shown) in [
            ("http://u:p@a/x@y", "http://a/x@y"),
            ("http://u:p@q@a", "http://a"),
            ("http://a/?mail=x@y", "http://a/?mail=x@y"),
            ("u:p@a/x", "a/x"),
        ] {
            assert_eq!(without_user(url), shown);
        }
    }

    #[test]
    fn a_header_of_the_user_replaces_ours() {
        let url = Url::parse("https://a:8443/p?q=1").unwrap();
        let headers = [("user-agent".to_owned(), "mine".to_owned())];
        let head = String::from_utf8(head("GET", &url, &headers, "sonagi")).unwrap();
        assert!(head.starts_with("GET /p?q=1 HTTP/1.1\r\nHost: a:8443\r\n"));
        assert!(head.contains("user-agent: mine\r\n") && !head.contains("sonagi"));
    }
}
