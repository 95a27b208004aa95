"""Runs of servers that are busy and well: no cause is named, however suspicious a single line or level looks."""

from dataclasses import replace
from random import Random

import pytest
from cases import SECONDS, constant, healthy, per_second, trend
from stories import line, summary

from sonagi.diagnose.diagnosis import diagnose
from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.finding import Role
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Answers, Endpoint, FailureKind, Failures, Trend

NEVER = 0.5
"""No root may be claimed so surely."""
LIMITS = {"S01", "S02", "S03", "S05", "S06", "S07", "S09", "S10", "S11", "S13", "S15", "S16"}


def times(low: float, med: float, avg: float, high: float, p95: float) -> Trend:
    return Trend(
        Reading.exact(avg),
        Reading.exact(low),
        Reading.exact(med),
        Reading.exact(high),
        {95.0: Reading.exact(p95)},
        5940,
    )


def answered(shape: Trend, **more: object) -> Evidence:
    names = ("http_req_duration", "http_req_duration{expected_response:true}")
    trends = {**healthy().trends, **dict.fromkeys(names, shape)}
    return healthy(trends=trends, endpoints=(Endpoint("GET", "/concerts/", 5940, 0, shape),), **more)


GC = "[12.345s][info][gc] GC(41) Pause Young (Normal) (G1 Evacuation Pause) 312M->97M(512M) 4.210ms"
JVM = {
    "jvm.heap_used": per_second(lambda second: 97e6 + 21e6 * (second % 10)),
    "jvm.heap_max": constant(512e6),
    "jvm.gc": constant(0.03),
    "process.rss": constant(790e6),
    "process.memory_limit": constant(800e6),
}

BUSY_AND_WELL = {
    "seventy per cent of the processors, and collections in the log": healthy(
        signals={**JVM, "process.cpu": constant(2.8), "host.cpu": constant(0.78)}, log=(line(GC, 400),)
    ),
    "all processors for four seconds": healthy(
        signals={"process.cpu": per_second(lambda second: 3.95 if 20 <= second < 24 else 1.0)}
    ),
    "eight of ten connections, for two seconds all ten and three that wait": healthy(
        signals={
            "pool.active": per_second(lambda second: 10 if second in {30, 31} else 8),
            "pool.pending": per_second(lambda second: 3 if second in {30, 31} else 0),
        }
    ),
    "one answer of 300 ms": answered(times(2, 9, 10, 300, 20)),
    "warnings in the log": healthy(
        log=(
            line("WARN o.s.w.s.PageNotFound : No mapping for GET /favicon.ico", 120),
            line("WARN HikariPool-1 - Connection is not available, request timed out after 30001ms", 1),
            line("ERROR: deadlock detected", 2),
            replace(line("QueuePool limit of size 5 overflow 0 reached", 40, at=-30.0), first_at=-30.0),
            line(
                "LOG:  duration: 1204.118 ms  statement: REFRESH MATERIALIZED VIEW ranking",
                1,
                values=(("", "1204.1"),),
            ),
        )
    ),
    "memory that grows while it warms up": healthy(
        signals={"process.rss": per_second(lambda second: 100e6 + 1100e6 * min(second / 30, 1))}
    ),
    "slow until it is warm": healthy(
        signals={
            "load.p50": per_second(lambda second: max(9, 400 / second)),
            "load.p95": per_second(lambda second: max(20, 1200 / second)),
            "process.cpu": per_second(lambda second: 3.9 if second < 4 else 0.5),
        }
    ),
    "a quota that throttles one period in ten": healthy(
        signals={"cgroup.throttled": constant(0.1), "cgroup.cpu_limit": constant(2)}
    ),
    "a neighbour on the same machine": healthy(
        signals={"host.cpu": constant(0.97), "process.cpu": constant(0.4)}
    ),
    "answers that take half a second, all of them": answered(times(480, 500, 502, 640, 520)),
    "files of 8 MB, quickly sent": answered(
        times(30, 40, 42, 90, 60),
        answers=(
            Answers("GET", "/concerts/", 200, 5940, Trend(avg=Reading.exact(8e6), max=Reading.exact(8e6))),
        ),
    ),
    "three errors among six thousand": healthy(
        failed=3,
        failures=(Failures(FailureKind.STATUS, "GET", "/concerts/", 3, 500),),
        log=(line("java.lang.OutOfMemoryError: Java heap space", 1),),
    ),
    "kept connections that use most descriptors": healthy(
        signals={"process.fds": constant(980), "process.fd_limit": constant(1024)}
    ),
    "all workers busy, nobody waits": healthy(
        signals={"workers.busy": constant(4), "workers.max": constant(4)}
    ),
    "a lone user without think time": answered(
        times(1, 4, 4, 30, 9), vus=(1, 1, 1), loads=(PlannedLoad("one", "constant-vus", 1, SECONDS),)
    ),
}


@pytest.mark.parametrize("name", BUSY_AND_WELL)
def test_a_server_that_is_busy_and_well_has_no_root_cause(name: str) -> None:
    found = diagnose(BUSY_AND_WELL[name]).findings
    assert [
        (one.cause, one.confidence) for one in found if one.role is Role.ROOT and one.confidence >= NEVER
    ] == []


def reported(
    users: int, count: int, failed: int, low: float, med: float, avg: float, high: float
) -> Evidence:
    """One of the report's runs: users who sleep a second, a thousand iterations each, ten minutes."""
    load = PlannedLoad("concert_scenario", "per-vu-iterations", users, 600.0, 1000)
    shape = times(low, med, avg, high, avg * 2)
    return summary(
        loads=(load,), seconds=602.0, requests=count, failed=failed, iterations=count, interrupted=0,
        dropped=users * 1000 - count, vus=(users, users, users),
        trends={"http_req_duration": shape, "http_req_duration{expected_response:true}": shape},
    )  # fmt: skip


@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param(reported(100, 59_400, 0, 0.902, 8.48, 9.96, 63.63), id="schedules, 100 users"),
        pytest.param(reported(200, 118_800, 98, 0.807, 6.84, 10.4, 411.0), id="schedules, 200 users"),
        pytest.param(reported(100, 59_400, 32, 1.1, 7.9, 10.18, 341.84), id="seats"),
        pytest.param(reported(100, 59_200, 255, 1.31, 11.0, 14.61, 932.86), id="tokens"),
    ],
)
def test_one_or_two_requests_at_a_time_are_never_called_too_many(evidence: Evidence) -> None:
    assert LIMITS & {finding.cause for finding in diagnose(evidence).findings} == set()


def varied(seed: int) -> Evidence:
    """A healthy server under some load: each number drawn anew, each signal with noise and a lone outlier."""
    draw = Random(seed)
    users, cores = draw.choice([10, 50, 100, 400]), draw.choice([1, 2, 4, 8])
    answer, use = draw.uniform(2, 60), draw.uniform(0.05, 0.75)
    outlier = draw.randrange(5, SECONDS)
    warm = draw.uniform(1, 8)
    pool = draw.choice([5, 10, 20])

    def noisy(level: float, share: float = 0.15) -> object:
        values = [max(level * draw.gauss(1, share), 0.0) for _ in range(SECONDS)]
        return per_second(lambda second: values[second - 1])

    slowness = [
        1 + warm / second + draw.gauss(0, 0.1) + 15 * (second == outlier) for second in range(1, SECONDS + 1)
    ]
    rss = draw.uniform(50e6, 300e6)
    signals = {
        "load.vus": constant(users),
        "load.requests": noisy(users),
        "load.ok": noisy(users),
        "load.p50": per_second(lambda second: answer * max(slowness[second - 1], 0.5)),
        "process.cores": constant(cores),
        "host.cores": constant(cores),
        "process.cpu": noisy(use * cores, 0.08),
        "host.cpu": noisy(min(use + 0.1, 0.85), 0.05),
        "process.rss": per_second(lambda second: rss * (1 + min(second / 20, 1) * draw.uniform(0.5, 2))),
        "process.listen_queue": per_second(lambda second: 2 if second == outlier else 0),
        "pool.max": constant(pool),
        "pool.active": per_second(lambda second: min(round(pool * use + draw.gauss(0, 1)), pool)),
        "pool.pending": per_second(lambda second: draw.choice([1, 3]) if second == outlier else 0),
        "cgroup.throttled": noisy(0.05, 0.5),
    }
    shape = trend(answer * 1.1, low=answer * draw.uniform(0.1, 0.6), high=answer * 16)
    few = draw.choice([0, 0, 1, 4])
    return answered(
        shape,
        signals=signals,
        requests=users * SECONDS,
        failed=few,
        loads=(PlannedLoad("browse", "constant-vus", users, SECONDS, constant_think=1.0),),
        vus=(users,) * 3,
        log=(line("WARN slow client disconnected", draw.randrange(1, 50)),),
    )


@pytest.mark.parametrize("seed", range(100))
def test_healthy_runs_of_all_sizes_have_no_root_cause(seed: int) -> None:
    found = diagnose(varied(seed)).findings
    assert [
        (one.cause, one.confidence) for one in found if one.role is Role.ROOT and one.confidence >= NEVER
    ] == []
