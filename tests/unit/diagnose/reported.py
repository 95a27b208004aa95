"""The six runs of a write-up, as a reader of k6's summaries hands them over: totals and rounded digits, no
seconds and no kinds of failures."""

import re
from dataclasses import replace

from sonagi.model.evidence import Evidence, PlannedLoad, ScriptFacts
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Goal, Trend

UNITS = {"µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


def reading(text: str) -> Reading:
    """`42.51s` as ms, between the values that would be shown so."""
    value, width = 0.0, 0.0
    for number, unit in re.findall(r"([\d.]+)(µs|ms|s|m)", text):
        value += float(number) * UNITS[unit]
        width = UNITS[unit] / 10 ** len(number.partition(".")[2])
    zero = Reading(0.0, 0.0, 0.0)
    return zero if value == 0 else Reading(value, value - width / 2, value + width / 2)


def times(avg: str, least: str, med: str, most: str, p90: str, p95: str) -> Trend:
    shown = {90.0: reading(p90), 95.0: reading(p95)}
    return Trend(reading(avg), reading(least), reading(med), reading(most), shown)


def size(text: str) -> Reading:
    number, unit = text.split()
    scale = {"B": 1, "kB": 1e3, "MB": 1e6}[unit]
    width = scale / 10 ** len(number.partition(".")[2]) / 2
    value = float(number) * scale
    return Reading(value, value - width, value + width) if value else Reading.exact(0.0)


def run(users: int, iterations: int, requests: int, failed: int, seconds: float, **more: object) -> Evidence:
    load = PlannedLoad("concert_scenario", "per-vu-iterations", users, 600.0, iterations)
    base = Evidence(
        "report.md",
        "k6",
        loads=(load,),
        seconds=seconds,
        requests=requests,
        failed=failed,
        iterations=requests,
        vus=(users, users, users),
        custom=("tps",),
        goals=(Goal("http_req_duration", True),),
    )
    return replace(base, **more)  # type: ignore[arg-type]


ZERO = times("0s", "0s", "0s", "0s", "0s", "0s")

UNPAGED = run(
    100,
    1000,
    1221,
    1221,
    630.0,
    goals=(Goal("http_req_duration", False),),
    sent=size("84 kB"),
    received=size("64 kB"),
    trends={
        "http_req_duration": times("42.51s", "0s", "1m0s", "1m0s", "1m0s", "1m0s"),
        "http_req_blocked": times("574.87ms", "0s", "298µs", "19.51s", "8.08ms", "14.58ms"),
        "http_req_connecting": times("574.16ms", "0s", "179µs", "19.51s", "4.5ms", "10.41ms"),
        "http_req_receiving": times("434.97µs", "0s", "0s", "19.38ms", "77µs", "470µs"),
        "iteration_duration": times("49.59s", "1s", "1m1s", "1m1s", "1m1s", "1m1s"),
        "tps": times("21.49µs", "16.42µs", "19.84µs", "33.12µs", "31.86µs", "33.1µs"),
    },
)
ONE_USER = run(
    1,
    1,
    1,
    1,
    1.0,
    sent=size("0 B"),
    received=size("0 B"),
    trends={
        "http_req_duration": ZERO,
        "http_req_blocked": ZERO,
        "http_req_connecting": ZERO,
        "http_req_receiving": ZERO,
        "iteration_duration": times("1s", "1s", "1s", "1s", "1s", "1s"),
        "tps": times("1s", "1s", "1s", "1s", "1s", "1s"),
    },
)
SCHEDULES = run(
    100,
    1000,
    59_400,
    0,
    602.4,
    trends={
        "http_req_duration": times("9.96ms", "902µs", "8.48ms", "63.63ms", "18.83ms", "22.75ms"),
        "http_req_duration{expected_response:true}": times(
            "9.96ms", "902µs", "8.48ms", "63.63ms", "18.83ms", "22.75ms"
        ),
        "http_req_blocked": times("11.59µs", "0s", "3µs", "10.56ms", "7µs", "11µs"),
        "http_req_connecting": times("5.44µs", "0s", "0s", "5.44ms", "0s", "0s"),
        "http_req_receiving": times("301.82µs", "6µs", "35µs", "50.9ms", "232µs", "982µs"),
        "iteration_duration": times("1.01s", "1s", "1s", "1.06s", "1.01s", "1.02s"),
        "tps": times("1.02ms", "985.72µs", "992.79µs", "17.54ms", "1ms", "1.02ms"),
    },
)
TWO_HUNDRED = run(
    200,
    1000,
    118_800,
    98,
    600.5,
    trends={
        "http_req_duration": times("10.4ms", "807µs", "6.84ms", "349.01ms", "22.92ms", "30.87ms"),
        "http_req_duration{expected_response:true}": times(
            "10.4ms", "807µs", "6.85ms", "349.01ms", "22.93ms", "30.88ms"
        ),
        "http_req_blocked": times("17.8µs", "0s", "3µs", "111.39ms", "6µs", "8µs"),
        "http_req_connecting": times("12.57µs", "0s", "0s", "111.35ms", "0s", "0s"),
        "http_req_receiving": times("181.22µs", "0s", "31µs", "36.7ms", "144µs", "432µs"),
        "iteration_duration": times("1.01s", "1s", "1s", "1.35s", "1.02s", "1.03s"),
        "tps": times("1.04ms", "990.73µs", "992.64µs", "100ms", "1ms", "1.01ms"),
    },
)
SEATS = run(
    100,
    1000,
    59_400,
    32,
    600.5,
    script=ScriptFacts(1.0, {"concertId": 2000, "scheduleId": 9999}),
    trends={
        "http_req_duration": times("10.18ms", "753µs", "7.89ms", "341.84ms", "18.37ms", "22.86ms"),
        "http_req_duration{expected_response:true}": times(
            "10.18ms", "753µs", "7.89ms", "341.84ms", "18.37ms", "22.86ms"
        ),
        "http_req_blocked": times("12.16µs", "0s", "4µs", "9.16ms", "8µs", "12µs"),
        "http_req_connecting": times("5.54µs", "0s", "0s", "2.87ms", "0s", "0s"),
        "http_req_receiving": times("254.82µs", "6µs", "36µs", "23.12ms", "205µs", "636µs"),
        "iteration_duration": times("1.01s", "1s", "1s", "1.34s", "1.01s", "1.02s"),
        "tps": times("999.65µs", "990.74µs", "991.36µs", "3.3ms", "1ms", "1ms"),
    },
)
TOKENS = run(
    100,
    1000,
    59_200,
    255,
    601.0,
    trends={
        "http_req_duration": times("14.61ms", "1.31ms", "10.02ms", "932.86ms", "28.2ms", "38.16ms"),
        "http_req_duration{expected_response:true}": times(
            "14.63ms", "1.66ms", "10.03ms", "932.86ms", "28.21ms", "38.16ms"
        ),
        "http_req_blocked": times("12.34µs", "0s", "3µs", "4.29ms", "6µs", "11µs"),
        "http_req_connecting": times("6.98µs", "0s", "0s", "2.39ms", "0s", "0s"),
        "http_req_receiving": times("92.15µs", "7µs", "39µs", "24.29ms", "115µs", "187µs"),
        "iteration_duration": times("1.01s", "1s", "1.01s", "1.93s", "1.02s", "1.03s"),
        "tps": times("991.09µs", "986.62µs", "987µs", "2.56ms", "991.93µs", "999.08µs"),
    },
)
WITH_SCRIPT = replace(TOKENS, script=ScriptFacts(1.0, {"customerId": 1000}))

ALL = {
    "unpaged": UNPAGED,
    "one user": ONE_USER,
    "schedules": SCHEDULES,
    "two hundred": TWO_HUNDRED,
    "seats": SEATS,
    "tokens": TOKENS,
}
