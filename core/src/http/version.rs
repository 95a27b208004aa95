//! Which HTTP an answer came in, and which one may be asked for.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    Http10,
    #[default]
    Http11,
    Http2,
}

impl Version {
    /// From the minor version of HTTP/1.
    pub fn of_minor(minor: u8) -> Self {
        if minor == 0 {
            Self::Http10
        } else {
            Self::Http11
        }
    }

    /// As the tag `proto` has it (k6's words, which are Go's).
    pub fn proto(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2.0",
        }
    }

    /// As httpx has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http2 => "HTTP/2",
            other => other.proto(),
        }
    }
}

/// What a connection may speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speech {
    /// HTTP/2 where TLS' handshake settles on it (ALPN), else HTTP/1.1.
    #[default]
    Auto,
    Http1,
    /// HTTP/2 only; without TLS by prior knowledge (RFC 9113, 3.3).
    Http2,
}

impl Speech {
    /// From the option's words; `None` for others.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "1.1" => Some(Self::Http1),
            "2" => Some(Self::Http2),
            _ => None,
        }
    }

    /// Whether a connection may come to speak HTTP/2.
    pub fn may_be_http2(self, tls: bool) -> bool {
        self == Self::Http2 || (tls && self == Self::Auto)
    }

    /// What is offered in TLS' handshake, the favourite first.
    pub fn alpn(self) -> Vec<Vec<u8>> {
        let names: &[&str] = match self {
            Self::Auto => &["h2", "http/1.1"],
            Self::Http1 => &["http/1.1"],
            Self::Http2 => &["h2"],
        };
        names.iter().map(|name| name.as_bytes().to_vec()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http2_is_spoken_over_tls_by_default_and_without_it_when_asked_for() {
        let may = |text| Speech::parse(text).map(|speech| [speech.may_be_http2(true), speech.may_be_http2(false)]);
        assert_eq!(may("auto"), Some([true, false]));
        assert_eq!(may("1.1"), Some([false, false]));
        assert_eq!(may("2"), Some([true, true]));
        assert_eq!(may("3"), None);
    }

    #[test]
    fn versions_have_k6s_name_in_tags_and_httpxs_in_responses() {
        assert_eq!((Version::Http2.proto(), Version::Http2.name()), ("HTTP/2.0", "HTTP/2"));
        assert_eq!(Version::of_minor(0).name(), "HTTP/1.0");
        assert_eq!(Version::of_minor(1), Version::default());
    }
}
