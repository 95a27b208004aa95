"""The server closes connections that were idle, or old, just when the next request is on its way: a reset
before a byte of the answer, and only on connections that had served before."""

from collections.abc import Iterable, Iterator

from sonagi.diagnose.anatomy import onset, scope, think, weight
from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind, Failures, Trend

CAUSE = "N06"
LEAST = 3
REUSED = 0.9
"""Share of resets that must have been on a connection that had served before."""
CONSTANT = 0.2
"""Idle times or ages that differ by less, relatively, are one timeout's."""
SPREAD = 3
"""Seconds in which resets must have come: all in one are a restart's."""
RIVALS = (Rival("S05", Said("network.n06_or_restart")), Rival("S17", Said("network.n06_or_queue")))


def look(evidence: Evidence) -> Finding | None:
    """Resets at the start of reused connections, at one idle time or age."""
    resets = tuple(
        one for one in evidence.failures if one.kind is FailureKind.RESET and one.reused is not None
    )
    count, reused = sum(one.count for one in resets), sum(one.reused or 0 for one in resets)
    if count < LEAST or reused < REUSED * count or _at_one_moment(resets):
        return None
    idle = _one_time((one.idle for one in resets), "max(failures.reset.idle)")
    age = _one_time((one.age for one in resets), "max(failures.reset.age)")
    after = idle or age
    alike = idle is not None and _near(idle.value / 1000, think(evidence))
    configured = _keep_alive(evidence)
    matches = after is not None and configured is not None and _near(after.value / 1000, configured.value)
    values = {
        "count": Quantity(count, "count", "failures.reset"),
        "reused": Quantity(reused, "count", "failures.reset.reused"),
        "requests": Quantity(evidence.requests or 0, "count", "requests"),
    }
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(
            0.4, 0.8 if after is None else 3.0 if alike else 8.0, 6.0 if matches else 1.0, cap=cap(evidence)
        ),
        _title(values, idle, age),
        tuple(_proofs(values, idle, age, configured if matches else None)),
        Said("network.n06_action"),
        weight=weight(evidence, count),
        onset=onset(resets),
        scope=scope(resets),
        against=(*((Said("network.n06_all_idle"),) if alike else ()), *not_observed(evidence, "log")),
        rivals=RIVALS,
    )


def _at_one_moment(resets: tuple[Failures, ...]) -> bool:
    """Whether they all came within a moment, where that is known."""
    seconds = {at for one in resets for at, count in one.by_second if count}
    return bool(seconds) and len(seconds) < SPREAD


def _one_time(trends: Iterable[Trend], how: str) -> Quantity | None:
    """The time that all of them show; None when they differ, or are next to nothing."""
    known = [(trend.min.value, trend.max.value) for trend in trends if trend.min and trend.max]
    if not known:
        return None
    least, most = min(low for low, _ in known), max(high for _, high in known)
    return Quantity(most, "ms", how) if most > 100 and most - least <= CONSTANT * most else None


def _near(seconds: float, other: float | None) -> bool:
    return other is not None and abs(seconds - other) <= CONSTANT * other


def _keep_alive(evidence: Evidence) -> Quantity | None:
    """The server's own timeout for idle connections, where somebody told it."""
    told = evidence.settings.get("keep_alive", "").removesuffix("s")
    return Quantity(float(told), "s", "settings.keep_alive") if told.replace(".", "", 1).isdigit() else None


def _title(values: dict[str, Quantity], idle: Quantity | None, age: Quantity | None) -> Said:
    if idle is not None:
        return Said("network.n06_idle_title", values | {"idle": idle})
    if age is not None:
        return Said("network.n06_age_title", values | {"age": age})
    return Said("network.n06_title", values)


def _proofs(
    values: dict[str, Quantity], idle: Quantity | None, age: Quantity | None, configured: Quantity | None
) -> Iterator[Proof]:
    yield Proof(Said("network.n06_reused", values), "client")
    if idle is not None:
        yield Proof(Said("network.n06_idle", {"idle": idle}), "client")
    if age is not None:
        yield Proof(Said("network.n06_age", {"age": age}), "client")
    if configured is not None:
        yield Proof(Said("network.n06_configured", {"timeout": configured}), "script")
