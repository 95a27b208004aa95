"""A run of a few seconds, as its workers tell of it."""

import json
from datetime import UTC, datetime
from typing import Any

from frames import delta, floats, frame, trend, uint

from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.store.facts import About, Ending
from sonagi.store.recording import Keeper, Recording

BEGAN = 5000.0
"""When load began, on the clock of the frames."""
STARTED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
ENDING = Ending(3.5, 3.0, "finished", 0, "kernel")


def plan(**changes: Any) -> Plan:
    return Plan("shop.py", (ScenarioPlan("shop", "constant-vus", {"browse": 1}, 2, 3.0),), **changes)


def recording(keeper: Keeper | None = None, begins: bool = True, workers: int = 1) -> Recording:
    made = Recording(plan(), About(STARTED), keeper, "20260102-0304-shop-aa")
    if begins:
        made.load_begins(BEGAN, STARTED.timestamp(), workers)
    return made


def requests(*times: float, name: str = "/", status: str = "200") -> list[bytes]:
    """Series of requests that took so many ms each; failed ones where `status` says so."""
    failed = status >= "400" or status == "0"
    tags = {"method": "GET", "name": name, "status": status, "expected_response": str(not failed).lower()}
    return [
        delta("http_reqs", "counter", floats(len(times)), **tags),
        delta("http_req_failed", "rate", uint(len(times) if failed else 0) + uint(len(times)), **tags),
        delta("http_req_duration", "trend", trend(*times), "time", **tags),
    ]


def second(number: float, *series: bytes, worker: int = 0, wall_ns: int | None = None, **notes: Any) -> bytes:
    """A frame that ends `number` seconds after load began; `wall_ns` is what the machine's clock shows then."""
    at = round((BEGAN + number) * 1e9)
    told = {kind: json.dumps(note) for kind, note in notes.items()}
    return frame(*series, worker=worker, sequence=0, monotonic_ns=at, wall_ns=wall_ns or at, notes=told)


def generator(cpu: float, **more: Any) -> dict[str, Any]:
    """What a worker says of itself: `cpu` in seconds of a core."""
    note = {"cpu_ns": round(cpu * 1e9), "thread_io_ns": round(cpu * 5e8), "rss": 1000, "loop_lag_ms": 0.5}
    return note | more
