"""What requests and answers were like: times, sizes, bodies, failures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sonagi.model.quantity import Reading
from sonagi.model.series import Series


@dataclass(frozen=True, slots=True)
class Trend:
    """A distribution, as far as it is known. Times in ms, sizes in bytes."""

    avg: Reading | None = None
    min: Reading | None = None
    med: Reading | None = None
    max: Reading | None = None
    percentiles: Mapping[float, Reading] = field(default_factory=dict)
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """Answers whose bodies are alike: the same hash of their beginning, with digits taken for the same."""

    fingerprint: str
    count: int
    bytes: int
    """Length of the first one."""
    sample: str
    """How the first one began, secrets blotted out; 2 KiB at most."""
    items: int | None = None
    """How many its longest JSON list has; an estimate where `items_exact` is false."""
    items_exact: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers of one kind of request with one status."""

    method: str
    name: str
    status: int
    count: int
    sizes: Trend = Trend()
    """Of bodies, in bytes, as they came over the wire."""
    announced: int | None = None
    """The largest Content-Length that any of them announced, also those that never came whole."""
    kinds: int = 0
    """How many different fingerprints; counted up to 1,000."""
    bodies: tuple[Body, ...] = ()
    """The most frequent ones, most frequent first."""

    @property
    def title(self) -> str:
        """`GET /concerts/`"""
        return called(self.method, self.name)


KERNEL = "kernel"
"""The source of log lines that are the host's and not the server's."""


class FailureKind(StrEnum):
    """Where and how an exchange failed."""

    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect_timeout"
    UNREACHABLE = "unreachable"
    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"  # sent, or waiting for room; no byte of an answer came in time
    CUT_OFF = "cut_off"  # a part of the answer came: timeout, reset or end in the middle
    RESET = "reset"  # the connection ended before a byte of the answer
    LOCAL = "local"  # the generator's own system: no port, no descriptor
    STATUS = "status"
    PROTOCOL = "protocol"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed requests of one name for one reason."""

    kind: FailureKind
    method: str
    name: str
    count: int
    status: int = 0
    code: int = 0
    """k6's error code."""
    errno: int = 0
    text: str = ""
    by_second: Series = field(default_factory=Series)
    duration: Trend = Trend()
    reused: int | None = None
    """How many of them were on a connection that had served before; None where that is unknown."""
    idle: Trend = Trend()
    """How long those connections had been idle, in ms; `age` since they were opened."""
    age: Trend = Trend()
    sample: str = ""

    @property
    def title(self) -> str:
        """`GET /concerts/`"""
        return called(self.method, self.name)


def called(method: str, name: str) -> str:
    """How a kind of request is called: `GET /concerts/`, without the server, which a reader knows."""
    return f"{method} {without_origin(name)}".strip()


def without_origin(name: str) -> str:
    """The path of a URL; other names as they are."""
    return re.sub(r"^https?://[^/]+(?=/)", "", name)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of request. `ok` are the times of successes, `bad` those of failures."""

    method: str
    name: str
    requests: int
    failed: int
    ok: Trend = Trend()
    bad: Trend = Trend()

    @property
    def title(self) -> str:
        """`GET /concerts/`"""
        return called(self.method, self.name)


@dataclass(frozen=True, slots=True)
class Check:
    """One check and how often it held."""

    name: str
    passes: int
    fails: int


@dataclass(frozen=True, slots=True)
class Goal:
    """A threshold, and whether the tool that ran it says that it was met; `samples` None where unknown."""

    metric: str
    ok: bool
    source: str = ""
    samples: int | None = None


@dataclass(frozen=True, slots=True)
class LogTemplate:
    """Lines of a server's log that say the same with other values."""

    signature: str
    """Its name in `probes.signatures`, "" for one that was mined."""
    text: str
    """The line with `<*>` where values stood."""
    count: int
    first_at: float | None
    """Seconds after load began; negative: before. None where lines carry no time that can be placed."""
    sample: str
    """The first of them, secrets blotted out."""
    level: str = ""
    by_second: Series = field(default_factory=Series)
    values: tuple[tuple[str, ...], ...] = ()
    """What the signature's groups caught, of up to 100 lines."""
    source: str = ""
    """The file's name."""
    stamps: tuple[float, ...] = ()
    """When those of `values` were written, in seconds since 1970; empty where they carry no time."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at one moment on the server's or the generator's side."""

    at: float
    kind: str
    """restart, exited, oom_kill, probe_silent, probe_back, clock_step, log_rotated, note"""
    text: str = ""
    source: str = ""
