"""A GET and SPIN µs of Python, which is more than a core can do for all users at once."""

import os
import time

from sonagi import http

URL = os.environ["TARGET"]
SPIN = int(os.environ.get("SPIN", "60")) * 1000


async def default() -> None:
    await http.get(URL)
    until = time.perf_counter_ns() + SPIN
    while time.perf_counter_ns() < until:
        pass
