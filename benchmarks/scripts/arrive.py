"""One GET for each arrival: RATE a second for SECONDS, at times as ARRIVALS says."""

import os

from sonagi import ConstantArrivalRate, Options, check, http

URL = os.environ["TARGET"]

options = Options(
    seed=1,
    scenarios={
        "default": ConstantArrivalRate(
            rate=float(os.environ["RATE"]),
            duration=float(os.environ["SECONDS"]),
            arrivals=os.environ["ARRIVALS"],
        )
    },
)


async def default() -> None:
    response = await http.get(URL)
    check(response, {"status is 200": lambda r: r.status_code == 200})
