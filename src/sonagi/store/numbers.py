"""Totals as evidence: every trend with what is known of it, kinds of requests, checks, goals."""

import re
from collections.abc import Iterable

from sonagi._core import Totals
from sonagi.model.metrics import BUILTIN
from sonagi.model.result import ThresholdResult
from sonagi.model.traffic import Check, Endpoint, Goal, Trend
from sonagi.store.traffic import sampled

PERCENTILES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9)
ENDPOINTS = 200
"""Kinds of requests that are told apart; the most frequent ones."""
SUCCESSES, FAILURES = {"expected_response": "true"}, {"expected_response": "false"}
_PERCENTILE = re.compile(r"p\(([0-9.]+)\)")


def percentiles(shown: Iterable[float], samples: int) -> tuple[float, ...]:
    """Those beyond which one of `samples` can lie, and those that the summary shows in any case."""
    told = [percent for percent in PERCENTILES if round(samples * (100 - percent), 6) >= 100]
    return tuple(sorted({*told, *shown}))


def shown_in(stats: Iterable[str]) -> tuple[float, ...]:
    """The percentiles among the columns of a summary."""
    return tuple(float(found.group(1)) for stat in stats if (found := _PERCENTILE.fullmatch(stat)))


def trends(totals: Totals, shown: tuple[float, ...]) -> dict[str, Trend]:
    """Every trend; that of requests also for their successes alone."""
    found = {}
    for metric, kind, _ in totals.metrics():
        if kind == "trend":
            found[metric] = _trend(totals, metric, {}, shown)
    successes = _trend(totals, "http_req_duration", SUCCESSES, shown)
    if successes.count:
        found["http_req_duration{expected_response:true}"] = successes
    return found


def custom_times(totals: Totals) -> tuple[str, ...]:
    """The script's own metrics that are shown as times."""
    return tuple(
        metric
        for metric, kind, contains in totals.metrics()
        if metric not in BUILTIN and kind == "trend" and contains == "time"
    )


def rates(totals: Totals) -> dict[str, tuple[int, int]]:
    """Every rate: (trues, total)."""
    return {metric: totals.rate(metric) or (0, 0) for metric, kind, _ in totals.metrics() if kind == "rate"}


def counters(totals: Totals) -> dict[str, float]:
    """Every counter's sum."""
    return {
        metric: totals.counter(metric) or 0.0 for metric, kind, _ in totals.metrics() if kind == "counter"
    }


def kinds_of_requests(totals: Totals) -> list[dict[str, str]]:
    """Method and name of each kind there was."""
    pairs = {(tags.get("method", ""), tags.get("name", "")) for tags in totals.series("http_reqs")}
    return [{"method": method, "name": name} for method, name in sorted(pairs)]


def endpoints(totals: Totals, kinds: list[dict[str, str]], shown: tuple[float, ...]) -> tuple[Endpoint, ...]:
    """The most frequent kinds of requests, successes and failures apart."""
    counted = [(totals.counter("http_reqs", tags) or 0.0, tags) for tags in kinds]
    counted.sort(key=lambda one: (-one[0], one[1]["name"], one[1]["method"]))
    return tuple(
        Endpoint(
            tags["method"],
            tags["name"],
            int(count),
            (totals.rate("http_req_failed", tags) or (0, 0))[0],
            _trend(totals, "http_req_duration", {**tags, **SUCCESSES}, shown),
            _trend(totals, "http_req_duration", {**tags, **FAILURES}, shown),
        )
        for count, tags in counted[:ENDPOINTS]
    )


def checks(totals: Totals) -> tuple[Check, ...]:
    """Each check of each group."""
    names = sorted({(tags.get("group", ""), tags["check"]) for tags in totals.series("checks")})
    found = []
    for group, name in names:
        held, total = totals.rate("checks", {"group": group, "check": name}) or (0, 0)
        path = f"{group.removeprefix('::').replace('::', ' › ')} › " if group else ""
        found.append(Check(f"{path}{name}", held, total - held))
    return tuple(found)


def goals(totals: Totals, thresholds: Iterable[ThresholdResult]) -> tuple[Goal, ...]:
    """Each threshold, and of how many samples it speaks."""
    return tuple(
        Goal(one.name, one.ok, one.source, 0 if one.no_data else _samples(totals, one.metric, dict(one.tags)))
        for one in thresholds
    )


def _samples(totals: Totals, metric: str, tags: dict[str, str]) -> int | None:
    trend = totals.trend(metric, tags)
    if trend is not None:
        return trend.count
    rate = totals.rate(metric, tags)
    return rate[1] if rate is not None else None


def _trend(totals: Totals, metric: str, tags: dict[str, str], shown: tuple[float, ...]) -> Trend:
    found = totals.trend(metric, tags)
    return Trend() if found is None else sampled(found, percentiles(shown, found.count))
