//! How an exchange failed, in the words of `FailureKind` in src/sonagi/model/traffic.py.

use crate::net::failure::{code, Failure, Phase};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    Refused,
    ConnectTimeout,
    Unreachable,
    Dns,
    Tls,
    /// Sent, or waiting for room on a connection; no byte of an answer came in time.
    Timeout,
    /// A part of the answer came.
    CutOff,
    /// The connection ended before a byte of the answer.
    Reset,
    /// The generator's own system: no port, no descriptor.
    Local,
    Status,
    Protocol,
    Other,
}

impl FailureKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::Unreachable => "unreachable",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::CutOff => "cut_off",
            Self::Reset => "reset",
            Self::Local => "local",
            Self::Status => "status",
            Self::Protocol => "protocol",
            Self::Other => "other",
        }
    }

    /// Of an exchange that failed without a whole answer. `begun`: a byte of it had come.
    pub fn of(failure: &Failure, begun: bool) -> Self {
        match (failure.phase, failure.errno) {
            (
                _,
                libc::EADDRNOTAVAIL | libc::EADDRINUSE | libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM,
            ) => Self::Local,
            (Phase::Dns, _) => Self::Dns,
            (Phase::Tls, _) => Self::Tls,
            (_, libc::ENETUNREACH | libc::EHOSTUNREACH | libc::ENETDOWN | libc::EHOSTDOWN) => Self::Unreachable,
            (Phase::Connect, _) => Self::while_connecting(failure),
            (Phase::Write | Phase::Wait | Phase::Read, _) => Self::on_a_connection(failure, begun),
            (Phase::Decode, _) if failure.code == code::DECOMPRESSION => Self::Protocol,
            (Phase::Prepare, _) if failure.code == code::TIMEOUT => Self::Timeout,
            (Phase::Prepare | Phase::Decode, _) => Self::Other,
        }
    }

    fn while_connecting(failure: &Failure) -> Self {
        match failure.code {
            code::REFUSED => Self::Refused,
            code::DIAL_TIMEOUT | code::TIMEOUT => Self::ConnectTimeout,
            _ if failure.errno == libc::ECONNRESET => Self::Reset,
            _ => Self::Other,
        }
    }

    fn on_a_connection(failure: &Failure, begun: bool) -> Self {
        let ended = failure.ended || matches!(failure.errno, libc::ECONNRESET | libc::EPIPE | libc::ECONNABORTED);
        match failure.code {
            code::TIMEOUT if begun => Self::CutOff,
            code::TIMEOUT => Self::Timeout,
            _ if ended && begun => Self::CutOff,
            _ if ended => Self::Reset,
            code::TLS..=code::TLS_HOSTNAME => Self::Tls,
            code::GENERIC | code::HTTP2..code::DECOMPRESSION => Self::Protocol,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn errno(number: i32) -> io::Error {
        io::Error::from_raw_os_error(number)
    }

    #[test]
    fn every_way_to_fail_has_its_kind() {
        let dial = |number| Failure::dial(&errno(number));
        let read = |number| Failure::socket(Phase::Read, &errno(number));
        let connect_timeout = |phase| Failure::new(code::DIAL_TIMEOUT, phase, "i/o timeout");
        let cases = [
            (dial(libc::ECONNREFUSED), false, FailureKind::Refused),
            (dial(libc::ETIMEDOUT), false, FailureKind::ConnectTimeout),
            (connect_timeout(Phase::Connect), false, FailureKind::ConnectTimeout),
            (Failure::timeout(Phase::Connect), false, FailureKind::ConnectTimeout),
            (connect_timeout(Phase::Dns), false, FailureKind::Dns),
            (Failure::timeout(Phase::Dns), false, FailureKind::Dns),
            (Failure::new(code::NO_SUCH_HOST, Phase::Dns, "no such host"), false, FailureKind::Dns),
            (dial(libc::EHOSTUNREACH), false, FailureKind::Unreachable),
            (dial(libc::ENETUNREACH), false, FailureKind::Unreachable),
            (dial(libc::EADDRNOTAVAIL), false, FailureKind::Local),
            (dial(libc::EMFILE), false, FailureKind::Local),
            (dial(libc::ENFILE), false, FailureKind::Local),
            (connect_timeout(Phase::Tls), false, FailureKind::Tls),
            (Failure::new(code::TLS_HOSTNAME, Phase::Tls, "not its name"), false, FailureKind::Tls),
            (Failure::timeout(Phase::Wait), false, FailureKind::Timeout),
            (Failure::timeout(Phase::Write), false, FailureKind::Timeout),
            (Failure::timeout(Phase::Prepare), false, FailureKind::Timeout),
            (Failure::timeout(Phase::Read), true, FailureKind::CutOff),
            (read(libc::ETIMEDOUT), true, FailureKind::CutOff),
            (read(libc::ECONNRESET), false, FailureKind::Reset),
            (read(libc::ECONNRESET), true, FailureKind::CutOff),
            (Failure::socket(Phase::Write, &errno(libc::EPIPE)), false, FailureKind::Reset),
            (Failure::ended("EOF"), false, FailureKind::Reset),
            (Failure::ended("unexpected EOF"), true, FailureKind::CutOff),
            (Failure::protocol("malformed HTTP response"), true, FailureKind::Protocol),
            (Failure::new(code::DECOMPRESSION, Phase::Decode, "not gzip"), true, FailureKind::Protocol),
            (Failure::too_long("longer than the limit".to_owned()), true, FailureKind::Other),
            (Failure::new(code::INVALID_URL, Phase::Prepare, "no host"), false, FailureKind::Other),
            (Failure::new(code::BLOCKED_ADDRESS, Phase::Connect, "blocked"), false, FailureKind::Other),
        ];
        for (failure, begun, kind) in cases {
            assert_eq!(FailureKind::of(&failure, begun), kind, "{failure:?}");
        }
    }
}
