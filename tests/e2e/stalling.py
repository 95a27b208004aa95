"""Servers that answer at once, but stand still for a while: their real times are known.

`python stalling.py BEGINS:LASTS:GAP …` serves each on a port of its own; the first line it prints has the ports.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import AsyncExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Stall:
    """From `begins` seconds after the first request was due on, nothing is answered for `lasts` seconds. Requests
    are due each `gap` seconds until then: what comes late does not shift the stall."""

    begins: float
    lasts: float
    gap: float

    def waits(self, since: float) -> float:
        """How long a request takes that comes so many seconds after the first."""
        return self.begins + self.lasts - since if self.begins <= since < self.begins + self.lasts else 0.0


NEVER = Stall(1e9, 0.0, 0.0)


@contextmanager
def stalling(stalls: Sequence[Stall]) -> Iterator[list[int]]:
    """A port for each of `stalls`, in a process of their own."""
    command = [sys.executable, __file__, *(f"{stall.begins}:{stall.lasts}:{stall.gap}" for stall in stalls)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


async def _serve(stalls: Sequence[Stall]) -> None:
    async with AsyncExitStack() as open_:
        servers = [await open_.enter_async_context(await _listen(stall)) for stall in stalls]
        print([server.sockets[0].getsockname()[1] for server in servers], flush=True)
        await asyncio.Event().wait()


async def _listen(stall: Stall) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    came, began = 0, float("inf")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came, began
        with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                now = loop.time()
                if now < began + stall.begins:
                    began = min(began, now - came * stall.gap)
                came += 1
                wait = stall.waits(now - began)
                if wait:
                    await asyncio.sleep(wait)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    return await asyncio.start_server(serve, "127.0.0.1", 0)


if __name__ == "__main__":
    asyncio.run(_serve([Stall(*map(float, written.split(":"))) for written in sys.argv[1:]]))
