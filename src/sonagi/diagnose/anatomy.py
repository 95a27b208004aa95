"""What failed how, and how long it took: from the kinds that our own runs keep, or from what a bare summary
gives away.

A k6 summary names no kind, but its phases do (k6, lib/netext/httpext/tracer.go): `http_req_receiving` is 0
for an exchange of which no byte came back, and a failed dial has a duration of 0. So the least one is 0
exactly if some failure got no byte; above 0, every failure was an HTTP status.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from sonagi.diagnose.arithmetic import mean_of_failures
from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Quantity, Reading
from sonagi.model.traffic import FailureKind, Failures, Trend

DURATION, SUCCESSES = "http_req_duration", "http_req_duration{expected_response:true}"
NOTICED = 0.01
"""Failures below this share are a small part of a run in which nearly all went well."""


def counted(evidence: Evidence, *kinds: FailureKind, status: range = range(1000)) -> Quantity:
    """How many failed for one of these kinds; `how` names them, as `failures.status[500..599]`."""
    name = " + ".join(f"failures.{kind}" for kind in kinds)
    if status != range(1000):
        name += f"[{status[0]}..{status[-1]}]" if len(status) > 1 else f"[{status[0]}]"
    return Quantity(evidence.failures_of(*kinds, status=status), "count", name)


def weight(evidence: Evidence, explained: float) -> float:
    """A finding's weight, when it explains so many failures: the share of all, or of one request in a
    hundred where fewer failed."""
    least = NOTICED * (evidence.requests or 0)
    return min(explained / max(evidence.failed or 0, least, 1), 1.0)


def scope(failures: Iterable[Failures]) -> str:
    """The kind of request that failed, when it was one; else "" for all."""
    titles = {one.title for one in failures}
    return titles.pop() if len(titles) == 1 else ""


def onset(failures: Iterable[Failures]) -> float | None:
    """The first second in which one of them was seen."""
    firsts = [one.by_second.first_at(lambda count: count > 0) for one in failures]
    return min((first for first in firsts if first is not None), default=None)


def all_answered(evidence: Evidence) -> bool | None:
    """Whether every failure came with an answer; None where nothing tells."""
    if not evidence.failed:
        return None
    if evidence.failures:
        return evidence.failures_of(FailureKind.STATUS, FailureKind.CUT_OFF) >= evidence.failed
    receiving = evidence.trend("http_req_receiving").min
    return None if receiving is None else receiving.low > 0


def none_reached_it(evidence: Evidence) -> bool:
    """Whether no request came as far as the server: what that does with one is not in this run."""
    refused = counted(evidence, FailureKind.REFUSED).value
    return nothing_sent(evidence) or bool(refused and refused == evidence.requests)


def nothing_sent(evidence: Evidence) -> bool:
    """Whether all failed before a byte left or came: refused, or never resolved. For a bare summary."""
    sent, received, longest = evidence.sent, evidence.received, evidence.trend(DURATION).max
    return (
        bool(evidence.failed)
        and evidence.failed == evidence.requests
        and all(reading is not None and reading.value == 0 for reading in (sent, received, longest))
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """Mean times in ms of failures and of the successes beside them, and what those are means of."""

    failed: Reading
    succeeded: Reading
    failed_how: str
    succeeded_how: str

    def failures(self) -> Quantity:
        """How long failures took."""
        return Quantity(self.failed.value, "ms", self.failed_how)

    def successes(self) -> Quantity:
        """How long successes took."""
        return Quantity(self.succeeded.value, "ms", self.succeeded_how)


def pace(evidence: Evidence, failures: tuple[Failures, ...] = ()) -> Pace | None:
    """How long failures took, and successes of the same names; without `failures`, by the mixture rule over
    the whole summary, as exactly as its digits allow. `failures` are all of their kind and status."""
    if not failures:
        successes = evidence.trend(SUCCESSES).avg
        bad = mean_of_failures(
            evidence.requests or 0, evidence.failed or 0, evidence.trend(DURATION).avg, successes
        )
        mixture = f"(requests * {DURATION}.avg - (requests - failed) * {SUCCESSES}.avg) / failed"
        return Pace(bad, successes, mixture, f"{SUCCESSES}.avg") if bad and successes else None
    names = {(one.method, one.name) for one in failures}
    beside = [one for one in evidence.endpoints if (one.method, one.name) in names]
    titles = ", ".join(sorted(one.title for one in beside))
    bad, how = _mean((one.duration, one.count) for one in failures), f"mean({_called(failures)}.duration)"
    if bad is None:
        bad, how = _mean((one.bad, one.failed) for one in beside), f"mean(endpoints[{titles}].bad)"
    good = _mean((one.ok, one.requests - one.failed) for one in beside)
    return Pace(bad, good, how, f"mean(endpoints[{titles}].ok)") if bad and good else None


def _called(failures: tuple[Failures, ...]) -> str:
    """`failures.status[503]`, `failures.status[500|501]`, `failures.reset`"""
    statuses = "|".join(str(status) for status in sorted({one.status for one in failures} - {0}))
    return f"failures.{failures[0].kind}" + (f"[{statuses}]" if statuses else "")


def _mean(parts: Iterable[tuple[Trend, int]]) -> Reading | None:
    known = [(middle.value, count) for trend, count in parts if count and (middle := trend.avg or trend.med)]
    total = sum(count for _, count in known)
    return Reading.exact(sum(value * count for value, count in known) / total) if total else None


def think(evidence: Evidence) -> float | None:
    """Seconds that each iteration sleeps: as the script or the plan says, else at most what the shortest
    one took."""
    if evidence.script.think is not None:
        return evidence.script.think
    planned = {load.constant_think for load in evidence.loads}
    if len(planned) == 1 and None not in planned:
        return planned.pop()
    shortest = evidence.trend("iteration_duration").min
    return shortest.value / 1000 if shortest else None


@dataclass(frozen=True, slots=True)
class NeverConnected:
    """Requests whose connection timed out: how many, and the seconds that they account for."""

    count: Reading
    missing: float
    """Seconds of iterations that neither requests, sleep nor waiting for a connection account for."""


def never_connected(evidence: Evidence) -> NeverConnected | None:
    """A bare summary's time accounting: iterations − durations − sleep − blocked = n × connect timeout, for
    a dial that failed is in none of these. None when nothing is missing, or digits are too few to tell."""
    whole, parts = evidence.trend("iteration_duration"), evidence.trend(DURATION)
    blocked, asleep = evidence.trend("http_req_blocked").avg, think(evidence)
    iterations, requests, failed = evidence.iterations, evidence.requests, evidence.failed
    if not (whole.avg and whole.max and parts.avg and blocked and iterations and requests and failed):
        return None
    if asleep is None or whole.max.high < (evidence.connect_timeout + asleep) * 1000:
        return None

    def missing(total: float, busy: float, held: float) -> float:
        return (iterations * total - requests * (busy + held)) / 1000 - iterations * asleep

    seconds = missing(whole.avg.value, parts.avg.value, blocked.value)
    least = missing(whole.avg.low, parts.avg.high, blocked.high)
    most = missing(whole.avg.high, parts.avg.low, blocked.low)
    each = evidence.connect_timeout
    if least < each or seconds / each > failed:
        return None
    bounds = Reading(round(seconds / each), floor(least / each), ceil(most / each))
    return NeverConnected(bounds, seconds)


def never_written(evidence: Evidence) -> Reading | None:
    """How many requests' bytes never left, by a bare summary's `data_sent`: when all are equally long."""
    each, sent, requests = evidence.script.request_bytes, evidence.sent, evidence.requests
    if not each or sent is None or not requests:
        return None
    return Reading(*(max(requests - size / each, 0.0) for size in (sent.value, sent.high, sent.low)))


def timed_out(evidence: Evidence) -> Reading | None:
    """How many were sent and got no byte in time: counted, or from a bare summary between the share of
    percentiles that equal the timeout and what the mean leaves room for."""
    if evidence.failures:
        return Reading.exact(evidence.failures_of(FailureKind.TIMEOUT))
    duration, requests, limit = evidence.trend(DURATION), evidence.requests, evidence.timeout * 1000
    if duration.avg is None or not requests or not evidence.failed:
        return None
    shown = dict(duration.percentiles)
    if duration.med is not None:
        shown[50.0] = duration.med
    at_limit = [percent for percent, reading in shown.items() if reading.high >= limit]
    least = requests * (1 - min(at_limit) / 100) if at_limit else 0.0
    most = min(duration.avg.high / limit * requests, evidence.failed)
    return Reading((least + most) / 2, least, most) if at_limit else None
