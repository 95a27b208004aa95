"""A metrics endpoint of the server. That it is silent is evidence: a runtime that stands still answers
nobody."""

import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import ProxyHandler, Request, build_opener

from sonagi.model.unseen import note
from sonagi.probes.exposition import samples
from sonagi.probes.named_metrics import Named
from sonagi.probes.probe import Seen

PATIENCE = 0.3
"""Seconds that a look waits for the answer; one that comes later is in the next look."""
TIMEOUT = 5.0
LARGEST = 8 << 20
ACCEPT = "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4"


class NoMetrics(Exception):
    """An answer that is none: a key of the catalogue `unseen` and values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.note = note(key, **values)


def fetch(url: str, timeout: float = TIMEOUT) -> str:
    """What the endpoint answers. Raises NoMetrics for what is no exposition, OSError for no answer."""
    opener = build_opener(ProxyHandler({}))  # what is watched is asked directly
    shown = plain(url)
    request = Request(shown, headers={"Accept": ACCEPT, **_login(url)})  # noqa: S310 (http, by `probes.asked`)
    try:
        with opener.open(request, timeout=timeout) as answer:
            text: str = answer.read(LARGEST).decode("utf-8", "replace")
    except HTTPError as error:
        raise NoMetrics("unseen.metrics_refused", url=shown, status=error.code) from None
    except URLError as error:
        raise OSError(str(error.reason)) from None
    except HTTPException as error:  # another protocol's server, or an answer that broke off
        raise OSError(f"no HTTP: {type(error).__name__}") from None
    try:
        found = any(True for _ in samples(text))
    except ValueError:
        raise NoMetrics("unseen.metrics_strange", url=shown, began=text.strip()[:40]) from None
    if not found:
        raise NoMetrics("unseen.metrics_empty", url=shown)
    return text


def plain(url: str) -> str:
    """The URL without a user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _login(url: str) -> dict[str, str]:
    """The header that a user and password in the URL mean (RFC 7617)."""
    parts = urlsplit(url)
    if parts.username is None:
        return {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}


@dataclass
class Endpoint:
    """Asked once a second, one question at a time. `suffix` is put behind the names of its signals when it
    isn't the first that is watched; `ask` is for tests."""

    url: str
    suffix: str = ""
    ask: Callable[[str], str] = fetch
    patience: float = PATIENCE
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="metrics"), init=False
    )
    _asked: "Future[tuple[float, str]] | None" = field(default=None, init=False)
    _named: Named = field(default_factory=Named, init=False)
    _silent_since: float | None = field(default=None, init=False)
    _told: set[str] = field(default_factory=set, init=False)

    @property
    def name(self) -> str:
        return plain(self.url)

    def look(self, seen: Seen) -> None:
        if self._asked is None:
            self._asked = self._pool.submit(self._answer)
        try:
            at, text = self._asked.result(timeout=self.patience)
        except NotYet:
            self._is_silent(seen)
            return
        except NoMetrics as problem:
            self._asked = None
            self._tell(seen, problem.note)
            return
        except OSError as error:
            self._asked = None
            self._is_silent(seen)
            if not self._named.has_looked:
                self._tell(seen, note("unseen.metrics_silent", url=self.name, reason=error))
            return
        self._asked = None
        if self._silent_since is not None:
            seen.happened("probe_back", f"{seen.at - self._silent_since:.0f}", self.name)
            self._silent_since = None
        found = self._named.signals(samples(text), at)
        seen.signals |= {f"{name}{self.suffix}": value for name, value in found.items()}

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self) -> tuple[float, str]:
        text = self.ask(self.url)
        return time.monotonic(), text

    def _is_silent(self, seen: Seen) -> None:
        """Said when it was heard before, and has been silent for a whole look."""
        if self._silent_since is None:
            self._silent_since = seen.at
        elif self._named.has_looked and f"silent {self._silent_since}" not in self._told:
            self._told.add(f"silent {self._silent_since}")
            seen.happened("probe_silent", self.name, self.name, at=self._silent_since)

    def _tell(self, seen: Seen, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            seen.unseen.append(why)


def answers(url: str, timeout: float = 0.5) -> bool | None:
    """Whether there are metrics at `url`; None when nothing answered in time. For `--watch auto`."""
    try:
        return bool(fetch(url, timeout))
    except NoMetrics:
        return False
    except (OSError, ValueError):
        return None
