"""Percentiles that are the timeout: nobody waited longer, so that the truth is that long or longer."""

from itertools import pairwise

from sonagi.diagnose.intervals import Times, percentile, survival
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind, Failures, Trend

CAUSE = "C13"
AT = 0.99, 1.02
"""Share of the timeout between which a time is the timeout; k6 shows minutes in whole seconds."""
ASKED = (50.0, 90.0, 95.0, 99.0)
"""Percentiles that people read."""


def look(evidence: Evidence) -> Finding | None:
    """By the summary's percentiles; counts of timeouts say it exactly where there are any."""
    limit = evidence.timeout * 1000
    shown = _shown(evidence.trend("http_req_duration"))
    cut = [percent for percent, value in shown.items() if AT[0] * limit <= value <= AT[1] * limit]
    if not cut:
        return None
    counted = _timed_out(evidence)
    least = _least(evidence, min(cut), counted)
    values = {
        "percentiles": ", ".join(f"p{percent:g}" for percent in cut),
        "timeout": Quantity(evidence.timeout, "s", "timeout"),
        "least": least,
        "most": _most(evidence, limit, counted),
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.99 if counted or len(cut) > 1 else 0.9,
        Said("validity.c13_title", values),
        (
            Proof(Said("validity.c13_counted" if counted else "validity.c13_bounds", values), "arithmetic"),
            *_known(evidence, shown, cut),
        ),
        Said("validity.c13_action", values),
        weight=least.value,
        voids=tuple(f"http_req_duration p({percent:g})" for percent in cut),
        verdict=Verdict.SUSPECT,
    )


def _shown(trend: Trend) -> dict[float, float]:
    median = {50.0: trend.med.value} if trend.med else {}
    return median | {percent: trend.percentiles[percent].value for percent in sorted(trend.percentiles)}


def _timed_out(evidence: Evidence) -> list[Failures]:
    """Requests that were sent and ended by the timeout, before or in the middle of their answer."""
    limit = evidence.timeout * 1000
    return [
        one
        for one in evidence.failures
        if one.kind is FailureKind.TIMEOUT
        or (one.kind is FailureKind.CUT_OFF and one.duration.med and one.duration.med.value >= AT[0] * limit)
    ]


def _least(evidence: Evidence, lowest: float, counted: list[Failures]) -> Quantity:
    if counted and evidence.requests:
        count = sum(one.count for one in counted)
        return Quantity(count / evidence.requests, "share", "sum(failures.count) / requests")
    return Quantity(1 - lowest / 100, "share", f"1 - {lowest / 100:g}")


def _most(evidence: Evidence, limit: float, counted: list[Failures]) -> Quantity:
    """No more can have timed out than the mean has room for."""
    average = evidence.trend("http_req_duration").avg
    if counted or average is None:
        return _least(evidence, 0.0, counted)
    return Quantity(min(average.high / limit, 1.0), "share", "http_req_duration.avg / (timeout * 1000)")


def _known(evidence: Evidence, shown: dict[float, float], cut: list[float]) -> list[Proof]:
    """The highest percentile that the timeout left whole."""
    times = _times(evidence)
    if times:
        curve = survival(times)
        known = {percent: value for percent in ASKED if (value := percentile(curve, percent)) is not None}
        how = "kaplan_meier(endpoints.ok, failures)"
    else:
        known = {percent: value for percent, value in shown.items() if percent < min(cut)}
        how = "http_req_duration"
    if not known:
        return []
    highest = max(known)
    values = {"percentile": f"p{highest:g}", "value": Quantity(known[highest], "ms", f"{how}.p{highest:g}")}
    return [Proof(Said("validity.c13_known", values), "arithmetic")]


def _times(evidence: Evidence) -> list[Times]:
    """Successes at the percentiles that are known of them, timeouts where they were cut: with timeouts of
    different lengths, neither a sample's rank nor its time says more."""
    cut = [
        Times(one.duration.med.value if one.duration.med else evidence.timeout * 1000, cut=one.count)
        for one in _timed_out(evidence)
    ]
    ended = [
        Times(value, ended=(percent - below) / 100 * (endpoint.requests - endpoint.failed))
        for endpoint in evidence.endpoints
        for below, percent, value in _steps(endpoint.ok)
    ]
    return ended + cut if cut and ended else []


def _steps(trend: Trend) -> list[tuple[float, float, float]]:
    """(percentile before, percentile, its value), up to the greatest."""
    shown = _shown(trend) | ({100.0: trend.max.value} if trend.max else {})
    percents = sorted(shown)
    return [(below, percent, shown[percent]) for below, percent in pairwise([0.0, *percents])]
