"""Servers that answer at once, but stand still for a while: their real times are known.

`python server.py BEGINS:LASTS:GAP …` serves each on a port of its own; the first line has the ports. Without
any, port 8000 stands still for a second, four seconds after its first request.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Stall:
    """From `begins` seconds after the first request was due, nothing is answered for `lasts` seconds. Until
    then one is due each `gap` seconds, if that is above 0: what comes late does not shift the stall."""

    begins: float
    lasts: float
    gap: float

    def waits(self, since: float) -> float:
        """How long a request takes that comes so many seconds after the first."""
        return self.begins + self.lasts - since if self.begins <= since < self.begins + self.lasts else 0.0


USUAL = Stall(4.0, 1.0, 0.0)


async def _serve(stalls: Sequence[Stall], port: int = 0) -> None:
    async with AsyncExitStack() as open_:
        servers = [await open_.enter_async_context(await _listen(stall, port)) for stall in stalls]
        print([server.sockets[0].getsockname()[1] for server in servers], flush=True)
        await asyncio.Event().wait()


async def _listen(stall: Stall, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    came, began = 0, float("inf")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came, began
        with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                now = loop.time()
                if now < began + stall.begins and (stall.gap or not came):
                    began = min(began, now - came * stall.gap)
                came += 1
                wait = stall.waits(now - began)
                if wait:
                    await asyncio.sleep(wait)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    return await asyncio.start_server(serve, "127.0.0.1", port)


if __name__ == "__main__":
    written = [Stall(*map(float, one.split(":"))) for one in sys.argv[1:]]
    asyncio.run(_serve(written) if written else _serve([USUAL], 8000))
