"""The first load test of the original service, run by run: see README.md, "Six runs and what they hid".

    sonagi run examples/concert/six_runs.py -e API=schedules -e VUS=100 -e MINUTES=10

As there, each user sleeps a second after each request, and all begin at the same instant.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sonagi import Options, PerVUIterations, check, http, sleep

if TYPE_CHECKING:
    from sonagi import Vu

BASE = os.environ.get("CONCERT_URL", "http://127.0.0.1:8000")
API = os.environ.get("API", "schedules")
VUS = int(os.environ.get("VUS", "100"))
ITERATIONS = int(os.environ.get("ITERATIONS", "1000"))
MINUTES = float(os.environ.get("MINUTES", "10"))
# The seats that the original test asked for were of a schedule that did not exist.
CONCERT = int(os.environ.get("CONCERT", "1"))
SCHEDULE = int(os.environ.get("SCHEDULE", "1"))

options = Options(
    scenarios={
        "concert": PerVUIterations(
            vus=VUS, iterations=ITERATIONS, max_duration=MINUTES * 60, start="together", exec=API
        )
    },
    thresholds={"http_req_duration": ["p(95)<500"], "http_req_failed": ["rate<0.01"]},
)


async def concerts() -> None:
    """Runs 1 and 2."""
    looks_good(await http.get(f"{BASE}/concerts/"))
    await sleep(1)


async def schedules() -> None:
    """Runs 3 and 4."""
    looks_good(await http.get(f"{BASE}/concerts/{CONCERT}/schedules"))
    await sleep(1)


async def seats() -> None:
    """Run 5."""
    looks_good(await http.get(f"{BASE}/concerts/{CONCERT}/schedules/{SCHEDULE}/seats"))
    await sleep(1)


async def tokens(vu: Vu) -> None:
    """Run 6: two users share a customer, as two open windows of a browser do."""
    looks_good(await http.post(f"{BASE}/queues/issue", json={"customerId": (vu.id + 1) // 2}))
    await sleep(1)


def looks_good(response: http.Response) -> None:
    """All that the original test looked at."""
    check(response, {"status is 200": lambda r: r.status_code == 200})
