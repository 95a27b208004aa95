"""How long an iteration takes at least."""

import asyncio

import pytest

from sonagi import group, sleep, think
from sonagi.load.sleeps import least_seconds

PAUSE = 0.5


async def pauses() -> None:
    await sleep(1)
    with group("more"):
        await sleep(PAUSE)
    await think.constant(2)
    await asyncio.sleep(0.25)


async def helped() -> None:
    await pauses()
    await pauses()


async def unsure(ready: bool = True) -> None:
    if ready:
        await sleep(1)
    for _ in range(3):
        await sleep(1)
    await sleep(PAUSE * 2)


async def returns() -> None:
    await sleep(1)
    return
    await sleep(1)


async def for_ever() -> None:
    await for_ever()
    await sleep(1)


@pytest.mark.parametrize(
    ("function", "seconds"),
    [(pauses, 3.75), (helped, 7.5), (unsure, 0), (returns, 1), (for_ever, 1), (print, 0)],
)
def test_only_pauses_that_every_iteration_makes_are_counted(function: object, seconds: float) -> None:
    assert least_seconds(function) == seconds  # type: ignore[arg-type]
