"""Evidence for the tests of rules: a healthy run, and what is different in another."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.quantity import Reading
from sonagi.model.series import Series
from sonagi.model.traffic import Endpoint, Trend

SECONDS = 60
NAME = "/concerts/{id}/schedules"


def constant(value: float, seconds: int = SECONDS) -> Series:
    """The same in each second."""
    return per_second(lambda _: value, seconds)


def per_second(value: Callable[[int], float], seconds: int = SECONDS) -> Series:
    """`value` of each second, which counts from 1: a second is told when it is over."""
    at = tuple(float(second) for second in range(1, seconds + 1))
    return Series(at, tuple(float(value(second)) for second in range(1, seconds + 1)))


def trend(avg: float, *, low: float | None = None, high: float | None = None, count: int = 5940) -> Trend:
    """A narrow distribution around `avg`."""
    low, high = avg / 4 if low is None else low, avg * 4 if high is None else high
    shown = {90.0: avg * 1.6, 95.0: avg * 2.0, 99.0: avg * 2.6}
    return Trend(
        Reading.exact(avg),
        Reading.exact(low),
        Reading.exact(avg * 0.9),
        Reading.exact(high),
        {percent: Reading.exact(min(value, high)) for percent, value in shown.items()},
        count,
    )


def healthy(*, signals: Mapping[str, Series] | None = None, **changes: Any) -> Evidence:
    """100 users who think for a second, for a minute, against a server that answers in 10 ms; seen by every
    sense. `signals` are added to its own, `changes` replace fields."""
    duration = trend(10.0)
    own = {
        "load.vus": constant(100),
        "load.requests": constant(99),
        "load.ok": constant(99),
        "load.failed": constant(0),
        "load.p50": constant(9),
        "load.p95": constant(20),
        "load.connects": per_second(lambda second: 100 if second == 1 else 0),
        "load.received": constant(130_000),
        "generator.cpu": constant(0.05),
        "generator.user_cpu": constant(0.03),
        "generator.lag": constant(0.05),
        "host.cpu": constant(0.2),
        "host.cpu_busiest": constant(0.25),
        "host.cores": constant(4),
        "host.steal": constant(0),
        "host.mem_total": constant(16e9),
        "host.mem_available": constant(10e9),
        "host.listen_overflows": constant(0),
        "host.retransmits": constant(0),
        "process.cpu": constant(0.3),
        "process.busiest_thread": constant(0.2),
        "process.cores": constant(4),
        "process.rss": constant(100e6),
        "process.memory_limit": constant(1500e6),
        "process.alive": constant(1),
        "pool.active": constant(1),
        "pool.max": constant(10),
        "pool.pending": constant(0),
    }
    base = Evidence(
        source="test",
        tool="sonagi",
        seen=frozenset({"client", "seconds", "host", "process", "metrics", "log"}),
        began=1.7e9,
        loads=(PlannedLoad("browse", "constant-vus", 100, SECONDS, together=False, constant_think=1.0),),
        seconds=float(SECONDS),
        requests=5940,
        failed=0,
        iterations=5940,
        interrupted=0,
        dropped=0,
        vus=(100, 100, 100),
        sent=Reading.exact(600_000),
        received=Reading.exact(8_000_000),
        trends={
            "http_req_duration": duration,
            "http_req_duration{expected_response:true}": duration,
            "http_req_connecting": trend(0.01, low=0.0, high=1.0),
            "http_req_receiving": trend(0.1, low=0.01, high=2.0),
            "iteration_duration": trend(1010.0, low=1001.0, high=1060.0),
        },
        rates={"http_req_failed": (0, 5940)},
        endpoints=(Endpoint("GET", NAME, 5940, 0, duration),),
        connects=100,
        reused=5840,
        names=1,
        stamps="kernel",
        signals={**own, **(signals or {})},
    )
    return replace(base, **changes)
