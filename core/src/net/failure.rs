//! Why an exchange failed, in k6's error codes (https://grafana.com/docs/k6/latest/javascript-api/error-codes/).

use std::borrow::Cow;
use std::io;

/// Where an exchange was when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Prepare,
    Dns,
    Connect,
    Tls,
    Write,
    Wait,
    Read,
    Decode,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Phase::Prepare => "prepare",
            Phase::Dns => "dns",
            Phase::Connect => "connect",
            Phase::Tls => "tls",
            Phase::Write => "write",
            Phase::Wait => "wait",
            Phase::Read => "read",
            Phase::Decode => "decode",
        }
    }
}

pub mod code {
    pub const GENERIC: u16 = 1000;
    pub const INVALID_URL: u16 = 1020;
    pub const TIMEOUT: u16 = 1050;
    pub const DNS: u16 = 1100;
    pub const NO_SUCH_HOST: u16 = 1101;
    pub const BLOCKED_ADDRESS: u16 = 1110;
    pub const BLOCKED_NAME: u16 = 1111;
    pub const TCP: u16 = 1200;
    pub const BROKEN_PIPE: u16 = 1201;
    pub const TCP_ERRNO: u16 = 1202;
    pub const DIAL: u16 = 1210;
    pub const DIAL_TIMEOUT: u16 = 1211;
    pub const REFUSED: u16 = 1212;
    pub const DIAL_ERRNO: u16 = 1213;
    pub const RESET: u16 = 1220;
    pub const TLS: u16 = 1300;
    pub const TLS_HEADER: u16 = 1301;
    pub const TLS_UNKNOWN_AUTHORITY: u16 = 1310;
    pub const TLS_HOSTNAME: u16 = 1311;
    pub const HTTP2: u16 = 1600;
    pub const HTTP2_GOAWAY: u16 = 1610;
    /// With NO_ERROR: nothing went wrong.
    pub const HTTP2_FAREWELL: u16 = 1611;
    pub const HTTP2_STREAM: u16 = 1630;
    pub const HTTP2_CONNECTION: u16 = 1650;
    pub const DECOMPRESSION: u16 = 1701;
}

#[derive(Clone, Debug)]
pub struct Failure {
    /// k6's error code.
    pub code: u16,
    pub phase: Phase,
    /// The system's errno, 0 where there was none.
    pub errno: i32,
    /// The peer ended the connection where more was to come.
    pub ended: bool,
    /// The server has certainly not begun with it: to ask once more is safe.
    pub unprocessed: bool,
    /// HTTP/2's connection was closed under it: whether the server has begun with it, nobody can know.
    pub lost: bool,
    pub text: Cow<'static, str>,
}

impl Failure {
    pub fn new(code: u16, phase: Phase, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, phase, errno: 0, ended: false, unprocessed: false, lost: false, text: text.into() }
    }

    /// The same, said of somebody else than the server.
    pub fn at(self, whom: &str) -> Self {
        Self { text: format!("{whom}: {}", self.text).into(), ..self }
    }

    /// The whole request took longer than its timeout.
    pub fn timeout(phase: Phase) -> Self {
        Self::new(code::TIMEOUT, phase, "request timeout")
    }

    /// The peer broke HTTP's rules.
    pub fn protocol(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(code::GENERIC, Phase::Read, text)
    }

    /// The connection ended where more was to come.
    pub fn ended(text: impl Into<Cow<'static, str>>) -> Self {
        Self { ended: true, ..Self::protocol(text) }
    }

    /// An answer was longer than we read.
    pub fn too_long(text: String) -> Self {
        Self::new(code::GENERIC, Phase::Decode, text)
    }

    /// A socket's error while connecting.
    pub fn dial(error: &io::Error) -> Self {
        let code = match error.raw_os_error() {
            Some(libc::ECONNREFUSED) => code::REFUSED,
            Some(libc::ETIMEDOUT) => code::DIAL_TIMEOUT,
            Some(_) => code::DIAL_ERRNO,
            None => code::DIAL,
        };
        Self::io(code, Phase::Connect, "dial", error)
    }

    /// A socket's error on an open connection.
    pub fn socket(phase: Phase, error: &io::Error) -> Self {
        let code = match error.raw_os_error() {
            Some(libc::EPIPE) => code::BROKEN_PIPE,
            Some(libc::ECONNRESET) => code::RESET,
            Some(libc::ETIMEDOUT) => code::TIMEOUT,
            Some(_) => code::TCP_ERRNO,
            None => code::TCP,
        };
        Self::io(code, phase, phase.name(), error)
    }

    fn io(code: u16, phase: Phase, what: &str, error: &io::Error) -> Self {
        let errno = error.raw_os_error().unwrap_or(0);
        let reason = match errno {
            libc::ECONNREFUSED => "connection refused".to_owned(),
            libc::ECONNRESET => "connection reset by peer".to_owned(),
            libc::EPIPE => "broken pipe".to_owned(),
            _ => error.to_string(),
        };
        Self { errno, ..Self::new(code, phase, format!("{what}: {reason}")) }
    }
}
