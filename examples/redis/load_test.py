"""What Redis takes: a waiting queue of tokens, timed by measure().

    sonagi run examples/redis/load_test.py -e REDIS=redis://localhost:6379/0

Each user has a connection of its own. It joins the queue, asks for its place a few times, and leaves.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from sonagi import ConstantVUs, Options, check, measure, think

if TYPE_CHECKING:
    from sonagi import Vu

REDIS = os.environ.get("REDIS", "redis://localhost:6379/0")
DURATION = os.environ.get("DURATION", "30s")
QUEUE = "sonagi:queue"

options = Options(
    scenarios={"waiting": ConstantVUs(vus=20, duration=DURATION, exec="wait_in_line")},
    thresholds={
        "measure_duration{name:ZRANK}": ["p(95)<20"],
        "measure_failed": ["rate<0.01"],
        "checks": ["rate==1"],
    },
)


async def setup() -> None:
    """An empty queue."""
    await empty()


async def vu_setup(vu: Vu) -> None:
    """Once for each user: its connection."""
    vu.state["redis"] = Redis.from_url(REDIS, single_connection_client=True)


async def wait_in_line(vu: Vu) -> None:
    """Join, look three times how many are before us, leave."""
    redis: Any = vu.state["redis"]
    token = f"{vu.id}-{vu.iteration}"
    with measure("ZADD"):
        await redis.zadd(QUEUE, {token: vu.iteration})
    for _ in range(3):
        with measure("ZRANK"):
            place = await redis.zrank(QUEUE, token)
        check(place, {"is in the queue": place is not None})
        await think.uniform(0.05, 0.15)
    with measure("ZREM"):
        await redis.zrem(QUEUE, token)


async def vu_teardown(vu: Vu) -> None:
    """The connection goes back."""
    redis: Any = vu.state["redis"]
    await redis.aclose()


async def teardown() -> None:
    """Nothing is left behind."""
    await empty()


async def empty() -> None:
    """Remove the queue."""
    async with Redis.from_url(REDIS) as redis:
        await redis.delete(QUEUE)
