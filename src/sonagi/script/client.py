"""Requests that share something, several at once, and again after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import urlsplit

from sonagi._core import current_scope, request, sleep

if TYPE_CHECKING:
    from sonagi._core import Operation, Response

    Asked = str | tuple[str, str] | Operation[Response]
    """A URL, (method, URL), or a request that was not awaited: `http.post(…)`."""


class Client:
    """What many requests share, so that it is written once:

        api = http.Client(base_url="http://localhost:8000", headers={"Accept": "application/json"})

        async def browse(vu):
            await api.get("/concerts/")

    `base_url` is put before every path; a whole URL stays as it is. `headers` and `tags` are added to
    those of a request, which win. Other keywords (auth, timeout, follow_redirects, …) hold unless a
    request has its own. Connections and cookies are the user's, as ever. Raises ValueError for a
    `base_url` without scheme or host.
    """

    def __init__(
        self,
        base_url: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        **keywords: Any,
    ) -> None:
        parts = urlsplit(base_url)
        if base_url and (parts.scheme not in ("http", "https") or not parts.netloc):
            raise ValueError(f"base_url={base_url!r}: write for example http://localhost:8000")
        self.base_url = base_url.rstrip("/")
        self.headers = dict(headers or {})
        self.tags = dict(tags or {})
        self.keywords = keywords

    def request(self, method: str, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.request`."""
        merged = {**self.keywords, **keywords}
        if self.headers:
            own = keywords.get("headers") or {}
            names = {name.lower() for name in own}
            merged["headers"] = {
                **{name: value for name, value in self.headers.items() if name.lower() not in names},
                **own,
            }
        if self.tags:
            merged["tags"] = {**self.tags, **(keywords.get("tags") or {})}
        return request(method, self._whole(url), **merged)

    def _whole(self, url: str) -> str:
        if not self.base_url or url.startswith(("http://", "https://")):
            return url
        return f"{self.base_url}/{url.removeprefix('/')}" if url else self.base_url

    def get(self, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.get`."""
        return self.request("GET", url, **keywords)

    def head(self, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.head`."""
        return self.request("HEAD", url, **keywords)

    def options(self, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.options`."""
        return self.request("OPTIONS", url, **keywords)

    def delete(self, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.delete`."""
        return self.request("DELETE", url, **keywords)

    def post(self, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.post`."""
        return self.request("POST", url, **keywords)

    def put(self, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.put`."""
        return self.request("PUT", url, **keywords)

    def patch(self, url: str, **keywords: Any) -> Operation[Response]:
        """As `http.patch`."""
        return self.request("PATCH", url, **keywords)


@overload
async def batch(asked: Sequence[Asked]) -> list[Response]: ...
@overload
async def batch(asked: Mapping[str, Asked]) -> dict[str, Response]: ...
async def batch(asked: Sequence[Asked] | Mapping[str, Asked]) -> list[Response] | dict[str, Response]:
    """Send all at once, each over a connection of its own, and wait for all: a list gives a list, a
    mapping a mapping."""
    if isinstance(asked, Mapping):
        return dict(zip(asked, await batch(list(asked.values())), strict=True))
    return list(await asyncio.gather(*(_operation(entry) for entry in asked)))


def _operation(entry: Asked) -> Operation[Response]:
    if isinstance(entry, str):
        return request("GET", entry)
    if isinstance(entry, tuple):
        return request(*entry)
    return entry


async def retry(
    attempt: Callable[[], Awaitable[Response]],
    *,
    attempts: int = 3,
    pause: float = 0.1,
    factor: float = 2.0,
    when: Callable[[Response], bool] = lambda response: response.is_error,
) -> Response:
    """Make `attempt()` until it goes well, at most `attempts` times, and give its last response.

        response = await http.retry(lambda: http.get(url), attempts=5)

    Before the n-th attempt the user pauses `pause` x `factor`^(n-2) seconds, half of it by chance, so that
    users who failed together do not come back together. Every attempt is a request like any other in
    the results; those after the first are counted in `retries`.
    """
    if attempts < 1:
        raise ValueError(f"attempts={attempts}: give 1 or more")
    response = await attempt()
    for repetition in range(attempts - 1):
        if not when(response):
            break
        scope = current_scope()
        if scope is None:
            raise RuntimeError("retry() belongs into a scenario's function, setup() or teardown()")
        await sleep(pause * factor**repetition * scope.vu.random.uniform(0.5, 1.0))
        scope.record("retries", "counter", "default", 1.0, None)
        response = await attempt()
    return response
