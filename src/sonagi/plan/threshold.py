"""Thresholds: k6's grammar, and what is true at the end.

    "http_req_duration{status:200}": ["p(95)<500", "avg < 200 over 30s"]
    "http_req_failed": [{"threshold": "rate<0.01", "abort_on_fail": True, "delay_abort_eval": "10s"}]

`aggregation ws* operator ws* number` (k6, metrics/thresholds_parser.go). Unlike k6, a threshold
without samples is not met: no data is never a pass. With `over 30s` it has to hold in each span of 30
seconds, not only over the whole run.
"""

import math
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sonagi.model.measurements import Distribution, Measurements
from sonagi.model.metrics import BUILTIN
from sonagi.model.result import ThresholdResult
from sonagi.plan.duration import parse_duration
from sonagi.plan.problems import Problem, unknown

AGGREGATIONS = {
    "counter": ("count", "rate"),
    "gauge": ("value",),
    "rate": ("rate",),
    "trend": ("avg", "min", "med", "max", "p(N)"),
}
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "===": operator.eq,
    "!=": operator.ne,
}
# Neither NaN nor an infinity is a limit: a condition on one is always met, or never.
_EXPRESSION = re.compile(
    r"([a-z]+(?:\(\s*[0-9.]+\s*\))?)\s*(<=|>=|===|==|!=|<|>)\s*"
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?:\s+over\s+(\S+))?"
)
_KEYS = {
    "threshold": "threshold",
    "abort_on_fail": "abort_on_fail",
    "delay_abort_eval": "delay_abort_eval",
    "abortOnFail": "abort_on_fail",
    "delayAbortEval": "delay_abort_eval",
}
_PERCENTILE = re.compile(r"p\(([0-9]+(?:\.[0-9]+)?)\)")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition on one metric, or on its series that carry `tags`."""

    metric: str
    tags: Mapping[str, str]
    aggregation: str
    comparison: str
    value: float
    source: str
    over: float | None = None
    """Seconds of the window in which it has to hold; None for the whole run."""
    abort_on_fail: bool = False
    delay_abort_eval: float = 0.0
    """Seconds for which a failure does not end the run."""

    def is_met(self, observed: float) -> bool:
        return not math.isnan(observed) and _OPERATORS[self.comparison](observed, self.value)


def parse(
    key: str, given: object, kinds: Mapping[str, str], scenarios: Collection[str] | None = None
) -> Threshold | Problem:
    """A threshold of the script. `kinds` are the custom metrics, name → kind; `scenarios` those that
    there are."""
    where = f"thresholds.{key}"
    name, tags = _split_key(key)
    if tags is None:
        return Problem("threshold_tags", where, {"key": key})
    known = {metric: entry.kind.value for metric, entry in BUILTIN.items()} | dict(kinds)
    if name not in known:
        return unknown(name, known, where, "threshold_metric")
    if scenarios is not None and tags.get("scenario", next(iter(scenarios), "")) not in scenarios:
        return unknown(tags["scenario"], scenarios, where, "threshold_scenario")
    more = _switches(given, where)
    if isinstance(more, Problem):
        return more
    source, switches = more
    match = _EXPRESSION.fullmatch(source.strip()) if isinstance(source, str) else None
    if match is None or not isinstance(source, str) or not math.isfinite(float(match.group(3))):
        return Problem("threshold", where, {"source": source})
    aggregation, comparison = "".join(match.group(1).split()), match.group(2)
    if not _fits(aggregation, known[name]):
        valid = ", ".join(AGGREGATIONS[known[name]])
        values = {"source": source, "aggregation": aggregation, "kind": known[name], "valid": valid}
        return Problem("threshold_aggregation", where, values)
    over = _window(match.group(4))
    if over is not None and over < 1:
        return Problem("threshold_window", where, {"source": source})
    return Threshold(
        name, tags, aggregation, comparison, float(match.group(3)), source.strip(), over, **switches
    )


def _switches(given: object, where: str) -> tuple[object, dict[str, Any]] | Problem:
    """k6's long form: {"threshold": …, "abort_on_fail": …, "delay_abort_eval": …}."""
    if not isinstance(given, Mapping):
        return given, {}
    for name in given:
        if name not in _KEYS:
            return unknown(str(name), _KEYS, where, "option")
    plain = {_KEYS[name]: value for name, value in given.items()}
    source = plain.pop("threshold", None)
    if not isinstance(plain.get("abort_on_fail", False), bool):
        return Problem("switch", f"{where}.abort_on_fail", {"value": repr(plain["abort_on_fail"])})
    try:
        if "delay_abort_eval" in plain:
            plain["delay_abort_eval"] = parse_duration(plain["delay_abort_eval"])
    except ValueError as error:
        value = {"value": repr(plain["delay_abort_eval"])}
        return Problem(str(error), f"{where}.delay_abort_eval", value)
    return source, plain


def _window(written: str | None) -> float | None:
    """Seconds; 0 for what is no duration."""
    if written is None:
        return None
    try:
        return parse_duration(written)
    except ValueError:
        return 0.0


def _split_key(key: str) -> tuple[str, dict[str, str] | None]:
    """`metric{tag:value,tag2:value2}` → its parts; tags are None when they cannot be read."""
    name, brace, rest = key.partition("{")
    if not brace:
        return key.strip(), {}
    if not rest.endswith("}"):
        return name.strip(), None
    tags = {}
    for part in filter(None, (part.strip() for part in rest[:-1].split(","))):
        tag, colon, value = part.partition(":")
        if not colon or not tag.strip():
            return name.strip(), None
        tags[tag.strip()] = value.strip().strip("\"'")
    return name.strip(), tags


def _fits(aggregation: str, kind: str) -> bool:
    percentile = _PERCENTILE.fullmatch(aggregation)
    if percentile:
        return kind == "trend" and float(percentile.group(1)) <= 100
    return aggregation in AGGREGATIONS[kind]


def evaluate(threshold: Threshold, measurements: Measurements, seconds: float) -> ThresholdResult:
    """Whether `threshold` is met after a run of `seconds`."""
    return judge(threshold, observe(threshold, measurements, seconds))


def judge(threshold: Threshold, observed: float | None) -> ThresholdResult:
    """The result of having observed `observed`; None when nothing was measured."""
    if observed is not None and math.isnan(observed):
        observed = None  # "!=" would be true of it
    return ThresholdResult(
        threshold.metric,
        threshold.tags,
        threshold.source,
        threshold.aggregation,
        observed,
        observed is not None and threshold.is_met(observed),
        _budget_used(threshold, observed),
    )


def _budget_used(threshold: Threshold, observed: float | None) -> float | None:
    """Of failures that `rate<0.01` allows: which share has been used up. 1 and more is all of it."""
    limits = threshold.aggregation == "rate" and threshold.comparison in ("<", "<=")
    if observed is None or not limits or not 0 < threshold.value < 1:
        return None
    return observed / threshold.value


def observe(threshold: Threshold, measurements: Measurements, seconds: float) -> float | None:
    """What the threshold looks at; None when nothing was measured."""
    metric, tags, aggregation = threshold.metric, threshold.tags, threshold.aggregation
    trend = measurements.trend(metric, tags)
    if trend is not None:
        return trend_value(trend, aggregation) if trend.count else None
    rate = measurements.rate(metric, tags)
    if rate is not None:
        return rate[0] / rate[1] if rate[1] else None
    gauge = measurements.gauge(metric, tags)
    if gauge is not None:
        return gauge[0]
    count = measurements.counter(metric, tags)
    if count is not None and aggregation == "rate":
        return count / seconds if seconds > 0 else None
    return count


def trend_value(distribution: Distribution, aggregation: str) -> float:
    """One of k6's aggregations of a distribution: avg, min, med, max, count, p(N)."""
    percentile = _PERCENTILE.fullmatch(aggregation)
    if percentile:
        return distribution.percentile(float(percentile.group(1)))
    if aggregation == "med":
        return distribution.percentile(50)
    name = {"avg": "mean"}.get(aggregation, aggregation)
    return float(getattr(distribution, name))


def is_trend_stat(name: str) -> bool:
    """Whether `name` may stand in summary_trend_stats."""
    percentile = _PERCENTILE.fullmatch(name)
    return name in ("avg", "min", "med", "max", "count") or (
        percentile is not None and float(percentile.group(1)) <= 100
    )
