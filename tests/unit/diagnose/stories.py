"""Runs that went wrong, as evidence: the million concerts as another tool's summary and as our own run saw them."""

from dataclasses import replace
from typing import Any

from cases import healthy

from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.quantity import Reading
from sonagi.model.series import Series
from sonagi.model.traffic import (
    Answers,
    Body,
    Endpoint,
    FailureKind,
    Failures,
    LogTemplate,
    Trend,
)

CONCERTS = "/concerts/"


def saturated(in_flight: float, ms: float, floor: float, *, seconds: int = 60, **changes: Any) -> Evidence:
    """100 users without think time for a minute, whose answers take `ms` where one alone takes `floor`."""
    rate = in_flight / ms * 1000
    requests = round(rate * seconds)
    times = Trend(
        Reading.exact(ms),
        Reading.exact(floor),
        Reading.exact(ms),
        Reading.exact(ms * 2),
        {95.0: Reading.exact(ms * 1.4)},
        requests,
    )
    at = tuple(float(second) for second in range(1, seconds + 1))

    def each(value: float) -> Series:
        return Series(at, (value,) * seconds)

    signals = {
        "load.vus": each(in_flight),
        "load.requests": each(rate),
        "load.ok": each(rate),
        "load.p50": each(ms),
        "load.p95": each(ms * 1.4),
        **changes.pop("signals", {}),
    }
    base = healthy(
        signals=signals,
        loads=(PlannedLoad("browse", "constant-vus", round(in_flight), seconds, together=False),),
        vus=(round(in_flight),) * 3,
        seconds=float(seconds),
        requests=requests,
        iterations=requests,
        trends={"http_req_duration": times, "http_req_duration{expected_response:true}": times},
        endpoints=(Endpoint("GET", CONCERTS, requests, 0, times),),
    )
    return replace(base, **changes)


def line(sample: str, count: int, *, at: float | None = 2.0, signature: str = "", **more: Any) -> LogTemplate:
    """A template whose lines came one a second from `at` on; None: at unknown times."""
    by_second = Series() if at is None else Series(*_once_a_second(at, count))
    return LogTemplate(signature, sample, count, at, sample, "ERROR", by_second, **more)


def _once_a_second(start: float, count: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    seconds = min(count, 20)
    values = [count // seconds + (1 if place < count % seconds else 0) for place in range(seconds)]
    return tuple(start + place for place in range(seconds)), tuple(map(float, values))


def summary(**changes: Any) -> Evidence:
    """k6's summary of 100 users who ask for a million concerts: the numbers of the report's first run."""

    def trend(avg: float, low: float, med: float, high: float, p90: float, p95: float) -> Trend:
        shown = {90.0: Reading.exact(p90), 95.0: Reading.exact(p95)}
        return Trend(Reading.exact(avg), Reading.exact(low), Reading.exact(med), Reading.exact(high), shown)

    base = Evidence(
        source="report",
        tool="k6",
        loads=(PlannedLoad("concert_scenario", "per-vu-iterations", 100, 600.0, 1000),),
        seconds=630.0,
        requests=1221,
        failed=1221,
        iterations=1221,
        interrupted=2,
        dropped=98_777,
        vus=(2, 2, 100),
        sent=Reading(84_000, 83_500, 84_500),
        received=Reading(64_000, 63_500, 64_500),
        trends={
            "http_req_duration": trend(42_510, 0, 60_000, 60_000, 60_000, 60_000),
            "http_req_receiving": trend(0.43497, 0, 0, 19.38, 0.077, 0.47),
        },
        rates={"http_req_failed": (1221, 1221)},
    )
    return replace(base, **changes)


# Six lines: 23:11:38.365, then after 86.355 s five from 23:13:04.720 to .728. Seconds since 1970.
_FIRST = 1724335898.365
HIKARI = "HikariPool-1 - Connection is not available, request timed out after 124005ms (total=10, active=10, idle=0, waiting=1)"
QUOTED = (
    LogTemplate(
        "hikari", HIKARI, 4, None, HIKARI, "ERROR",
        values=(
            ("HikariPool-1", "124005", "10", "10", "0", "1"),
            ("HikariPool-1", "54955", "10", "10", "0", "0"),
            ("HikariPool-1", "124005", "10", "10", "0", "1"),
            ("HikariPool-1", "71286", "10", "10", "0", "0"),
        ),
        stamps=(_FIRST, _FIRST + 86.355, _FIRST + 86.355, _FIRST + 86.358),
    ),
    LogTemplate(
        "jvm", "java.lang.OutOfMemoryError: Java heap space", 1, None,
        "Exception : Handler dispatch failed: java.lang.OutOfMemoryError: Java heap space", "ERROR",
        values=(("Java heap space",),), stamps=(_FIRST + 86.357,),
    ),
    LogTemplate(
        "hikari-clock", "HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta=<*>).", 1, None,
        "HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta=1m56s526ms).", "WARN",
        values=(("HikariPool-1", "1m56s526ms"),), stamps=(_FIRST + 86.363,),
    ),
)  # fmt: skip

SUMMARY_AND_LOG = summary(seen=frozenset({"client", "log"}), log=QUOTED)
WHOLE_REPORT = summary(seen=frozenset({"client", "log"}), log=QUOTED, rows=1_000_016)

# The concert service with --unpaged --concerts 1000016 and a limit of 1500 MB, 100 users, a timeout of 3 s: its
# memory as /proc showed it each second.
_AT = tuple(float(second) for second in range(-1, 9))
_RSS = (64e6, 64e6, 136e6, 312e6, 600e6, 883e6, 1193e6, 1428e6, 1436e6, 1431e6)


def million_concerts(**changes: Any) -> Evidence:
    """The same as our own run sees it, with every sense."""
    seconds = 7.0
    second = _AT[2:-1]
    signals = {
        "load.vus": Series(second, (100.0,) * 7),
        "load.requests": Series(second, (0.0, 0.0, 100.0, 0.0, 12.0, 100.0, 0.0)),
        "load.ok": Series(second, (0.0,) * 7),
        "load.failed": Series(second, (0.0, 0.0, 100.0, 0.0, 12.0, 100.0, 0.0)),
        "generator.cpu": Series(second, (0.05,) * 7),
        "host.cpu": Series(second, (0.6,) * 7),
        "host.cores": Series(second, (2.0,) * 7),
        "process.cpu": Series(second, (0.99,) * 7),
        "process.cores": Series(second, (2.0,) * 7),
        "process.rss": Series(_AT, _RSS),
        "process.memory_limit": Series(_AT, (1500e6,) * len(_AT)),
        "pool.active": Series((-1.0, 0.0, 1.0, 2.0, 3.0), (0.0, 0.0, 1.0, 10.0, 10.0)),
        "pool.max": Series((-1.0, 0.0, 1.0, 2.0, 3.0), (10.0,) * 5),
        "pool.pending": Series((-1.0, 0.0, 1.0, 2.0, 3.0), (0.0, 0.0, 0.0, 90.0, 90.0)),
    }
    base = Evidence(
        source="demo",
        tool="sonagi",
        seen=frozenset({"client", "seconds", "host", "process", "metrics", "log"}),
        loads=(PlannedLoad("concerts", "constant-vus", 100, seconds, together=False),),
        seconds=seconds,
        requests=212,
        failed=212,
        iterations=212,
        trends={"http_req_duration": Trend(Reading.exact(3000), Reading.exact(3000), Reading.exact(3000), Reading.exact(3001))},
        endpoints=(Endpoint("GET", CONCERTS, 212, 212),),
        failures=(
            Failures(FailureKind.TIMEOUT, "GET", CONCERTS, 200),
            Failures(FailureKind.CUT_OFF, "GET", CONCERTS, 1, 200),
            Failures(FailureKind.STATUS, "GET", CONCERTS, 11, 500),
        ),
        answers=(
            Answers("GET", CONCERTS, 500, 11, Trend(max=Reading.exact(71))),
            Answers(
                "GET", CONCERTS, 200, 1, Trend(max=Reading.exact(2e6)), 93_801_496, 1,
                (Body("aa", 1, 2_000_000, '{"responseStatus"', 1_000_016, False),),
            ),
        ),
        signals=signals,
        log=(line("MemoryError", 17, at=6.0),),
        timeout=3.0,
    )  # fmt: skip
    return replace(base, **changes)
