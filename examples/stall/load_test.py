"""A server that stands still for a second, seen by a closed model and by two open ones.

python examples/stall/server.py &
sonagi run examples/stall/load_test.py
"""

import os

from sonagi import ConstantArrivalRate, ConstantVUs, Options, http

URL = os.environ.get("TARGET", "http://127.0.0.1:8000/")

options = Options(
    scenarios={
        # One user who asks 20 times a second, as long as it is answered.
        "closed": ConstantVUs(vus=1, duration="10s", pacing="50ms", exec="ask"),
        # 20 visitors a second who don't know of each other.
        "open": ConstantArrivalRate(rate=20, duration="10s", exec="ask"),
        # The same with one user, as k6 does it when its users are used up.
        "used_up": ConstantArrivalRate(rate=20, duration="10s", max_vus=1, exec="ask"),
    },
    thresholds={
        f"{metric}{{scenario:{name}}}": ["p(95)<1", "p(99)<1"]
        for name in ("closed", "open", "used_up")
        for metric in ("http_req_duration", "http_req_intended_duration")
        if (name, metric) != ("closed", "http_req_intended_duration")
    },
)


async def ask() -> None:
    """One request."""
    await http.get(URL, name="the server that stands still")
