"""Metrics as lines: sorted into k6's sections, with k6's columns."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sonagi.locale import text
from sonagi.model.metrics import BUILTIN
from sonagi.model.result import Result, ThresholdResult
from sonagi.plan.threshold import trend_value
from sonagi.report import cells
from sonagi.report import format as fmt

# k6's compact summary leaves these out; generator_lag has a line of its own.
HIDDEN = frozenset(
    [f"http_req_{part}" for part in ("blocked", "looking_up", "connecting", "tls_handshaking", "total")]
    + [f"http_req_{part}" for part in ("sending", "waiting", "receiving")]
    + ["generator_lag", "group_duration", "checks"]
)
# No part of any section: they have lines of their own, or none.
UNSHOWN = frozenset(["generator_lag", "group_duration", "checks"])
SECTIONS = (
    ("HTTP", ("http_",)),
    ("WEBSOCKET", ("ws_", "sse_")),
    ("MEASURED", ("measure_",)),
    ("EXECUTION", ("iteration", "dropped_", "vus")),
    ("NETWORK", ("data_",)),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A metric, or one of its sub-metrics, and its columns."""

    label: str
    columns: tuple[str, ...]


def sections(
    result: Result, *, full: bool = False, within: Mapping[str, str] | None = None
) -> Iterable[tuple[str, list[Line]]]:
    """(title, lines) of each section that has any: the script's own metrics first, as k6 does. `full`
    has the parts of a request too; `within` counts only what carries these tags."""
    seen = result.measurements.metrics()
    hidden = UNSHOWN if full else HIDDEN
    custom = [entry for entry in seen if entry[0] not in BUILTIN]
    yield "CUSTOM", _lines(result, custom, within or {})
    for title, prefixes in SECTIONS:
        mine = [entry for entry in seen if entry[0] in BUILTIN and entry[0].startswith(prefixes)]
        yield title, _lines(result, [entry for entry in mine if entry[0] not in hidden], within or {})


def _lines(result: Result, metrics: list[tuple[str, str, str]], within: Mapping[str, str]) -> list[Line]:
    lines = []
    for name, kind, contains in metrics:
        if kind == "counter" and name not in ("http_reqs", "iterations") and not result.count(name, **within):
            continue
        cells_ = columns(result, name, kind, contains, within)
        if not cells_:
            continue
        lines.append(Line(name, cells_))
        subs = {tuple(t.tags.items()): t.tags for t in result.thresholds if t.metric == name and t.tags}
        if name == "http_req_duration":
            subs = {(("expected_response", "true"),): {"expected_response": "true"}} | subs
        for tags in () if within else subs.values():
            inside = ",".join(f"{key}:{value}" for key, value in tags.items())
            cells_ = columns(result, name, kind, contains, tags)
            if cells_:
                lines.append(Line(f"  {{ {inside} }}", cells_))
    return lines


def too_few(result: Result, threshold: ThresholdResult) -> int | None:
    """How many values a percentile was taken of, where they are so few that it is no more than the largest:
    of 19 values none lies above p(95)."""
    percentile = re.fullmatch(r"p\(([0-9.]+)\)", threshold.aggregation)
    if percentile is None or " over " in threshold.source:
        return None
    above = 1 - float(percentile.group(1)) / 100
    trend = result.measurements.trend(threshold.metric, threshold.tags)
    # A whole value has to lie above; not quite, since 20 x (1 - 0.95) is a little less than 1.
    return trend.count if trend is not None and 0 < trend.count * above < 1 - 1e-9 else None


def observed(result: Result, threshold: ThresholdResult) -> str:
    """What a threshold looked at, as its metric is shown; "" when nothing was measured."""
    if threshold.observed is None:
        return ""
    kinds = {name: (kind, contains) for name, kind, contains in result.measurements.metrics()}
    kind, contains = kinds[threshold.metric]
    if kind == "rate":
        return fmt.percent(threshold.observed)
    if kind == "counter" and threshold.aggregation == "rate":
        return fmt.rate(threshold.observed, contains)
    return fmt.value(threshold.observed, contains)


def columns(result: Result, name: str, kind: str, contains: str, tags: Mapping[str, str]) -> tuple[str, ...]:
    """The values of a metric as k6 shows them; empty when nothing was measured."""
    numbers = result.measurements
    if kind == "trend":
        trend = numbers.trend(name, tags)
        if trend is None or not trend.count:
            return ()
        return tuple(_stat(stat, trend_value(trend, stat), contains) for stat in result.trend_stats)
    if kind == "rate":
        share = numbers.rate(name, tags)
        if share is None:
            return ()
        return (
            fmt.percent(share[0] / max(share[1], 1)),
            f"{share[0]} {text('report.out_of', total=share[1])}",
        )
    if kind == "gauge":
        gauge = numbers.gauge(name, tags)
        if gauge is None:
            return ()
        last, low, high = (fmt.value(value, contains) for value in gauge)
        return (last, f"min={low}", f"max={high}")
    total = numbers.counter(name, tags)
    if total is None:
        return ()
    return (fmt.value(total, contains), fmt.rate(total / max(result.seconds, 1e-9), contains))


def _stat(stat: str, value: float, contains: str) -> str:
    return f"{stat}={fmt.number(value) if stat == 'count' else fmt.value(value, contains)}"


def aligned(lines: list[Line], indent: str, room: int = 0, width: int = 0) -> list[str]:
    """Lines under each other: dotted labels, columns of equal width. What goes beyond `width`, if one is
    given, goes on below."""
    label = max([cells.width(line.label) for line in lines] + [room])
    count = max((len(line.columns) for line in lines), default=0)
    # Trends share their columns; counters and rates have two of their own.
    wide = [
        max(
            (cells.width(line.columns[at]) for line in lines if len(line.columns) > at and _is_wide(line)),
            default=0,
        )
        for at in range(count)
    ]
    narrow = [
        max(
            (
                cells.width(line.columns[at])
                for line in lines
                if len(line.columns) > at and not _is_wide(line)
            ),
            default=0,
        )
        for at in range(count)
    ]
    out = []
    for line in lines:
        widths = wide if _is_wide(line) else narrow
        begin = f"{indent}{cells.pad(line.label, label, '.')}...:"
        here = begin
        for at, cell in enumerate(line.columns):
            if width and here.strip() and cells.width(here) + 1 + cells.width(cell) > width:
                out.append(here.rstrip())
                here = " " * cells.width(begin)
            here += f" {cells.pad(cell, widths[at])}"
        out.append(here.rstrip())
    return out


def _is_wide(line: Line) -> bool:
    return "=" in line.columns[0] if line.columns else False
