"""A gateway answers in the server's stead: 504 after its own timeout, 502 when the server behind it is gone
or hangs up, 503 when it has none to ask."""

from collections.abc import Iterator

from sonagi.diagnose.anatomy import counted, onset, pace, scope, weight
from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.diagnose.rules.failures.s19_rate_limit import held_rate, limiter_lines
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind, Failures

CAUSE = "S20"
STATUSES = (504, 502, 503)
GATEWAYS = ("nginx", "nginx-conn", "haproxy")
OWN_LIMITS = ("uvicorn", "gunicorn", "tomcat")
"""Servers that send 503 themselves when they are full."""
LEAST = 0.002
CONSTANT = 0.1
"""Times of failures that differ by less, relatively, are one setting and not a server's slowness."""
PRIORS = {504: 0.55, 502: 0.4, 503: 0.15}


def look(evidence: Evidence) -> Finding | None:
    """The most frequent of the three statuses, with what the gateway's log says."""
    status = max(STATUSES, key=lambda one: _count(evidence, one).value)
    count = _count(evidence, status)
    failures = tuple(
        one for one in evidence.failures if one.kind is FailureKind.STATUS and one.status == status
    )
    if not failures or count.value < max(3, LEAST * (evidence.requests or 0)):
        return None
    lines = evidence.lines(*GATEWAYS)
    if status == 503 and not lines and (_own_limit(evidence) or held_rate(evidence, failures)):
        return None
    constant = _constant(failures) if status == 504 else None
    quick = _at_once(evidence, failures)
    confidence = weigh(
        PRIORS[status],
        4.0 if constant else 2.0 if status == 502 and quick else 1.0,
        12.0 if lines else 0.7 if evidence.sees("log") else 1.0,
        cap=cap(evidence),
    )
    values = {
        "count": count,
        "requests": Quantity(evidence.requests or 0, "count", "requests"),
        "status": Quantity(status, "plain", f"{count.how}.status"),
    }
    return Finding(
        CAUSE,
        Role.ROOT,
        confidence,
        _title(status, values, constant),
        tuple(_proofs(evidence, failures, values, constant)),
        _action(status, constant),
        weight=weight(evidence, count.value),
        onset=_onset(failures, constant),
        scope=scope(failures),
        against=not_observed(evidence, "log"),
        rivals=tuple(_rivals(status)),
    )


def _count(evidence: Evidence, status: int) -> Quantity:
    return counted(evidence, FailureKind.STATUS, status=range(status, status + 1))


def _own_limit(evidence: Evidence) -> bool:
    return bool(limiter_lines(evidence) or evidence.lines(*OWN_LIMITS))


def _constant(failures: tuple[Failures, ...]) -> Quantity | None:
    """The time that all of them took, when it is one time: a gateway's own timeout."""
    durations = [one.duration for one in failures if one.duration.min and one.duration.max]
    if not durations:
        return None
    least = min(one.min.value for one in durations if one.min)
    most = max(one.max.value for one in durations if one.max)
    if most < 200 or most - least > CONSTANT * most:
        return None
    return Quantity(least, "ms", f"min(failures.status[{failures[0].status}].duration)")


def _at_once(evidence: Evidence, failures: tuple[Failures, ...]) -> bool:
    times = pace(evidence, failures)
    return times is not None and times.failed.value <= max(times.succeeded.value, 20.0)


def _onset(failures: tuple[Failures, ...], constant: Quantity | None) -> float | None:
    """A request that was given up had been waiting since the timeout before."""
    first = onset(failures)
    return first if first is None or constant is None else max(first - constant.value / 1000, 0.0)


def _title(status: int, values: dict[str, Quantity], constant: Quantity | None) -> Said:
    if constant is not None:
        return Said("failures.s20_504_title", values | {"limit": constant})
    if status == 502:
        return Said("failures.s20_502_title", values)
    return Said("failures.s20_503_title" if status == 503 else "failures.s20_title", values)


def _action(status: int, constant: Quantity | None) -> Said:
    if constant is not None:
        return Said("failures.s20_504_action", {"limit": constant})
    return Said("failures.s20_504_find" if status == 504 else "failures.s20_50x_action")


def _proofs(
    evidence: Evidence,
    failures: tuple[Failures, ...],
    values: dict[str, Quantity],
    constant: Quantity | None,
) -> Iterator[Proof]:
    began = onset(failures)
    yield Proof(Said("failures.s20_count", values), "client", began)
    if constant is not None:
        most = max(one.duration.max.value for one in failures if one.duration.max)
        longest = Quantity(most, "ms", f"max(failures.status[{failures[0].status}].duration)")
        yield Proof(Said("failures.s20_constant", {"least": constant, "most": longest}), "client")
    elif _at_once(evidence, failures) and (times := pace(evidence, failures)):
        yield Proof(Said("failures.s20_at_once", {"took": times.failures()}), "client")
    for line in evidence.lines(*GATEWAYS)[:2]:
        count = Quantity(line.count, "count", f"count(log, {line.text!r})")
        yield Proof(Said("failures.s20_line", {"count": count, "line": line.sample}), "log", line.first_at)
    for event in evidence.events:
        if event.kind in ("restart", "exited") and began is not None and abs(event.at - began) <= 5:
            yield Proof(Said("failures.s20_restart", {"text": event.text}), "process", event.at)
            return


def _rivals(status: int) -> Iterator[Rival]:
    if status == 503:
        yield Rival("S19", Said("failures.s20_or_limit"))
        yield Rival("S06", Said("failures.s20_or_full"))
    else:
        yield Rival("S21", Said("failures.s20_or_upstream"))
