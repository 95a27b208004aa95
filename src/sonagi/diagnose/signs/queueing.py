"""Requests that wait inside the server: Little's law N = X · R, and how long one takes when nothing waits."""

from dataclasses import dataclass
from statistics import fmean

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Proof, Said
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series
from sonagi.model.traffic import Endpoint, Trend

STRETCH = 3.0
"""A typical answer must take this many times the shortest one before a queue is spoken of."""
TIGHT = 2.0
"""Times the median within which nineteen in twenty answers must be; twice as wide is an exponential's."""
FEWEST = 4.0
"""Requests that must be in the server at a time: fewer are its work, not its queue."""
HELD = 0.4
"""Share of the users that must be waiting for an answer; the others think."""
GROWTH = 1.5
"""In an open model, how much slower the last third must be than the first: a queue without end grows."""
BENT = 0.8
"""Throughput per user under most users, against that under fewer: below this, more users brought less."""


@dataclass(frozen=True, slots=True)
class Queue:
    """An answer takes `floor` when nothing waits and `typical` here (ms); `in_flight` requests are in the
    server at a time, of which it serves about `at_once` (throughput × floor)."""

    floor: Quantity
    typical: Quantity
    in_flight: Quantity
    at_once: Quantity
    onset: float | None
    name: str
    """The kind of request whose answers were looked at; "" for all."""
    tight: bool
    """Nearly all answers take about as long, as behind a queue; times that vary by nature do not."""
    bent: bool
    """More users brought no more answers, where the number of users changed."""

    def proof(self) -> Proof:
        """The queue as a sentence."""
        values = {"floor": self.floor, "typical": self.typical, "in_flight": self.in_flight}
        return Proof(Said("server.queue", values), "client", self.onset)


def queue(evidence: Evidence) -> Queue | None:
    """None where requests do not wait, or where that cannot be told."""
    successes, name, kind = _successes(evidence)
    in_flight, rate = evidence.in_flight, evidence.rate
    if successes.min is None or successes.med is None or in_flight is None or rate is None:
        return None
    floor, typical = successes.min.value, successes.med.value
    if floor <= 0 or typical < STRETCH * floor or in_flight < FEWEST or not _lasts(evidence, in_flight):
        return None
    p95 = successes.percentiles.get(95.0)
    return Queue(
        Quantity(floor, "ms", f"{name}.min"),
        Quantity(typical, "ms", f"{name}.med"),
        Quantity(in_flight, "count", "requests / seconds * http_req_duration.avg / 1000"),
        Quantity(rate * floor / 1000, "count", f"requests / seconds * {name}.min / 1000"),
        _times(evidence, kind).first_at(lambda value: value >= STRETCH * floor, lasting=2),
        kind,
        p95 is not None and p95.value < TIGHT * typical,
        bent(evidence),
    )


def _successes(evidence: Evidence) -> tuple[Trend, str, str]:
    """Times of answered requests, what they are called, and their kind: of the one that takes most of the
    time, for kinds mixed have no one floor."""

    def time(endpoint: Endpoint) -> float:
        return endpoint.requests * (endpoint.ok.avg.value if endpoint.ok.avg else 0.0)

    if evidence.endpoints:
        worst = max(evidence.endpoints, key=time)
        if worst.ok.med is not None:
            return worst.ok, f"endpoints[{worst.title}].ok", worst.title
    name = "http_req_duration{expected_response:true}"
    if evidence.trend(name).med is not None:
        return evidence.trend(name), name, ""
    everything = evidence.trend("http_req_duration") if not evidence.failed else Trend()
    return everything, "http_req_duration", ""


def _lasts(evidence: Evidence, in_flight: float) -> bool:
    """Whether most users wait (closed model), or answers get slower and slower (open model). Bursts of
    users in step wait too, for a moment: most of the time all of them think."""
    if any(load.rate is not None for load in evidence.loads):
        return _grows(evidence)
    users = evidence.signal("load.vus")
    active = fmean(users.values) if users else float(evidence.users)
    return not active or in_flight >= HELD * active


def _grows(evidence: Evidence) -> bool:
    times = evidence.signal("load.p50").values
    third = len(times) // 3
    if not third:
        return False
    late = sum(evidence.signal("load.late").values)
    return fmean(times[-third:]) >= GROWTH * fmean(times[:third]) or late > 0.05 * (evidence.requests or 0)


def _times(evidence: Evidence, kind: str) -> Series:
    """The median answer of each second: of one kind of request, where that was kept."""
    return evidence.signal(f"load.p50|{kind}") or evidence.signal("load.p50")


def slow_share(evidence: Evidence, waiting: Queue) -> float:
    """Of all answers, those in the seconds in which the queue made them slow; all where only totals are
    known."""
    times, total = _times(evidence, waiting.name), evidence.signal("load.requests").stat("sum")
    if not times or not total:
        return 1.0
    answered = dict(evidence.signal(f"load.requests|{waiting.name}") or evidence.signal("load.requests"))
    slow = [at for at, value in times if value >= STRETCH * waiting.floor.value]
    return min(sum(answered.get(at, 0.0) for at in slow) / total, 1.0)


def bent(evidence: Evidence) -> bool:
    """Whether throughput stopped following the number of users, where that number changed."""
    users, answered = evidence.signal("load.vus"), dict(evidence.signal("load.ok"))
    most = users.stat("max") or 0.0
    few = [(count, answered[at]) for at, count in users if 0 < count <= most / 2 and at in answered]
    many = [(count, answered[at]) for at, count in users if count >= 0.9 * most and at in answered]
    if len(few) < 3 or len(many) < 3:
        return False
    per_user = [fmean(rate / count for count, rate in part) for part in (few, many)]
    return per_user[1] < BENT * per_user[0]
