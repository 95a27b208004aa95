"""A hundred people look for a seat, and queue for it.

    python examples/concert/serve.py
    sonagi run examples/concert/load_test.py

Each user lists the concerts, opens one, looks at the seats of an evening, takes a place in the queue, and
thinks for a second after each step: about 100 requests a second. CONCERT_URL says where the service is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sonagi import ConstantVUs, Options, check, group, http, sleep

if TYPE_CHECKING:
    from sonagi import Vu

BASE = os.environ.get("CONCERT_URL", "http://127.0.0.1:8000")

options = Options(
    scenarios={"reserve": ConstantVUs(vus=100, duration="20s")},
    thresholds={
        "http_req_failed": ["rate<0.01"],
        "http_req_duration": ["p(95)<500"],
        "checks": ["rate>0.99"],
    },
)


async def reserve(vu: Vu) -> None:
    """One user's way to a place in the queue; ends early where a step fails."""
    with group("find a seat"):
        concerts = data_of(await http.get(f"{BASE}/concerts/"))
        await sleep(1)
        if concerts is None:
            return
        concert = vu.random.choice(concerts["concerts"])["concertId"]

        schedules = data_of(await http.get(f"{BASE}/concerts/{concert}/schedules"))
        await sleep(1)
        if schedules is None:
            return
        schedule = vu.random.choice(schedules["schedules"])["scheduleId"]

        response = await http.get(f"{BASE}/concerts/{concert}/schedules/{schedule}/seats")
        seats = data_of(response)
        check(seats, {"50 seats": lambda data: data is not None and len(data["seats"]) == 50})
        await sleep(1)

    with group("queue"):
        response = await http.post(f"{BASE}/queues/issue", json={"customerId": vu.id})
        data_of(response)
        check(response, {"has a token": lambda r: r.headers.get("Authorization", "").startswith("Bearer ")})
        await sleep(1)


def data_of(response: http.Response) -> Any:
    """What the envelope holds, or None when the answer was not a good one."""
    if not check(response, {"status is 200": lambda r: r.status_code == 200}):
        return None
    return response.json()["data"]
