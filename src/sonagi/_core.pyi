"""The core, as Python sees it. Checked against the built module by `make check`."""

from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextvars import Context, Token
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import IO, Any, Final, Protocol, Self, TypeVar, final

from sonagi.script.headers import Headers

_T = TypeVar("_T", covariant=True)

STAMPS: Final[str]

@final
class Engine:
    def __new__(
        cls,
        channel: int,
        worker: int,
        event_loop: Any,
        on_message: Callable[[str, bytes], None],
        *,
        own_process: bool,
    ) -> Self: ...
    def fileno(self) -> int: ...
    def drain(self) -> None: ...
    def flush(self) -> None: ...
    def configure(
        self,
        *,
        user_agent: str | None = None,
        timeout: float,
        connect_timeout: float,
        max_redirects: int,
        body_limit: int,
        discard_bodies: bool,
        reuse_connections: bool,
        reset_cookies: bool,
        insecure: bool,
        extra_ca: str | None = None,
        tls_version: str | None = None,
        client: tuple[str, str] | None = None,
        hosts: list[tuple[str, str]] = ...,
        blocked_names: list[str] = ...,
        blocked_networks: list[tuple[IPv4Address | IPv6Address, int]] = ...,
        proxies: tuple[str | None, str | None, list[str]] = ...,
        dns: tuple[float, str, str] = ...,
        raise_on_error: bool = False,
        local_ips: list[IPv4Address | IPv6Address] = ...,
        http_version: str = "auto",
        http2_connections: int = 1,
    ) -> None: ...
    def send(self, kind: str, payload: bytes) -> None: ...
    def send_frame(self) -> None: ...
    def send_frames_from(self, at: int) -> None: ...
    def keep_samples(self) -> None: ...
    def end_hits(self) -> None: ...
    def note(self, kind: str, json: str) -> None: ...
    def set_users(self, active: int, all: int) -> None: ...
    def wait_until_blocked(self) -> int | None: ...
    def stop(self) -> None: ...

@final
class Scope:
    @property
    def vu(self) -> Any: ...
    @property
    def group(self) -> str: ...
    @property
    def iteration(self) -> int: ...
    def inner(self, name: str) -> Scope: ...
    def set_tags(self, tags: list[tuple[str, str]]) -> None: ...
    def rested(self) -> None: ...
    def begin(self) -> None: ...
    def begin_late(self, late: int, waited_for: str) -> None: ...
    def end(self) -> bool: ...
    def leave(self) -> None: ...
    def record(
        self,
        metric: str,
        kind: str,
        contains: str,
        value: float,
        tags: list[tuple[str, str]] | None = None,
        times: int = 1,
    ) -> None: ...

def new_scope(engine: Engine, index: int, vu: Any, scenario: str, group: str) -> Scope: ...
def enter_scope(scope: Scope) -> Token[Scope | None]: ...
def leave_scope(token: Token[Scope | None]) -> None: ...
def current_scope() -> Scope | None: ...
def now_ns() -> int: ...
def hide(secret: str) -> None: ...
def mask(text: str) -> str: ...

@final
class Operation(Coroutine[Any, Any, _T]):
    """What `await` waits for: lazy, and also a future to asyncio."""

    _asyncio_future_blocking: bool
    def __await__(self) -> Generator[Any, Any, _T]: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Self: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, kind: Any, value: Any = None, traceback: Any = None) -> Any: ...
    def close(self) -> None: ...
    def add_done_callback(
        self, callback: Callable[[Any], object], *, context: Context | None = None
    ) -> None: ...
    def remove_done_callback(self, callback: Callable[[Any], object]) -> int: ...
    def cancel(self, msg: Any | None = None) -> bool: ...
    def cancelled(self) -> bool: ...
    def done(self) -> bool: ...
    def result(self) -> _T: ...
    def exception(self) -> BaseException | None: ...
    def get_loop(self) -> Any: ...

@final
class WebSocket:
    """An open WebSocket; see `sonagi.websocket.connect`."""

    @property
    def response(self) -> Response:
        """The answer to the opening handshake."""
    @property
    def closed(self) -> bool: ...
    @property
    def close_code(self) -> int | None:
        """Why it was closed (RFC 6455, 7.4); None while it is open."""
    @property
    def close_reason(self) -> str | None: ...
    def send(self, message: str | bytes) -> Operation[None]:
        """Send str as a text message, bytes as a binary one; waits while 1 MiB is under way."""
    def recv(self, timeout: float | None = None) -> Operation[str | bytes]:
        """The next message. Raises Closed, and TimeoutError after `timeout` seconds."""
    def ping(self) -> Operation[float]:
        """Seconds until the other side answered; also recorded in ws_ping. Raises Closed."""
    def close(self, code: int = 1000, reason: str = "") -> Operation[None]:
        """Say farewell and wait for the other side's, 5 s at most."""
    def abandon(self) -> None:
        """Say farewell and go, without waiting."""
    def __aiter__(self) -> Self: ...
    def __anext__(self) -> Operation[str | bytes]: ...

@final
class Pieces:
    """The pieces of a body that is not kept whole."""

    def __aiter__(self) -> Self: ...
    def __anext__(self) -> Operation[bytes]: ...
    @property
    def trailers(self) -> Headers:
        """What came behind the body; nothing before its end."""
    def cut(self) -> None: ...

class WebSocketError(Exception):
    response: Response

class WebSocketClosed(Exception):
    code: int
    reason: str

def streamed(request: Operation[Response]) -> Operation[tuple[Response, Pieces]]: ...
def upgraded(request: Operation[Response], subprotocols: str) -> Operation[WebSocket]: ...

@final
class Driver(Coroutine[Any, Any, _T]):
    """Runs a user's coroutine for its task: `loop.create_task(Driver(coroutine))`."""

    _asyncio_future_blocking: bool
    def __new__(cls, coroutine: Coroutine[Any, Any, _T]) -> Self: ...
    def __await__(self) -> Generator[Any, Any, _T]: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, kind: Any, value: Any = None, traceback: Any = None) -> Any: ...
    def close(self) -> None: ...
    def add_done_callback(
        self, callback: Callable[[Any], object], *, context: Context | None = None
    ) -> None: ...
    def cancel(self, msg: Any | None = None) -> bool: ...
    def result(self) -> None: ...
    def get_loop(self) -> Any: ...

def sleep(seconds: float) -> Operation[None]: ...
def pause_until(at: int) -> Operation[None]: ...
def hit(
    request: Operation[Response], users: int, until: int, count: int | None
) -> Operation[Response | None]: ...
def check(value: Any, conditions: dict[str, Any], tags: Mapping[str, str] | None = None) -> bool: ...

_Content = str | bytes | IO[str] | IO[bytes]
_File = _Content | tuple[str, _Content] | tuple[str, _Content, str]
_Files = Mapping[str, _File] | Sequence[tuple[str, _File]]

class _Header(Protocol):
    @property
    def header(self) -> str: ...

class _Digest(Protocol):
    @property
    def credentials(self) -> tuple[str, str]: ...

_Auth = _Header | _Digest

def get(
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...
def head(
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...
def options(
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...
def delete(
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...
def post(
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...
def put(
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...
def patch(
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...
def request(
    method: str,
    url: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
    json: Any | None = None,
    data: Mapping[str, Any] | str | bytes | None = None,
    content: str | bytes | IO[bytes] | None = None,
    files: _Files | None = None,
    cookies: Mapping[str, str] | None = None,
    auth: tuple[str, str] | _Auth | None = None,
    timeout: float | str | None = None,
    follow_redirects: bool | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
    raise_on_error: bool | None = None,
) -> Operation[Response]: ...

class HTTPError(Exception):
    """A request that failed, where exceptions were asked for."""

    response: Response

class RequestError(HTTPError):
    """No response came."""

class HTTPStatusError(HTTPError):
    """A response came with a status of 400 or more."""

@final
class Timings:
    """Milliseconds, as k6's `response.timings`; `intended` is from when an open model's plan wanted it."""

    @property
    def intended(self) -> float | None: ...
    @property
    def blocked(self) -> float: ...
    @property
    def looking_up(self) -> float: ...
    @property
    def connecting(self) -> float: ...
    @property
    def tls_handshaking(self) -> float: ...
    @property
    def sending(self) -> float: ...
    @property
    def waiting(self) -> float: ...
    @property
    def receiving(self) -> float: ...
    @property
    def duration(self) -> float: ...

@final
class Response:
    """A response, or why there is none: `status_code` 0, with `error` and `error_code`."""

    @property
    def status_code(self) -> int: ...
    @property
    def error(self) -> str: ...
    @property
    def error_code(self) -> int: ...
    @property
    def timings(self) -> Timings: ...
    @property
    def elapsed(self) -> timedelta: ...
    @property
    def url(self) -> str: ...
    @property
    def http_version(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def trailers(self) -> Headers:
        """What came behind the body, in HTTP/2."""
    @property
    def cookies(self) -> dict[str, str]: ...
    @property
    def history(self) -> list[Response]: ...
    @property
    def is_success(self) -> bool: ...
    @property
    def is_error(self) -> bool: ...
    def json(self) -> Any: ...
    def raise_for_status(self) -> Response: ...

@final
class Histogram:
    """A distribution: exact count, sum, min and max; percentiles within 0.1 %. Empty: NaN."""

    def __new__(cls) -> Self: ...
    @property
    def count(self) -> int: ...
    @property
    def sum(self) -> float: ...
    @property
    def min(self) -> float: ...
    @property
    def max(self) -> float: ...
    @property
    def mean(self) -> float: ...
    def record(self, value: float, count: int = 1) -> None: ...
    def merge(self, other: Histogram) -> None: ...
    def percentile(self, percent: float) -> float: ...
    def encode(self, precision: int = 10) -> bytes: ...
    @staticmethod
    def decode(data: bytes) -> Histogram: ...

def fold(frame: bytes, precision: int = 7) -> bytes:
    """A frame with its histograms at `precision` bits a value, for keeping: at 7 a value is known to 0.4 %.

    Counts, sums and extremes stay exact. Raises ValueError for what is no frame.
    """

@final
class FrameHead:
    """The head of a frame that was merged."""

    @property
    def worker(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def monotonic_ns(self) -> int: ...
    @property
    def wall_ns(self) -> int: ...
    @property
    def notes(self) -> list[tuple[str, str]]: ...

def frame_head(frame: bytes) -> FrameHead:
    """The head of a frame, which is only looked at. Raises ValueError for what has none."""

@final
class SampleLines:
    """Makes the lines of one output, in the format of k6's `--out json` or `--out csv`.

    `thresholds` has for a metric the JSON of its line's `"thresholds":…,"submetrics":…`; `stamp` is k6's name
    of a CSV's time format. Raises ValueError for a form that does not exist.
    """

    def __new__(cls, form: str, thresholds: Mapping[str, str], stamp: str = "unix") -> Self: ...
    def head(self) -> bytes:
        """What stands above all samples."""

    def render(self, message: bytes) -> bytes:
        """The lines of what a worker sent. Raises ValueError for what no worker sends."""

    def point(self, metric: str, kind: str, wall_ns: int, value: float) -> bytes:
        """The line of one sample of the coordinator's own."""

@final
class Totals:
    """A whole run, merged from frames. `tags` selects the series that carry all of them."""

    def __new__(cls) -> Self: ...
    def merge(self, frame: bytes) -> FrameHead: ...
    def add(
        self, metric: str, kind: str, contains: str, value: float, tags: Mapping[str, str] | None = None
    ) -> None: ...
    def frames(self) -> list[bytes]:
        """Frames that add up to these totals, for keeping: nothing is lost."""

    def metrics(self) -> list[tuple[str, str, str]]: ...
    def series(self, metric: str) -> list[dict[str, str]]: ...
    def counter(self, metric: str, tags: Mapping[str, str] | None = None) -> float | None: ...
    def gauge(
        self, metric: str, tags: Mapping[str, str] | None = None
    ) -> tuple[float, float, float] | None: ...
    def rate(self, metric: str, tags: Mapping[str, str] | None = None) -> tuple[int, int] | None: ...
    def trend(self, metric: str, tags: Mapping[str, str] | None = None) -> Histogram | None: ...
