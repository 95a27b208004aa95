"""Users of a closed loop who wait in a stall ask nothing meanwhile: it leaves few samples, and percentiles
that count samples hardly see it (coordinated omission, Tene).

Where users pause long between requests, or a stall is shorter than their turn, little is left out; then this
rule says nothing.
"""

from dataclasses import dataclass

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series

CAUSE = "C05"
TURNS = 3
"""A stall so many times as long as a user's turn leaves requests out."""
MATTERS = 2.0
"""By so many times must a percentile be too low."""
LEAST = 10.0
"""ms that it must be too low by: below that nobody decides anything by it."""
STILL = 0.1
"""Share of a typical second's requests below which a second belongs to a stall: a server that is merely
slower leaves samples."""
DIPS = 0.9
"""The same for a stall that is shorter than a second."""
FULL = 0.9
"""Share of users that must be there, so that a ramp is no stall."""
TIMED_OUT = 0.95
"""A stall as long as the timeout is what C13 is about."""


@dataclass(frozen=True, slots=True)
class Stalls:
    """What share of the time stalls took, and how long the longest was (s)."""

    share: Quantity
    longest: Quantity
    sure: float


def look(evidence: Evidence) -> Finding | None:
    """Compares percentiles as measured with what users who come at any moment would see."""
    turn = pacing.turn(evidence)
    if turn is None or not turn.value or not pacing.is_steady(evidence):
        return None
    stalls = _seen(evidence) or _by_mean(evidence, turn)
    if stalls is None or not TURNS * turn.value <= stalls.longest.value < TIMED_OUT * evidence.timeout:
        return None
    shown = evidence.trend("http_req_duration").percentiles
    low = [
        percent
        for percent in sorted(shown)
        if percent <= 99 and _is_low(shown[percent].value, percent, stalls)
    ]
    if not low:
        return None
    percent = max(low, key=lambda one: _truth(one, stalls) / max(shown[one].value, 1e-3))
    name = f"p{percent:g}"
    how = f"({stalls.longest.how}) * 1000 * (1 - {1 - percent / 100:g} / ({stalls.share.how}))"
    values = {
        "percentile": name,
        "measured": Quantity(shown[percent].value, "ms", f"http_req_duration.{name}"),
        "truth": Quantity(_truth(percent, stalls), "ms", how),
        "share": stalls.share,
        "longest": stalls.longest,
        "turn": turn,
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        stalls.sure,
        Said("validity.c05_title", values),
        (
            Proof(Said("validity.c05_stalls", values), "arithmetic"),
            Proof(Said("validity.c05_turn", values), "client"),
        ),
        Said("validity.c05_action"),
        weight=0.3,
        voids=tuple(f"http_req_duration p({one:g})" for one in low),
        verdict=Verdict.SUSPECT,
    )


def _truth(percent: float, stalls: Stalls) -> float:
    """The percentile in ms of users who come at any moment: one lies in a stall with the stalls' share of
    the time, and then waits for what is left of it."""
    return max(stalls.longest.value * 1000 * (1 - (1 - percent / 100) / stalls.share.value), 0.0)


def _is_low(measured: float, percent: float, stalls: Stalls) -> bool:
    return _truth(percent, stalls) >= max(MATTERS * measured, measured + LEAST)


def _seen(evidence: Evidence) -> Stalls | None:
    """Seconds in which all users were there and hardly any request ended."""
    full = _full_seconds(evidence)
    typical = full.stat("median")
    if not typical:
        return None
    still = [count < STILL * typical for count in full.values]
    runs, length = [0], 0
    for one in still:
        length = length + 1 if one else 0
        runs.append(length)
    if not max(runs):
        return None
    how = f"seconds(load.requests < {STILL * typical:g})"
    return Stalls(
        Quantity(sum(still) / len(still), "share", f"{how} / {len(still)}"),
        Quantity(float(max(runs)), "s", f"longest({how})"),
        0.75,
    )


def _by_mean(evidence: Evidence, turn: Quantity) -> Stalls | None:
    """By the mean: where it lies above a high percentile, few samples hold most of the time. Of more than
    one user, as many requests must be missing, or only some of them waited for something slow."""
    duration = evidence.trend("http_req_duration")
    if duration.avg is None or duration.max is None or evidence.failed:
        return None
    percent = max((one for one in duration.percentiles if one <= 99), default=None)
    each = pacing.requests_each(evidence)
    if percent is None or each is None:
        return None
    body = percent / 100 * duration.percentiles[percent].high
    held = max(duration.avg.low - body, 0.0) * each / 1000 / turn.value
    if not held or (evidence.users > 1 and not 0.5 < _missing(evidence) / held < 2):
        return None
    how = (
        f"(http_req_duration.avg - {percent / 100:g} * http_req_duration.p{percent:g})"
        f" * requests / iterations / 1000 / ({turn.how})"
    )
    longest = Quantity(duration.max.value / 1000, "s", "http_req_duration.max / 1000")
    return Stalls(Quantity(min(held, 1.0), "share", how), longest, 0.65)


def _missing(evidence: Evidence) -> float:
    """Share of requests that are missing in seconds which have clearly fewer than a typical one."""
    seconds = _full_seconds(evidence)
    typical = seconds.stat("median")
    if not typical:
        return 0.0
    gaps = [1 - count / typical for count in seconds.values if count < DIPS * typical]
    return sum(gaps) / len(seconds)


def _full_seconds(evidence: Evidence) -> Series:
    """Requests of the seconds in which iterations could begin and all users were there."""
    users = evidence.signal("load.vus")
    if not users:
        return Series()
    there = {at for at, count in users if count >= FULL * max(users.values)}
    begun = evidence.signal("load.requests").between(0.0, pacing.limit(evidence).value)
    pairs = [(at, count) for at, count in begun if at in there]
    return Series(tuple(at for at, _ in pairs), tuple(count for _, count in pairs))
