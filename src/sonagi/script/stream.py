"""Bodies that are taken piece by piece and never sit in memory, and Server-Sent Events."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sonagi._core import current_scope, request, streamed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sonagi._core import Pieces, Response
    from sonagi.script.headers import Headers


class stream:  # noqa: N801 (called like a function, as httpx.stream)
    """A response whose body comes piece by piece, as httpx has it:

        async with http.stream("GET", url) as response:
            async for piece in response.aiter_bytes():
                ...

    Keywords are those of `http.request`; `timeout` counts until the head has come. No encoding is asked
    for: pieces are what the server sent. The exchange is recorded when the body has ended or the
    block is left; what was not read by then is never fetched, at the cost of the connection.
    """

    def __init__(self, method: str, url: str, **keywords: Any) -> None:
        headers = dict(keywords.pop("headers", None) or {})
        if not any(name.lower() == "accept-encoding" for name in headers):
            headers["Accept-Encoding"] = "identity"
        self._asked = streamed(request(method, url, headers=headers, **keywords))
        self._pieces: Pieces | None = None

    async def __aenter__(self) -> StreamedResponse:
        response, self._pieces = await self._asked
        return StreamedResponse(response, self._pieces)

    async def __aexit__(self, *_: object) -> None:
        if self._pieces is not None:
            self._pieces.cut()


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None
    """Milliseconds after which the server wants a lost client back."""

    def json(self) -> Any:
        """`data` as JSON. Raises json.JSONDecodeError."""
        return json.loads(self.data)


class StreamedResponse:
    """A response without its body, and ways to have that as it comes. Each may be used once."""

    def __init__(self, response: Response, pieces: Pieces) -> None:
        self._response = response
        self._pieces = pieces

    def __getattr__(self, name: str) -> Any:
        if name in ("content", "text", "json", "elapsed"):
            raise AttributeError(f"the body is not here yet: take `await response.aread()` for {name!r}")
        return getattr(self._response, name)

    @property
    def trailers(self) -> Headers:
        """What came behind the body, in HTTP/2; nothing before its end."""
        return self._pieces.trailers

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The body in pieces, each as it came. Raises http.RequestError if it does not come whole."""
        return self._pieces

    async def aread(self) -> bytes:
        """All of it."""
        return b"".join([piece async for piece in self._pieces])

    async def aiter_text(self) -> AsyncIterator[str]:
        """The body in pieces of text, UTF-8; what is no text becomes "�"."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        async for piece in self._pieces:
            if text := decoder.decode(piece):
                yield text
        if text := decoder.decode(b"", final=True):
            yield text

    async def aiter_lines(self) -> AsyncIterator[str]:
        """The body line by line, without their ends (LF, CR LF or CR)."""
        rest = ""
        async for text in self.aiter_text():
            # "\r" at the end may be the first half of "\r\n".
            rest += text
            whole, held = (rest[:-1], "\r") if rest.endswith("\r") else (rest, "")
            *lines, rest = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            rest += held
            for line in lines:
                yield line
        if rest:
            yield rest.removesuffix("\r")

    async def aiter_sse(self) -> AsyncIterator[ServerSentEvent]:
        """Server-Sent Events as they come; each is counted in `sse_events`."""
        scope = current_scope()
        fields: dict[str, str] = {}
        data: list[str] = []
        last_id = ""
        async for line in self.aiter_lines():
            if line:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if name == "data":
                    data.append(value)
                elif name:
                    fields[name] = value
                continue
            last_id = fields.get("id", last_id)
            retry = fields.get("retry", "")
            event, fields = fields.get("event") or "message", {}
            if not data:
                continue
            text, data = "\n".join(data), []
            if scope is not None:
                scope.record("sse_events", "counter", "default", 1.0, None)
            yield ServerSentEvent(event, text, last_id, int(retry) if retry.isdecimal() else None)
