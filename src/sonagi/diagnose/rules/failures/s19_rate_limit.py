"""Somebody counts requests and turns the rest away: 429 (RFC 6585), or a quick 503 as nginx's limit_req
sends. What gets through stays at the limit, however much is offered."""

from statistics import median

from sonagi.diagnose.anatomy import counted, onset, pace, scope, weight
from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.diagnose.shape import elasticity
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series
from sonagi.model.traffic import FailureKind, Failures, LogTemplate

CAUSE = "S19"
LIMITERS = ("nginx-limit", "RequestNotPermitted", "RateLimiter")
LEAST = 0.005
"""Share of requests that must have been turned away."""


def look(evidence: Evidence) -> Finding | None:
    """429s; or 503s that a limiter's log lines or a rate that stays at its limit explain."""
    status, failures = _turned_away(evidence)
    count = counted(evidence, FailureKind.STATUS, status=range(status, status + 1))
    if not failures or count.value < max(5, LEAST * (evidence.requests or 0)):
        return None
    lines, limit = limiter_lines(evidence), held_rate(evidence, failures)
    quick = _quick(evidence, failures)
    if status == 503 and not lines and (limit is None or not quick):
        return None
    confidence = weigh(
        0.8 if status == 429 else 0.2,
        3.0 if limit is not None else 1.0,
        2.0 if quick else 0.7,
        20.0 if lines else 1.0,
        cap=max(cap(evidence), 0.9) if status == 429 else cap(evidence),
    )
    values = {
        "count": count,
        "status": Quantity(status, "plain", f"{count.how}.status"),
        "share": Quantity(count.value / (evidence.requests or 1), "share", f"{count.how} / requests"),
    }
    title = Said("failures.s19_title", values)
    if limit is not None:
        title = Said("failures.s19_held_title", values | {"limit": limit})
    return Finding(
        CAUSE,
        Role.ROOT,
        confidence,
        title,
        tuple(_proofs(evidence, values, failures, limit, lines)),
        Said("failures.s19_action") if limit is None else Said("failures.s19_below", {"limit": limit}),
        weight=weight(evidence, count.value),
        onset=onset(failures),
        scope=scope(failures),
        against=not_observed(evidence, "log"),
        rivals=() if status == 429 else (Rival("S20", Said("failures.s19_or_upstream")),),
    )


def _turned_away(evidence: Evidence) -> tuple[int, tuple[Failures, ...]]:
    """The status that a limiter would send, and the failures with it."""
    for status in (429, 503):
        failures = tuple(
            one for one in evidence.failures if one.kind is FailureKind.STATUS and one.status == status
        )
        if failures:
            return status, failures
    return 0, ()


def limiter_lines(evidence: Evidence) -> tuple[LogTemplate, ...]:
    """Log lines in which a limiter says what it did."""
    return tuple(
        one for one in evidence.log if one.signature in LIMITERS or any(word in one.text for word in LIMITERS)
    )


def held_rate(evidence: Evidence, failures: tuple[Failures, ...]) -> Quantity | None:
    """Successes a second, where they stay the same although more is asked for: within 15 % in the middle
    half of the seconds with failures, and less than a fifth up for each per cent that is offered more."""
    turned = {at for one in failures for at, count in one.by_second if count}
    ok, offered = evidence.signal("load.ok"), dict(evidence.signal("load.requests"))
    held = [(at, count) for at, count in ok if at in turned]
    if len(held) < 5:
        return None
    counts = sorted(count for _, count in held)
    middle, quarter = median(counts), len(counts) // 4
    asked = [offered.get(at, 0.0) for at, _ in held]
    follows = elasticity(Series(tuple(at for at, _ in held), tuple(asked)), Series(*zip(*held, strict=True)))
    if median(asked) < 1.1 * middle or counts[-1 - quarter] - counts[quarter] > 0.15 * middle:
        return None
    if follows is not None and follows > 0.2:
        return None
    return Quantity(middle, "per_s", f"median(load.ok)[{held[0][0]:g}..{held[-1][0]:g}]")


def _quick(evidence: Evidence, failures: tuple[Failures, ...]) -> bool:
    times = pace(evidence, failures)
    return times is not None and times.failed.value <= times.succeeded.value


def _proofs(
    evidence: Evidence,
    values: dict[str, Quantity],
    failures: tuple[Failures, ...],
    limit: Quantity | None,
    lines: tuple[LogTemplate, ...],
) -> list[Proof]:
    proofs = [Proof(Said("failures.s19_count", values), "client", onset(failures))]
    if limit is not None:
        asked = evidence.measured("load.requests", "max")
        proofs.append(Proof(Said("failures.s19_held", {"limit": limit, "asked": asked}), "client"))
    times = pace(evidence, failures)
    if times is not None and times.failed.value <= times.succeeded.value:
        values = {"failed": times.failures(), "good": times.successes()}
        proofs.append(Proof(Said("failures.s19_quick", values), "client"))
    for line in lines[:1]:
        count = Quantity(line.count, "count", f"count(log, {line.text!r})")
        said = Said("failures.s19_line", {"count": count, "line": line.sample})
        proofs.append(Proof(said, "log", line.first_at))
    cpu = evidence.measured("process.cpu", "mean")
    if cpu is not None and cpu.value < 0.7 * (evidence.signal("process.cores").stat("max") or 1):
        proofs.append(Proof(Said("failures.s19_idle", {"cpu": cpu}), "process"))
    return proofs
