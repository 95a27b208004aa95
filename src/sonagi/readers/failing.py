"""Where and how an exchange failed, by what other tools write about it."""

import re

from sonagi.model.traffic import FailureKind

LONGEST = 200
"""Characters kept of an error's text."""

# k6, lib/netext/httpext/error_codes.go. 1400 to 1599 are a status and 1000.
_CODES: dict[int, FailureKind] = {
    1050: FailureKind.TIMEOUT,
    **dict.fromkeys((1100, 1101, 1110, 1111), FailureKind.DNS),
    1200: FailureKind.RESET,
    1201: FailureKind.RESET,  # broken pipe
    1210: FailureKind.UNREACHABLE,  # dial, for another reason than those below
    1211: FailureKind.CONNECT_TIMEOUT,
    1212: FailureKind.REFUSED,
    1213: FailureKind.UNREACHABLE,
    1220: FailureKind.RESET,
    **dict.fromkeys((1300, 1301, 1310, 1311), FailureKind.TLS),
    **dict.fromkeys(range(1600, 1702), FailureKind.PROTOCOL),
    # A GOAWAY, and streams that were reset.
    **dict.fromkeys(range(1610, 1645), FailureKind.RESET),
}
_TEXTS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (FailureKind.REFUSED, r"connection refused|ConnectionRefused|ECONNREFUSED|actively refused"),
        (
            FailureKind.LOCAL,
            r"cannot assign requested address|EADDRNOTAVAIL|address already in use|BindException"
            r"|too many open files|EMFILE",
        ),
        (
            FailureKind.DNS,
            r"no such host|\blookup |name or service not known|UnknownHost|gaierror|name resolution"
            r"|NameResolution|nodename nor servname|EAI_AGAIN|ENOTFOUND",
        ),
        (FailureKind.UNREACHABLE, r"no route to host|network is unreachable|NoRouteToHost|EHOSTUNREACH"),
        (
            FailureKind.CONNECT_TIMEOUT,
            r"dial(?: tcp)?[: ].*(?:i/o timeout|timed out)|ConnectTimeout|connect(?:ion)? timed out",
        ),
        (FailureKind.TLS, r"\btls\b|x509|\bSSL|certificate|handshake"),
        (
            FailureKind.CUT_OFF,
            r"unexpected EOF|IncompleteRead|ChunkedEncoding|premature end|ConnectionClosedException"
            r"|peer closed connection without sending complete",
        ),
        (FailureKind.TIMEOUT, r"timeout|timed out|deadline exceeded"),
        (
            FailureKind.RESET,
            r"connection reset|ConnectionReset|ECONNRESET|broken pipe|\bEOF\b|RemoteDisconnected"
            r"|NoHttpResponse"
            r"|failed to respond|ConnectionAborted|server closed|closed the connection|socket hang up",
        ),
        (FailureKind.PROTOCOL, r"malformed|http2:|GOAWAY|stream error|BadStatusLine|ProtocolException"),
    )
)
_STATUS = re.compile(
    r"\b([45]\d\d) (?:Client|Server) Error|(?:status|code)\D{0,20}\b([45]\d\d)\b", re.IGNORECASE
)
_URL = re.compile(r"\b\w{2,10} \"?https?://[^\s\"']+\"?:? ?|https?://[^\s\"')]+")
_ADDRESS = re.compile(r"\[?[\da-fA-F:.]*[\d\]]:\d{2,5}(?:->\S+?:\d{2,5})?")


def of_code(code: int, status: int, text: str = "") -> FailureKind:
    """The kind that k6's error code stands for; by the text, where the code is a general one."""
    if 1400 <= code < 1600 or (not code and status >= 400):
        return FailureKind.STATUS
    by_text = of_text(text) if text else FailureKind.OTHER
    kind = _CODES.get(code)
    # A general code for TCP, or for dialling, may have a telling text.
    if kind is None or (code in (1200, 1202, 1210, 1213) and by_text is not FailureKind.OTHER):
        return by_text
    return kind


def of_text(text: str) -> FailureKind:
    """The kind that an error message of Go, Python or Java stands for."""
    text = text[:2000]
    if status_in(text):
        return FailureKind.STATUS
    return next((kind for kind, pattern in _TEXTS if pattern.search(text)), FailureKind.OTHER)


def status_in(text: str) -> int:
    """The HTTP status of failure that a message names; 0 for none."""
    match = _STATUS.search(text[:2000])
    return int(match[1] or match[2]) if match else 0


def plainly(text: str) -> str:
    """An error without the URL and addresses that make every one of its kind another."""
    return _ADDRESS.sub("…", _URL.sub("", text[:2000])).strip(" :\"'")[:LONGEST]
