"""Some requests fail whatever the load: answered, no slower than others, a constant share. That is a bug that
depends on the data, and no lack of capacity."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from sonagi.diagnose.anatomy import DURATION, Pace, all_answered, onset, pace, scope, weight
from sonagi.diagnose.arithmetic import drawn_twice
from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.intervals import wilson
from sonagi.diagnose.not_observed import not_observed
from sonagi.diagnose.share import constant, follows_load, windows
from sonagi.diagnose.signs.queueing import queue
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind, Failures, LogTemplate

CAUSE = "S29"
GATEWAYS = {502, 503, 504}
"""Server errors of which the code is seldom the cause."""
OVERLOAD = (
    "hikari",
    "hikari-clock",
    "jvm",
    "sqlalchemy",
    "psycopg",
    "node-pool",
    "oom",
    "pg",
    "mysql",
    "spring",
)
"""Signatures of a server that lacks something."""
DUPLICATES = re.compile(
    r"not return a unique result|NonUnique|IncorrectResultSize|MultipleResultsFound|[Mm]ultiple rows were"
)
SLOWER = 1.5
"""Failures that take longer than this times a success waited for something."""
LEAST = 5
"""So few failures have no pattern."""


@dataclass(frozen=True, slots=True)
class Race:
    """Keys that two users drew at once, so that both found nothing and both inserted; each request for them
    fails from then on."""

    keys: Quantity
    expected: Quantity
    """Failures that follow from it."""
    fits: bool
    """Whether as many were seen, within two deviations of a Poisson number of keys."""


def look(evidence: Evidence) -> Finding | None:
    """By status where the tool kept it; from a bare summary, failures that all had an answer in no time."""
    failures = tuple(
        one
        for one in evidence.failures
        if one.kind is FailureKind.STATUS and one.status >= 500 and one.status not in GATEWAYS
    )
    told = bool(evidence.failures)
    statuses = "|".join(str(status) for status in sorted({one.status for one in failures}))
    count = Quantity(sum(one.count for one in failures), "count", f"failures.status[{statuses}]")
    if not told:
        count = Quantity(evidence.failed or 0, "count", "failed")
    times = pace(evidence, failures)
    if not LEAST <= count.value <= 0.5 * _asked(evidence, failures) or _slow(times, told=told):
        return None
    if not told and (all_answered(evidence) is not True or times is None):
        return None
    duplicates, race = _duplicates(evidence), _race(evidence, failures, count.value)
    confidence = _confidence(evidence, failures, times, count.value, duplicates, race)
    if confidence is None:
        return None
    values = _values(evidence, failures, count)
    suspected = bool(duplicates) or (race is not None and race.fits)
    return Finding(
        CAUSE,
        Role.ROOT,
        confidence,
        Said("failures.s29_duplicates_title" if suspected else "failures.s29_title", values),
        tuple(_proofs(evidence, failures, values, times, race)),
        Said("failures.s29_duplicates_action" if suspected else "failures.s29_action"),
        weight=weight(evidence, count.value),
        onset=onset(failures),
        scope=scope(failures),
        against=_against(evidence, failures),
        rivals=_rivals(suspected=suspected),
    )


def _asked(evidence: Evidence, failures: tuple[Failures, ...]) -> float:
    """Requests of the names that failed."""
    names = {(one.method, one.name) for one in failures}
    own = sum(one.requests for one in evidence.endpoints if (one.method, one.name) in names)
    return own or evidence.requests or 0


def _slow(times: Pace | None, *, told: bool) -> bool:
    """Whether failures took clearly longer than successes. Of a bare summary only a bound is known: one that
    leaves no room for timeouts is enough."""
    if times is None:
        return False
    too_long = times.failed.value > SLOWER * times.succeeded.value
    return too_long or (not told and times.failed.high > max(SLOWER * times.succeeded.value, 100))


def _confidence(
    evidence: Evidence,
    failures: tuple[Failures, ...],
    times: Pace | None,
    count: float,
    duplicates: tuple[LogTemplate, ...],
    race: Race | None,
) -> float | None:
    """None where the failures come and go with the load, or the log says that something ran out."""
    fits = race is not None and race.fits
    faster = times is not None and times.failed.high <= times.succeeded.high
    most = max(cap(evidence), 0.75) if fits else cap(evidence)
    ratios = [1.8 if faster else 1.0, 3.0 if fits else 1.0]
    if evidence.failures:
        lacking = sum(one.count for one in evidence.lines(*OVERLOAD))
        parts = windows(evidence, failures)
        same, follows = constant(parts), follows_load(parts)
        if lacking >= 0.5 * count or follows or (same is False and not duplicates):
            return None
        if not duplicates and _waited(evidence, times):
            return None
        said = bool(duplicates or _matching(evidence, count))
        ratios += [3.0 if same else 1.0, 3.0 if follows is False else 1.0]
        ratios += [10.0 if said else 0.7 if evidence.sees("log") else 1.0]
        ratios += [1.5 if any(one.sample for one in failures) else 1.0, 0.4 if _saturated(evidence) else 1.0]
    return weigh(0.35, *ratios, cap=most)


def _waited(evidence: Evidence, times: Pace | None) -> bool:
    """Whether failures waited in the queue in which successes waited too: an error of the data's does not."""
    waiting = queue(evidence)
    return waiting is not None and times is not None and times.failed.value > SLOWER * waiting.floor.value


def _saturated(evidence: Evidence) -> bool:
    """Whether something was busy most of the time."""
    cpu, cores = evidence.signal("process.cpu"), evidence.signal("process.cores").stat("max")
    pending = evidence.signal("pool.pending").share(lambda count: count > 0)
    busy = cores is not None and cpu.share(lambda used: used > 0.9 * (cores or 1)) > 0.5
    return busy or pending > 0.5


def _duplicates(evidence: Evidence) -> tuple[LogTemplate, ...]:
    return tuple(
        one
        for one in evidence.log
        if one.signature == "spring-unique" or DUPLICATES.search(one.sample or one.text)
    )


def _matching(evidence: Evidence, count: float) -> tuple[LogTemplate, ...]:
    """Error lines that were written about as often as requests failed."""
    return tuple(
        one
        for one in evidence.log
        if one.level in ("ERROR", "FATAL", "CRITICAL") and 0.7 * count <= one.count <= 1.3 * count
    )


def _race(evidence: Evidence, failures: tuple[Failures, ...], seen: float) -> Race | None:
    """Only users who begin at one instant draw at once; only one key can come up twice often enough; and only
    what writes can insert twice."""
    reads = failures and all(one.method in ("GET", "HEAD") for one in failures)
    if len(evidence.script.keys) != 1 or reads or not any(load.together for load in evidence.loads):
        return None
    ((name, keys),) = evidence.script.keys.items()
    users, requests = evidence.users, evidence.requests or 0
    twice = drawn_twice(users, keys)
    each = (requests - users) / keys
    expected = twice * each
    if expected < LEAST:
        return None
    doubled = Quantity(twice, "count", f"drawn_twice(users, script.keys.{name})")
    after = Quantity(expected, "count", f"{doubled.how} * (requests - users) / script.keys.{name}")
    return Race(doubled, after, abs(seen - expected) <= 2 * sqrt(twice) * each)


def _values(evidence: Evidence, failures: tuple[Failures, ...], count: Quantity) -> dict[str, Quantity]:
    asked = int(_asked(evidence, failures))
    low, high = wilson(int(count.value), asked)
    titles = ", ".join(sorted({one.title for one in failures}))
    whole = "requests" if asked == evidence.requests else f"endpoints[{titles}].requests"
    return {
        "count": count,
        "requests": Quantity(asked, "count", whole),
        "share": Quantity(count.value / asked, "share", f"{count.how} / {whole}"),
        "low": Quantity(low, "share", f"wilson_low({count.how}, {whole})"),
        "high": Quantity(high, "share", f"wilson_high({count.how}, {whole})"),
    }


def _proofs(
    evidence: Evidence,
    failures: tuple[Failures, ...],
    values: dict[str, Quantity],
    times: Pace | None,
    race: Race | None,
) -> Iterator[Proof]:
    yield Proof(Said("failures.s29_answered", values), "client", onset(failures))
    if times is not None:
        yield Proof(_times(times, told=bool(failures)), "client" if failures else "arithmetic")
    if failures and constant(windows(evidence, failures)):
        yield Proof(Said("failures.s29_constant", values), "client")
    held = evidence.in_flight
    if not failures and held is not None and held < 4:
        amount = Quantity(held, "plain", f"requests / seconds * {DURATION}.avg / 1000")
        yield Proof(Said("failures.s29_idle", {"held": amount}), "arithmetic")
    if race is not None and race.fits:
        race_values = {"keys": race.keys, "expected": race.expected, "count": values["count"]}
        yield Proof(Said("failures.s29_race", race_values), "script")
    for line in (_duplicates(evidence) or _matching(evidence, values["count"].value))[:2]:
        count = Quantity(line.count, "count", f"count(log, {line.text!r})")
        yield Proof(Said("failures.s29_line", {"count": count, "line": line.sample}), "log", line.first_at)
    sample = next((one.sample for one in failures if one.sample), "")
    if sample:
        yield Proof(Said("failures.s29_body", {"body": sample[:120]}), "client")


def _times(times: Pace, *, told: bool) -> Said:
    """How long failures took; between which bounds, where that was computed from rounded figures."""
    values = {
        "failed": times.failures(),
        "good": times.successes(),
        "low": Quantity(times.failed.low, "ms", times.failed_how),
        "high": Quantity(times.failed.high, "ms", times.failed_how),
    }
    return Said("failures.s29_times" if told else "failures.s29_mixture", values)


def _against(evidence: Evidence, failures: tuple[Failures, ...]) -> tuple[Said, ...]:
    one_load = follows_load(windows(evidence, failures)) is None
    return (*((Said("failures.s29_one_load"),) if one_load else ()), *not_observed(evidence, "log"))


def _rivals(*, suspected: bool) -> tuple[Rival, ...]:
    input_ = Rival("C09", Said("failures.s29_or_input"))
    return (Rival("S10", Said("failures.s29_or_expiry")), input_) if suspected else (input_,)
