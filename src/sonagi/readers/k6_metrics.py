"""Lines of k6's summary that hold a metric, in the layouts before and since 1.0."""

import re
from dataclasses import dataclass

from sonagi.model.quantity import Reading
from sonagi.model.traffic import Goal, Trend
from sonagi.readers import numbers
from sonagi.readers.summary import Summary

_LINE = re.compile(
    r"^[\s>|]*(?P<mark>[✓✗√×✔✘]?)\s*(?:(?P<name>[A-Za-z_]\w{0,127})|\{\s*(?P<tags>[^{}]{1,300}?)\s*\})\s*"
    r"\.{2,}\s*:\s*(?P<value>.{1,400}?)\s*$"
)
_STAT = re.compile(r"(avg|min|med|max|count|p\(\d{1,3}(?:\.\d{1,6})?\))=(\S+)")
_MORE = re.compile(r"^\s+(?:(?:avg|min|med|max|count|p\([\d.]+\))=\S+\s*)+$")
_OLD_RATE = re.compile(r"%\s+[✓√✔]\s*(\d{1,15})\s+[✗×✘]\s*(\d{1,15})")
_NEW_RATE = re.compile(r"%\s+(\d{1,15})\s*(?:out of|/)\s*(\d{1,15})")
_GAUGE = re.compile(r"^([^\s=]+)\s+min=(\S+)\s+max=(\S+)")
_PER_SECOND = re.compile(r"^\d{1,15}(?:\.\d{1,9})?\s+(\d{1,15}(?:\.\d{1,9})?)/s$")
_GOAL = re.compile(r"^[\s>|]*(?P<mark>[✓✗√×✔✘])\s*'(?P<source>[^']{1,200})'\s+(?P<seen>.*)")
HELD = "✓√✔"


@dataclass(frozen=True, slots=True)
class Line:
    """A metric, or the tags of a sub-metric of the one above it, and what stands behind it."""

    mark: str
    name: str
    tags: str
    value: str


def line(text: str) -> Line | None:
    """None for a line that holds no metric."""
    match = _LINE.match(text)
    if match is None:
        return None
    tags = ",".join(re.sub(r"\s*:\s*", ":", tag.strip(), count=1) for tag in (match["tags"] or "").split(","))
    return Line(match["mark"], match["name"] or "", tags, match["value"])


def continues(text: str) -> bool:
    """Whether a narrow terminal broke the trend above here."""
    return _MORE.match(text) is not None


def goal(text: str, metric: str) -> Goal | None:
    """A threshold of `metric` as the new layout shows it."""
    match = _GOAL.match(text)
    return Goal(metric, match["mark"] in HELD, match["source"]) if match else None


def take(summary: Summary, metric: str, value: str, contains_time: bool = True) -> None:
    """Put a metric where its value shows that it belongs."""
    stats = _STAT.findall(value)
    rate = _rate(value)
    gauge = _GAUGE.match(value)
    if rate is not None:
        summary.rates[metric] = rate
    elif gauge is not None:
        shown = [_reading(part) for part in gauge.groups()]
        if all(shown):
            summary.gauges[metric] = (shown[0].value, shown[1].value, shown[2].value)  # type: ignore[union-attr]
    elif stats:
        summary.trends[metric] = _trend(summary.trends.get(metric, Trend()), stats)
        if contains_time and any(numbers.time(text) is not None for _, text in stats):
            summary.times.add(metric)
    elif (reading := _reading(value)) is not None:
        summary.counters[metric] = reading
        if (per_second := _PER_SECOND.match(value)) is not None:
            summary.per_second[metric] = float(per_second[1])


def _rate(value: str) -> tuple[int, int] | None:
    """(trues, total) of "0.08%  ✓ 98 ✗ 118702", where ✓ counts what was true, or "0.08% 98 out of 118800"."""
    old = _OLD_RATE.search(value)
    if old:
        return int(old[1]), int(old[1]) + int(old[2])
    new = _NEW_RATE.search(value)
    return (int(new[1]), int(new[2])) if new else None


def _trend(seen: Trend, stats: list[tuple[str, str]]) -> Trend:
    """A trend from what is shown of it, with what a line above has shown already."""
    found = {name: reading for name, text in stats if (reading := _reading(text)) is not None}
    count = found.get("count")
    return Trend(
        found.get("avg", seen.avg),
        found.get("min", seen.min),
        found.get("med", seen.med),
        found.get("max", seen.max),
        {**seen.percentiles, **{float(n[2:-1]): reading for n, reading in found.items() if n[0] == "p"}},
        round(count.value) if count else seen.count,
    )


def _reading(text: str) -> Reading | None:
    """A time, a size, or a number."""
    return numbers.time(text.split()[0]) or numbers.size(text) or numbers.plain(text) if text else None
