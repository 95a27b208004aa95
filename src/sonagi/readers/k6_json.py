"""k6's numbers as one JSON document, in its three shapes; Sonagi's `--summary-export` is one of them.

`--summary-export` (flat, and its thresholds say whether they were *crossed*), what handleSummary() is given,
and `--new-machine-readable-summary`.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Check, Goal, Trend
from sonagi.readers.summary import Summary

MOST_CHECKS = 500
_LARGEST = 1e18


def looks_like(document: Any) -> bool:
    """Whether a JSON value is one of the three."""
    return _metrics_of(document) is not None


def read(document: Any, source: str) -> Evidence:
    """A run, from a document that looks like one."""
    summary = Summary()
    for name, kind, values, contains in _metrics_of(document) or ():
        _take(summary, name, kind, values, contains)
    _goals(summary, document)
    summary.checks = list(_checks(document))[:MOST_CHECKS]
    ours = document.get("sonagi") if isinstance(document.get("sonagi"), dict) else None
    facts = summary.facts() | _own(ours or {})
    tool = "k6" if ours is None else "sonagi"
    return Evidence(source=source, tool=tool, seconds=_seconds(document, summary), **facts)


_Entry = tuple[str, str, Mapping[str, Any], str]


def _metrics_of(document: Any) -> list[_Entry] | None:
    """(name, type, values, what it contains) of each metric; None for another kind of document."""
    if not isinstance(document, dict):
        return None
    metrics, results = document.get("metrics"), document.get("results")
    if isinstance(metrics, dict):
        found = [entry for name, metric in metrics.items() if (entry := _entry(name, metric)) is not None]
        return found or None
    if isinstance(results, dict) and isinstance(results.get("metrics"), list):
        listed = [*results["metrics"], *_list(_dict(results.get("checks")).get("metrics"))]
        named = [(one.get("name"), one) for one in listed if isinstance(one, dict)]
        found = [entry for name, metric in named if (entry := _entry(name, metric)) is not None]
        return found or None
    return None


def _entry(name: Any, metric: Any) -> _Entry | None:
    if not isinstance(name, str) or not isinstance(metric, dict):
        return None
    values = metric.get("values", metric)
    if not isinstance(values, dict):
        return None
    kind = metric.get("type") or _kind(values)
    return (name.replace(" ", ""), kind, values, str(metric.get("contains", ""))) if kind else None


def _kind(values: Mapping[str, Any]) -> str:
    """The type of a metric that doesn't say it: `--summary-export`'s."""
    if "avg" in values or any(key.startswith("p(") for key in values):
        return "trend"
    if "passes" in values:
        return "rate"
    if "value" in values:
        return "gauge"
    return "counter" if "count" in values else ""


def _take(summary: Summary, name: str, kind: str, values: Mapping[str, Any], contains: str) -> None:
    if kind == "trend":
        summary.trends[name] = _trend(values)
        # The flat shape doesn't say what a trend holds: k6's own are times.
        if contains == "time":
            summary.times.add(name)
    elif kind == "rate":
        trues = _number(values.get("passes", values.get("matches")))
        total = _number(values.get("total"))
        fails = _number(values.get("fails"))
        if trues is not None and (total is not None or fails is not None):
            summary.rates[name] = round(trues), round(total if total is not None else trues + (fails or 0.0))
    elif kind == "gauge":
        last = _number(values.get("value"))
        least, most = _number(values.get("min", last)), _number(values.get("max", last))
        if last is not None and least is not None and most is not None:
            summary.gauges[name] = (last, least, most)
    elif kind == "counter":
        count, rate = _number(values.get("count")), _number(values.get("rate"))
        if count is not None:
            summary.counters[name] = Reading.exact(count)
            if rate:
                summary.per_second[name] = rate


def _trend(values: Mapping[str, Any]) -> Trend:
    found = {
        key: Reading.exact(number) for key, value in values.items() if (number := _number(value)) is not None
    }
    percentiles = {}
    for key, reading in found.items():
        # "p(99.9)", or "p95" in the machine-readable shape
        percent = _percent(key)
        if percent is not None:
            percentiles[percent] = reading
    count = found.get("count")
    return Trend(
        found.get("avg"),
        found.get("min"),
        found.get("med"),
        found.get("max"),
        percentiles,
        round(count.value) if count else None,
    )


def _percent(key: str) -> float | None:
    digits = key[2:-1] if key.startswith("p(") and key.endswith(")") else key[1:] if key[:1] == "p" else ""
    try:
        return float(digits)
    except ValueError:
        return None


def _goals(summary: Summary, document: Mapping[str, Any]) -> None:
    for name, metric in _dict(document.get("metrics")).items():
        for source, result in _dict(_dict(metric).get("thresholds")).items():
            crossed = result if isinstance(result, bool) else not _dict(result).get("ok", True)
            clean = str(name).replace(" ", "")
            summary.goals.append(Goal(clean, not crossed, str(source), summary.samples(clean)))


def _checks(document: Mapping[str, Any]) -> Iterator[Check]:
    for check in _list(_dict(_dict(document.get("results")).get("checks")).get("results")):
        yield from _check(check)
    yield from _group_checks(_dict(document.get("root_group")), depth=0)


def _group_checks(group: Mapping[str, Any], depth: int) -> Iterator[Check]:
    """Checks of a group and of those within it; `--summary-export` has them by name, handleSummary listed."""
    for check in _either(group.get("checks")):
        yield from _check(check)
    for inner in _either(group.get("groups")) if depth < 50 else ():
        yield from _group_checks(_dict(inner), depth + 1)


def _check(check: Any) -> Iterator[Check]:
    passes, fails = _number(_dict(check).get("passes")), _number(_dict(check).get("fails"))
    if passes is not None and fails is not None:
        yield Check(str(check.get("name", "")), round(passes), round(fails))


def _seconds(document: Mapping[str, Any], summary: Summary) -> float | None:
    milliseconds = _number(_dict(document.get("state")).get("testRunDurationMs"))
    if milliseconds:
        return milliseconds / 1000
    config = _dict(document.get("config"))
    return _number(config.get("duration")) or summary.seconds


def _own(ours: Mapping[str, Any]) -> dict[str, Any]:
    """What Sonagi's export has beyond k6's."""
    if not ours:
        return {}
    interrupted = _number(ours.get("iterations_interrupted"))
    errors = [_dict(error) for error in _list(ours.get("errors"))]
    return {
        "interrupted": None if interrupted is None else round(interrupted),
        "stamps": str(ours.get("stamps", "")),
        "exceptions": tuple(
            (f"{error.get('kind')}: {error.get('message')} ({error.get('place')})", round(count))
            for error in errors
            if (count := _number(error.get("count"))) is not None
        ),
    }


def _number(value: Any) -> float | None:
    """A number that can be computed with; None for any other value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -_LARGEST < value < _LARGEST and isfinite(value) else None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _either(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else _list(value)
