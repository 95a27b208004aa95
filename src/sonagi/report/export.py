"""`--summary-export`: the numbers as JSON, in the shape that k6 gives to handleSummary()."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sonagi.model.result import Result
from sonagi.plan.problems import PlanError, Problem
from sonagi.plan.threshold import trend_value
from sonagi.report import findings_json


class Output:
    """A file that is opened before the run, so that what cannot be written is known in time, and put
    in place whole at the end. `flag` is what asked for it. Raises PlanError."""

    def __init__(self, flag: str, path: str, render: Callable[[Result], str]) -> None:
        self.path = Path(path)
        self.render = render
        self.draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            if self.path.is_dir():
                raise IsADirectoryError(21, os.strerror(21))
            self.file = self.draft.open("w", encoding="utf-8")
        except OSError as error:
            values = {"path": path, "reason": error.strerror}
            raise PlanError([Problem("unwritable", flag, values)]) from None

    def write(self, result: Result) -> None:
        """Write `result`, replacing what was there. Raises OSError, leaving that as it was."""
        try:
            with self.file:
                self.file.write(self.render(result))
            self.draft.replace(self.path)
        except OSError:
            self.draft.unlink(missing_ok=True)
            raise

    def discard(self) -> None:
        """Leave what was there as it was."""
        self.file.close()
        self.draft.unlink(missing_ok=True)


def as_json(result: Result) -> str:
    """`handle_summary` as text."""
    return json.dumps(handle_summary(result), indent=2, ensure_ascii=False, allow_nan=False)


def handle_summary(result: Result) -> dict[str, Any]:
    """k6's `data`: metrics, groups with their checks, options, state, setup data."""
    metrics: dict[str, Any] = {}
    for name, kind, contains in result.measurements.metrics():
        if name == "generator_lag":
            for phase in ("taken", "resumed"):
                _put(metrics, result, name, kind, contains, {"phase": phase})
        _put(metrics, result, name, kind, contains, {})
    _put(metrics, result, "http_req_duration", "trend", "time", {"expected_response": "true"})
    for threshold in result.thresholds:
        found = [entry for entry in result.measurements.metrics() if entry[0] == threshold.metric]
        for name, kind, contains in found:
            _put(metrics, result, name, kind, contains, threshold.tags)
        if threshold.name in metrics:
            metrics[threshold.name].setdefault("thresholds", {})[threshold.source] = {"ok": threshold.ok}
    return {
        "root_group": _group("", "", result),
        "options": {
            "summaryTrendStats": list(result.trend_stats),
            "summaryTimeUnit": "",
            "noColor": False,
        },
        "state": {"isStdOutTTY": False, "isStdErrTTY": False, "testRunDurationMs": result.seconds * 1000},
        "metrics": metrics,
        "setup_data": result.setup_data,
        "sonagi": {
            "exit_code": result.exit_code,
            "stopped_by": result.stopped_by,
            "stamps": result.generator.stamps,
            "generator_cpu_seconds": result.generator.cpu_seconds,
            "generator_cpu_share": result.generator.cpu_share,
            "generator_rss_bytes": result.generator.rss_bytes,
            "iterations_interrupted": result.iterations_interrupted,
            "errors": [
                {"kind": error.kind, "message": error.message, "place": error.place, "count": error.count}
                for error in result.errors
            ],
            **(findings_json.as_dict(result.diagnosis) if result.diagnosis else {}),
        },
    }


def _put(
    metrics: dict[str, Any], result: Result, name: str, kind: str, contains: str, tags: Mapping[str, str]
) -> None:
    values = _values(result, name, kind, tags)
    if values is not None:
        inside = ",".join(f"{key}:{text}" for key, text in tags.items())
        full = f"{name}{{{inside}}}" if inside else name
        metrics.setdefault(full, {"type": kind, "contains": contains, "values": values})


def _values(result: Result, name: str, kind: str, tags: Mapping[str, str]) -> dict[str, float] | None:
    numbers = result.measurements
    if kind == "trend":
        trend = numbers.trend(name, tags)
        if trend is None or not trend.count:
            return None
        return {stat: trend_value(trend, stat) for stat in result.trend_stats}
    if kind == "rate":
        rate = numbers.rate(name, tags)
        if rate is None:
            return None
        return {"rate": rate[0] / max(rate[1], 1), "passes": rate[0], "fails": rate[1] - rate[0]}
    if kind == "gauge":
        gauge = numbers.gauge(name, tags)
        return None if gauge is None else {"value": gauge[0], "min": gauge[1], "max": gauge[2]}
    total = numbers.counter(name, tags)
    return None if total is None else {"count": total, "rate": total / max(result.seconds, 1e-9)}


def _group(path: str, name: str, result: Result) -> dict[str, Any]:
    """A group of k6's tree, with its checks and the groups inside."""
    numbers = result.measurements
    paths = {tags.get("group", "") for tags in numbers.series("checks") + numbers.series("group_duration")}
    inner = sorted(
        {f"{path}::{_first(other[len(path) + 2 :])}" for other in paths if other.startswith(f"{path}::")}
    )
    checks = []
    for check in sorted({t["check"] for t in numbers.series("checks") if t.get("group", "") == path}):
        rate = numbers.rate("checks", {"group": path, "check": check}) or (0, 0)
        full = f"{path}::{check}"
        checks.append(
            {"name": check, "path": full, "id": _id(full), "passes": rate[0], "fails": rate[1] - rate[0]}
        )
    groups = [_group(other, other.rsplit("::", 1)[1], result) for other in inner]
    return {"name": name, "path": path, "id": _id(path), "groups": groups, "checks": checks}


def _first(rest: str) -> str:
    return rest.split("::", 1)[0]


def _id(path: str) -> str:
    return hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()
