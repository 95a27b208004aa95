"""WebSockets, as `websockets` users know them, with k6's ws_* metrics.

    async with websocket.connect("ws://localhost:8000/seats") as socket:
        await socket.send("watch 17")
        async for message in socket:
            ...

A message is str or bytes. `recv()` and `send()` raise `Closed` once the other side has gone; `async for`
ends quietly if it said farewell. A socket that did not open raises `Error`, with the server's answer in
`.response`. Either way `ws_session_failed` has it.
"""

from collections.abc import Generator, Sequence
from typing import Any

from sonagi._core import Operation, WebSocket, get, upgraded
from sonagi._core import WebSocketClosed as Closed
from sonagi._core import WebSocketError as Error

__all__ = ["Closed", "Error", "WebSocket", "connect"]


class connect:  # noqa: N801 (called like a function, as websockets.connect)
    """Open a WebSocket: `async with connect(url) as socket`, or `socket = await connect(url)`.

    `url` begins with ws:// or wss://. `subprotocols` are offered in their order; the server's choice is in
    `socket.response.headers`. `headers`, `params`, `cookies`, `auth`, `timeout` (seconds until it is open,
    60), `name` and `tags` are those of an HTTP request. Leaving the block says farewell and waits for
    the server's, 5 s at most; an exception out of the block doesn't wait.
    """

    def __init__(self, url: str, *, subprotocols: Sequence[str] = (), **keywords: Any) -> None:
        for subprotocol in subprotocols:
            if not subprotocol or set(subprotocol) & set(' ,;"\r\n'):
                raise ValueError(f"subprotocols: {subprotocol!r} is no name for one")
        self._opening: Operation[WebSocket] = upgraded(get(url, **keywords), ", ".join(subprotocols))
        self._socket: WebSocket | None = None

    def __await__(self) -> Generator[Any, Any, WebSocket]:
        return self._opening.__await__()

    async def __aenter__(self) -> WebSocket:
        self._socket = await self._opening
        return self._socket

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._socket is None:
            return
        if kind is None:
            await self._socket.close()
        else:
            self._socket.abandon()
