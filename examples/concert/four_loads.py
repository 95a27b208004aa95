"""The loads of `make demo`, and of the write-up that Sonagi was started for: one API each.

    sonagi run examples/concert/four_loads.py --exec schedules

A hundred people ask, and think for a second. CONCERT_URL says where the service is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sonagi import check, http, sleep

if TYPE_CHECKING:
    from sonagi import Vu

BASE = os.environ.get("CONCERT_URL", "http://127.0.0.1:8000")
CONCERTS = 2000  # ids that people try; the service has fewer, and each evening belongs to one concert
SCHEDULES = 9999
PATIENCE = 3.0  # seconds that a person waits


async def schedules(vu: Vu) -> None:
    """The evenings of one of the first fifty concerts."""
    await ask(f"{BASE}/concerts/{vu.random.randint(1, 50)}/schedules")


async def seats(vu: Vu) -> None:
    """The seats of an evening, drawn without asking whether that concert has it."""
    concert, schedule = vu.random.randint(1, CONCERTS), vu.random.randint(1, SCHEDULES)
    await ask(f"{BASE}/concerts/{concert}/schedules/{schedule}/seats")


async def concerts() -> None:
    """The list of concerts."""
    await ask(f"{BASE}/concerts/")


async def ask(url: str) -> None:
    """Ask, look at the status as most tests do, think."""
    response = await http.get(url, timeout=PATIENCE)
    check(response, {"status is 200": lambda r: r.status_code == 200})
    await sleep(1)
