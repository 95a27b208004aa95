//! Proxies: which one leads to a host, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say elsewhere.

use crate::http::target::{credentials, without_user};
use std::sync::Arc;
use url::Url;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    pub host: String,
    pub port: u16,
    /// The header line that it wants of us, with its end; "" for none.
    pub header: Arc<str>,
}

#[derive(Clone, Debug, Default)]
pub struct Proxies {
    pub http: Option<Proxy>,
    pub https: Option<Proxy>,
    /// Hosts that are reached directly: "shop.test" with all below it, ".shop.test", "10.0.0.1", "*".
    pub exempt: Vec<String>,
}

impl Proxy {
    /// From "http://user:password@host:3128".
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = without_user(text);
        let url = Url::parse(text).map_err(|error| format!("proxy {shown:?}: {error}"))?;
        let (Some(host), "http") = (url.host_str(), url.scheme()) else {
            return Err(format!("proxy {shown:?}: write http://host:port"));
        };
        let secret = credentials(&url);
        let header = secret.map(|secret| format!("Proxy-Authorization: Basic {secret}\r\n")).unwrap_or_default();
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(80), header: header.into() })
    }
}

impl Proxies {
    /// The proxy for a host, if it is not to be reached directly.
    pub fn of(&self, tls: bool, host: &str) -> Option<&Proxy> {
        let proxy = if tls { self.https.as_ref() } else { self.http.as_ref() };
        proxy.filter(|_| !self.exempt.iter().any(|pattern| is_exempt(pattern, host)))
    }
}

fn is_exempt(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim_start_matches("*.").to_ascii_lowercase(), host.to_ascii_lowercase());
    let name = pattern.trim_start_matches('.');
    let below = host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    pattern == "*" || (!name.is_empty() && (below || (host == name && !pattern.starts_with('.'))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use base64::Engine as _;

    #[test]
    fn a_proxy_is_read_with_its_user() {
        let proxy = Proxy::parse("http://kim:p%40ss+1@10.0.0.1:3128/").unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("10.0.0.1", 3128));
        let expected = format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode("kim:p@ss+1"));
        assert_eq!(&*proxy.header, expected);
        assert_eq!(Proxy::parse("http://proxy.test").unwrap().port, 80);
        for wrong in ["proxy.test:3128", "socks5://a:1", "https://a", ""] {
            assert!(Proxy::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn some_hosts_are_reached_directly() {
        let exempt = |pattern: &str, host: &str| is_exempt(pattern, host);
        for (pattern, host) in [
            ("*", "a"),
            ("shop.test", "shop.test"),
            ("shop.test", "API.shop.test"),
            (".shop.test", "api.shop.test"),
            ("*.shop.test", "api.shop.test"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert!(exempt(pattern, host), "{pattern} {host}");
        }
        for (pattern, host) in [("shop.test", "webshop.test"), (".shop.test", "shop.test"), ("", "a"), ("a", "b.a.c")] {
            assert!(!exempt(pattern, host), "{pattern} {host}");
        }
    }
}
