"""What sets the rate of a test: how many users there are, how long they wait, and who asked for it.

Users of a closed model make their next request when the last one is answered, so that their number, their
pauses and the answers' times give the rate: N = X · (R + Z) (Little 1961; Z is the time between requests).
"""

import re
from math import ceil

from sonagi.diagnose.arithmetic import iteration_time
from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Quantity

STEADY = frozenset({"constant-vus", "per-vu-iterations", "shared-iterations"})
"""Executors of the closed model whose number of users stays the same."""
OPEN = frozenset({"constant-arrival-rate", "ramping-arrival-rate", "replayed-arrivals"})
"""Executors that start iterations by the clock, whatever the server does."""
LEAST_PAUSE = 0.05
"""Seconds outside of requests that are no longer a client's own work; k6's is 0.7 ms an iteration."""
SCALED = 1.5
"""By so much more users a run is a step of a comparison, not a repetition."""
CALLED_RATE = re.compile(
    r"(?:^|[^a-z])(?:tps|rps|qps|throughput|req\w*_?per_?s\w*)(?:$|[^a-z])", re.IGNORECASE
)
"""Names of metrics that count how much is done a second."""


def is_steady(evidence: Evidence) -> bool:
    """Whether a constant number of users made the load, in turns."""
    return bool(evidence.loads) and all(load.executor in STEADY for load in evidence.loads)


def is_open(evidence: Evidence) -> bool:
    """Whether all of the load came by the clock."""
    return bool(evidence.loads) and all(load.executor in OPEN for load in evidence.loads)


def limit(evidence: Evidence) -> Quantity:
    """How long iterations could begin."""
    return Quantity(max((load.seconds for load in evidence.loads), default=0.0), "s", "plan")


def goal(evidence: Evidence) -> int | None:
    """Iterations that were asked for; None when a part of the load asks for time."""
    goals = [load.goal for load in evidence.loads]
    known = [one for one in goals if one is not None]
    return sum(known) if known and len(known) == len(goals) else None


def is_cut_short(evidence: Evidence) -> bool:
    """Whether it ended before its time, by a user's hand or a threshold."""
    return evidence.seconds is not None and evidence.seconds < 0.95 * limit(evidence).value


def requests_each(evidence: Evidence) -> float | None:
    """Requests an iteration."""
    return evidence.requests / evidence.iterations if evidence.requests and evidence.iterations else None


def turn(evidence: Evidence) -> Quantity | None:
    """How long an iteration took on average: as measured, or by how many fitted in where that says more."""
    shown = evidence.trend("iteration_duration").avg
    if shown is not None and shown.low == shown.high:
        return Quantity(shown.value / 1000, "s", "iteration_duration.avg / 1000")
    each = evidence.iterations / evidence.users if evidence.iterations and evidence.users else 0.0
    if each > 1 and is_steady(evidence):
        low, high = iteration_time(limit(evidence).value, each)
        if shown is None or high - low < (shown.high - shown.low) / 1000:
            return Quantity(
                (low + high) / 2,
                "s",
                "(plan / (iterations / users) + plan / (iterations / users - 1)) / 2",
            )
    return None if shown is None else Quantity(shown.value / 1000, "s", "iteration_duration.avg / 1000")


def pause(evidence: Evidence) -> Quantity | None:
    """Seconds of each iteration in which its user waits and asks nothing of the server: as planned, as the
    script's text says, or what the fastest iteration has beside its requests."""
    planned = {load.constant_think for load in evidence.loads}
    if len(planned) == 1 and (think := planned.pop()) is not None:
        return Quantity(think, "s", "think")
    if evidence.script.think is not None:
        return Quantity(evidence.script.think, "s", "script.think")
    whole, request = evidence.trend("iteration_duration").min, evidence.trend("http_req_duration").min
    each = requests_each(evidence)
    if whole is None or request is None or each is None:
        return None
    if whole.value / 1000 >= 0.9 * min(evidence.connect_timeout, evidence.timeout):
        return None  # even the fastest one may have waited for a connection in vain
    # To 10 ms, as no summary says it more exactly for iterations of a second.
    seconds = round((whole.value - request.value * each) / 1000, 2)
    how = "round((iteration_duration.min - http_req_duration.min * requests / iterations) / 1000, 2)"
    return Quantity(seconds, "s", how) if seconds >= LEAST_PAUSE else None


def ceiling(evidence: Evidence) -> Quantity | None:
    """Most iterations that the users could make in their time if answers took none."""
    waits = pause(evidence)
    if waits is None or not waits.value or not evidence.users or not is_steady(evidence):
        return None
    value = evidence.users * limit(evidence).value / waits.value
    return Quantity(value, "count", f"users * plan / {_bracketed(waits.how)}")


def needed(evidence: Evidence) -> tuple[Quantity, Quantity] | None:
    """For the iterations that were asked for: the time that these users need, and the users that do it in
    this time."""
    asked, each, time = goal(evidence), turn(evidence), limit(evidence)
    if asked is None or each is None or not evidence.users or not time.value:
        return None
    long = Quantity(each.value * asked / evidence.users, "s", f"{_bracketed(each.how)} * goal / users")
    users = ceil(each.value * asked / time.value)
    return long, Quantity(users, "count", f"ceil({_bracketed(each.how)} * goal / plan)")


def paced_users(evidence: Evidence) -> Quantity | None:
    """N by Little's law, from rate, response time and pause: where it is the number of users, nothing but
    these two made the rate."""
    waits, each = pause(evidence), requests_each(evidence)
    response = evidence.trend("http_req_duration").avg
    if waits is None or each is None or response is None or not evidence.iterations or not evidence.seconds:
        return None
    value = evidence.iterations / evidence.seconds * (waits.value + each * response.value / 1000)
    spent = "http_req_duration.avg / 1000 * requests / iterations"
    return Quantity(value, "count", f"iterations / seconds * ({waits.how} + {spent})")


def scaled(evidence: Evidence) -> bool:
    """Whether it is to be compared with a run of another number of users."""
    before = evidence.before
    if before is None or not before.users or not evidence.users or (before.failed_share or 0.0) > 0.5:
        return False
    return not 1 / SCALED < evidence.users / before.users < SCALED


def asks_for_rate(evidence: Evidence) -> bool:
    """Whether somebody will read a rate of this run as what the server can do: a goal that is a rate or a
    number of iterations that was missed, a metric of their own that is one, or a step of a comparison."""
    missed, rates = goal(evidence) is not None and bool(evidence.dropped), {"http_reqs", "iterations"}
    goals = [one.metric.partition("{")[0] for one in evidence.goals]
    own = [name.partition("{")[0] for name in evidence.custom]
    named = any(CALLED_RATE.search(name) for name in (*goals, *own))
    return missed or named or bool(rates.intersection(goals)) or scaled(evidence)


def _bracketed(how: str) -> str:
    return f"({how})" if " " in how else how
