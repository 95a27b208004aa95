"""Failures for the tests of rules."""

from dataclasses import replace
from typing import Any

from cases import NAME, healthy, per_second, trend

from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Reading
from sonagi.model.series import Series
from sonagi.model.traffic import Endpoint, FailureKind, Failures, LogTemplate, Trend


def narrow(low: float, high: float) -> Trend:
    """Times between `low` and `high` ms."""
    middle = Reading.exact((low + high) / 2)
    return Trend(middle, Reading.exact(low), middle, Reading.exact(high))


def failures(kind: FailureKind, by_second: Series, *, method: str = "GET", **more: Any) -> Failures:
    """As many as `by_second` has."""
    count = round(by_second.stat("sum") or 0)
    return replace(Failures(kind, method, NAME, count, by_second=by_second), **more)


def failing(*parts: Failures, offered: Series | None = None, **changes: Any) -> Evidence:
    """A run with these failures, its totals and seconds in accordance."""
    offered = offered or per_second(lambda _: 99)
    requests = round(offered.stat("sum") or 0)
    failed = sum(part.count for part in parts)
    lost = {at: sum(dict(part.by_second).get(at, 0.0) for part in parts) for at in offered.at}
    signals = {
        "load.requests": offered,
        "load.failed": Series(offered.at, tuple(lost.values())),
        "load.ok": Series(offered.at, tuple(count - lost[at] for at, count in offered)),
        **changes.pop("signals", {}),
    }
    endpoints = changes.pop(
        "endpoints", (Endpoint(parts[0].method, NAME, requests, failed, trend(10.0), parts[0].duration),)
    )
    whole = {"requests": requests, "failed": failed, "failures": parts, "endpoints": endpoints}
    return healthy(signals=signals, **whole | changes)


def line(signature: str, count: int, text: str, **more: Any) -> LogTemplate:
    """A template of a log that was seen from second 1 on."""
    return replace(LogTemplate(signature, text, count, 1.0, text, "ERROR"), **more)
