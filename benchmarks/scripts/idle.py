"""Users that wait: with KEEP=1 each first makes one request and keeps its connection."""

import os

from sonagi import http, sleep

URL = os.environ["TARGET"]


async def default() -> None:
    if os.environ.get("KEEP") == "1":
        await http.get(URL)
    await sleep(3600)
