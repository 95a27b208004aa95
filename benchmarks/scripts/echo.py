"""Users who open a WebSocket and send a short message again and again, each when the last came back."""

import os
import time

from sonagi import websocket

URL = os.environ["TARGET"]
SECONDS = float(os.environ["SECONDS"])


async def default() -> None:
    end = time.monotonic() + SECONDS
    async with websocket.connect(URL) as socket:
        while time.monotonic() < end:
            await socket.send("a message of 32 bytes, like many")
            await socket.recv()
