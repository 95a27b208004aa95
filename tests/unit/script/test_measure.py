"""Measuring what is no HTTP request, and thinking."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import sonagi
from sonagi import measure, think
from sonagi.report.summary import render


def run(function: Callable[[], Any], **more: Any) -> sonagi.Result:
    return sonagi.run(function, **{"iterations": 1, **more})


def test_a_block_is_timed_and_counted_under_its_name() -> None:
    async def query() -> None:
        with measure("SELECT seats", tags={"pool": 1}):  # type: ignore[dict-item]
            await sonagi.sleep(0.02)

    result = run(query)
    tags = {"name": "SELECT seats", "pool": "1"}
    assert 0.019 < result.p(50, "measure_duration", **tags) < 0.04
    assert result.measurements.rate("measure_failed", tags) == (0, 1)


def test_the_summary_has_a_line_for_each_name() -> None:
    async def query() -> None:
        with measure("SELECT seats"):
            await sonagi.sleep(0.01)
        with measure("GET key") as get:
            get.failed()

    lines = render(run(query)).splitlines()
    table = lines[lines.index("  █ MEASURED BLOCKS") + 2 :]
    assert table[0].split() == ["count", "failed", "p(50)", "p(95)", "p(99)"]
    assert table[1].split()[:4] == ["GET", "key", "1", "1"]
    assert table[2].split()[:4] == ["SELECT", "seats", "1", "0"]


def test_an_exception_is_a_failure_and_goes_on() -> None:
    async def query() -> None:
        with measure("SELECT"):
            raise LookupError("gone")

    result = run(query)
    assert result.measurements.rate("measure_failed") == (1, 1)
    assert result.errors[0].message == "gone"


def test_a_block_may_say_that_it_failed() -> None:
    async def query() -> None:
        with measure("GET") as get:
            get.failed()

    assert run(query).measurements.rate("measure_failed") == (1, 1)


def test_a_block_that_was_cut_off_has_no_time() -> None:
    async def query() -> None:
        try:
            async with asyncio.timeout(0.01):
                with measure("slow"):
                    await sonagi.sleep(9)
        except TimeoutError:
            pass

    assert run(query).measurements.rate("measure_failed") is None


@pytest.mark.parametrize(
    ("pause", "least", "most"),
    [
        (lambda: think.constant(0.01), 10, 10),
        (lambda: think.uniform(0.005, 0.02), 5, 20),
        (lambda: think.exponential(0.005), 0, 80),
        (lambda: think.normal(0.01, 0.002), 0, 25),
        (lambda: think.lognormal(median=0.01, p95=0.02), 2, 60),
    ],
)
def test_think_times_are_drawn_as_they_are_described(
    pause: Callable[[], Any], least: float, most: float
) -> None:
    async def ponder() -> None:
        await pause()

    result = run(ponder, iterations=20)
    assert not result.errors
    duration = result.measurements.trend("iteration_duration")
    assert duration is not None
    # A pause counts from the moment the one before was due, so on a busy machine a single one may look short.
    assert least - 1 <= duration.mean
    assert duration.max <= most + 30


@pytest.mark.parametrize(
    ("pause", "told"),
    [
        (lambda: think.uniform(3, 1), "give the shorter pause first"),
        (lambda: think.exponential(-1), "seconds of 0 or more"),
        (lambda: think.lognormal(median=0, p95=1), "the median is above 0"),
        (lambda: think.constant(float("nan")), "seconds of 0 or more"),
    ],
)
def test_a_think_time_that_cannot_be_says_why(pause: Callable[[], Any], told: str) -> None:
    async def ponder() -> None:
        await pause()

    assert told in run(ponder).errors[0].message
