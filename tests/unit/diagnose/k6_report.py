"""Six runs of k6 as their summaries tell them: what a write-up of a concert service's load test shows, and no more.

All asked 100 or 200 users for 1,000 iterations each in 10 minutes, with a pause of a second.
"""

import re
from dataclasses import replace

from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Check, Goal, Trend

_UNITS = {"m": 60_000.0, "s": 1000.0, "ms": 1.0, "µs": 1e-3}


def shown(text: str) -> Reading:
    """A time in ms as k6 cuts it: two decimals, whole seconds from a minute on."""
    parts = re.findall(r"([\d.]+)(ms|µs|m|s)", text)
    value = sum(float(number) * _UNITS[unit] for number, unit in parts)
    cut = 1000.0 if len(parts) > 1 else _UNITS[parts[0][1]] / 100
    return Reading(value, value, value + cut if value else value)


def times(line: str) -> Trend:
    """`avg min med max p(90) p(95)`"""
    avg, least, med, most, p90, p95 = map(shown, line.split())
    return Trend(avg, least, med, most, {90.0: p90, 95.0: p95})


def size(amount: float, digit: float) -> Reading:
    """Bytes, rounded to `digit`."""
    return Reading(amount, amount - digit / 2, amount + digit / 2)


def run(
    users: int,
    seconds: float,
    requests: int,
    failed: int,
    dropped: int,
    received: Reading,
    before: Evidence | None,
    **lines: str,
) -> Evidence:
    """One run. Each of `lines` is a trend: `avg min med max p(90) p(95)`."""
    trends = {f"http_req_{name}" if name in HTTP else name: times(line) for name, line in lines.items()}
    if "ok" in trends:
        trends["http_req_duration{expected_response:true}"] = trends.pop("ok")
    return Evidence(
        source="report",
        tool="k6",
        loads=(PlannedLoad("concert_scenario", "per-vu-iterations", users, 600.0, 1000),),
        seconds=seconds,
        requests=requests,
        failed=failed,
        iterations=requests,
        interrupted=users * 1000 - requests - dropped,
        dropped=dropped,
        vus=(users, users, users),
        received=received,
        checks=(Check("status is 200", requests - failed, failed),),
        trends=trends,
        rates={"http_req_failed": (failed, requests)},
        custom=("tps", "waiting_time"),
        goals=(
            Goal("http_req_duration", ok=failed < requests),
            Goal("http_req_failed", ok=failed < requests / 100),
        ),
        before=before,
    )


HTTP = {"duration", "blocked", "connecting", "receiving", "sending", "tls_handshaking", "waiting"}
SERIES = "The test has generated metrics with {} unique time series, which is higher than the suggested limit of 100000"
REFUSED = "0s 0s 0s 0s 0s 0s"

CONCERTS = run(
    100, 630.0, 1221, 1221, 98_777, size(64_000, 1000), None,
    duration="42.51s 0s 1m0s 1m0s 1m0s 1m0s",
    blocked="574.87ms 0s 298µs 19.51s 8.08ms 14.58ms",
    connecting="574.16ms 0s 179µs 19.51s 4.5ms 10.41ms",
    receiving="434.97µs 0s 0s 19.38ms 77µs 470µs",
    iteration_duration="49.59s 1s 1m1s 1m1s 1m1s 1m1s",
    tps="21.49µs 16.42µs 19.84µs 33.12µs 31.86µs 33.1µs",
    waiting_time="42.51s 0s 1m0s 1m0s 1m0s 1m0s",
)  # fmt: skip
CONCERTS = replace(CONCERTS, vus=(2, 2, 100), interrupted=2)
ONE_USER = replace(
    run(
        1, 1.0013, 1, 1, 0, Reading.exact(0.0), CONCERTS,
        duration=REFUSED, blocked=REFUSED, connecting=REFUSED, receiving=REFUSED,
        iteration_duration="1s 1s 1s 1s 1s 1s", tps="1s 1s 1s 1s 1s 1s", waiting_time=REFUSED,
    ),
    loads=(PlannedLoad("concert_scenario", "per-vu-iterations", 1, 600.0, 1),),
    interrupted=0,
    goals=(Goal("http_req_duration", ok=True), Goal("http_req_failed", ok=False)),
)  # fmt: skip
SCHEDULES = run(
    100, 602.4, 59_400, 0, 40_600, size(82e6, 1e6), ONE_USER,
    duration="9.96ms 902µs 8.48ms 63.63ms 18.83ms 22.75ms",
    ok="9.96ms 902µs 8.48ms 63.63ms 18.83ms 22.75ms",
    blocked="11.59µs 0s 3µs 10.56ms 7µs 11µs",
    connecting="5.44µs 0s 0s 5.44ms 0s 0s",
    receiving="301.82µs 6µs 35µs 50.9ms 232µs 982µs",
    iteration_duration="1.01s 1s 1s 1.06s 1.01s 1.02s",
    tps="1.02ms 985.72µs 992.79µs 17.54ms 1ms 1.02ms",
    waiting_time="9.63ms 873µs 8.15ms 63.43ms 18.31ms 22.25ms",
)  # fmt: skip
SCHEDULES_200 = run(
    200, 600.5, 118_800, 98, 81_200, size(163e6, 1e6), SCHEDULES,
    duration="10.4ms 807µs 6.84ms 349.01ms 22.92ms 30.87ms",
    ok="10.4ms 807µs 6.85ms 349.01ms 22.93ms 30.88ms",
    blocked="17.8µs 0s 3µs 111.39ms 6µs 8µs",
    connecting="12.57µs 0s 0s 111.35ms 0s 0s",
    receiving="181.22µs 0s 31µs 36.7ms 144µs 432µs",
    iteration_duration="1.01s 1s 1s 1.35s 1.02s 1.03s",
    tps="1.04ms 990.73µs 992.64µs 100ms 1ms 1.01ms",
    waiting_time="10.2ms 783µs 6.59ms 348.36ms 22.63ms 30.7ms",
)  # fmt: skip
SEATS = replace(
    run(
        100, 600.5, 59_400, 32, 40_600, size(15e6, 1e6), SCHEDULES_200,
        duration="10.18ms 753µs 7.89ms 341.84ms 18.37ms 22.86ms",
        ok="10.18ms 753µs 7.89ms 341.84ms 18.37ms 22.86ms",
        blocked="12.16µs 0s 4µs 9.16ms 8µs 12µs",
        connecting="5.54µs 0s 0s 2.87ms 0s 0s",
        receiving="254.82µs 6µs 36µs 23.12ms 205µs 636µs",
        iteration_duration="1.01s 1s 1s 1.34s 1.01s 1.02s",
        tps="999.65µs 990.74µs 991.36µs 3.3ms 1ms 1ms",
        waiting_time="9.9ms 718µs 7.64ms 341.73ms 17.9ms 22.25ms",
    ),
    warnings=tuple((at, SERIES.format(count)) for at, count in ((112.0, 100_809), (225.0, 200_034), (449.0, 400_140))),
)  # fmt: skip
TOKENS = run(
    100, 601.0, 59_200, 255, 40_800, size(19e6, 1e6), SEATS,
    duration="14.61ms 1.31ms 10.02ms 932.86ms 28.2ms 38.16ms",
    ok="14.63ms 1.66ms 10.03ms 932.86ms 28.21ms 38.16ms",
    blocked="12.34µs 0s 3µs 4.29ms 6µs 11µs",
    connecting="6.98µs 0s 0s 2.39ms 0s 0s",
    receiving="92.15µs 7µs 39µs 24.29ms 115µs 187µs",
    iteration_duration="1.01s 1s 1.01s 1.93s 1.02s 1.03s",
    tps="991.09µs 986.62µs 987µs 2.56ms 991.93µs 999.08µs",
    waiting_time="14.5ms 1.17ms 9.86ms 932.67ms 28.1ms 38.06ms",
)  # fmt: skip
