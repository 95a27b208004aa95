"""`--out json` and `--out csv`: each sample as a line, written while the run goes on."""

import json
import time
from collections.abc import Sequence
from typing import Any

from sonagi._core import SampleLines
from sonagi.model.result import Notice
from sonagi.plan.threshold import Threshold
from sonagi.sinks.stream import STDOUT, Stream

FORMS = ("json", "csv")
STAMPS = ("unix", "unix_milli", "unix_micro", "unix_nano", "rfc3339", "rfc3339_nano")
"""How a CSV's timestamps may be written; k6's names."""


class SampleOutput:
    """One file of samples. Raises OSError when it cannot be opened."""

    def __init__(self, form: str, path: str, stamp: str = "unix") -> None:
        self.form = form
        self.stamp = stamp
        self.stream = Stream(path)
        self.lines = SampleLines(form, {}, stamp)
        self.told = False

    def begin(self, thresholds: Sequence[Threshold]) -> None:
        """The run is planned: what stands above all samples."""
        self.lines = SampleLines(self.form, _described(thresholds), self.stamp)
        self.stream.begin()
        self.stream.write(self.lines.head())

    def hear(self, message: bytes) -> None:
        """Samples of a worker. Raises ValueError for what no worker sends."""
        if self.stream.failure is not None:
            return  # nobody would read the lines
        self.stream.write(self.lines.render(message))

    def gauge(self, metric: str, value: float) -> None:
        """A sample of the coordinator's own, taken now."""
        self.stream.write(self.lines.point(metric, "gauge", time.time_ns(), value))

    def trouble(self) -> Notice | None:
        """What is to be said of this output, once."""
        failure = self.stream.failure
        if self.told or not self.failed:
            return None
        self.told = True
        if failure is not None:
            return Notice("run.output_failed", {"path": self.stream.path, "reason": failure.strerror})
        return Notice("run.output_slow", {"path": self.stream.path})

    @property
    def on_stdout(self) -> bool:
        return self.stream.path == STDOUT

    @property
    def failed(self) -> bool:
        """Whether anything is missing there."""
        return self.stream.failure is not None or self.stream.left_out > 0

    def discard(self) -> None:
        """There was no run: leave the file as it was."""
        self.stream.discard()

    def close(self) -> None:
        """Write what waits, and close."""
        self.stream.close()


def _described(thresholds: Sequence[Threshold]) -> dict[str, str]:
    """By metric, what its `Metric` line says of thresholds: its own sources, and its sub-metrics."""
    own: dict[str, list[str]] = {}
    parts: dict[str, dict[str, Any]] = {}
    for threshold in thresholds:
        own.setdefault(threshold.metric, [])
        if not threshold.tags:
            own[threshold.metric].append(threshold.source)
            continue
        suffix = ",".join(f"{key}:{value}" for key, value in threshold.tags.items())
        part = {"name": f"{threshold.metric}{{{suffix}}}", "suffix": suffix, "tags": dict(threshold.tags)}
        parts.setdefault(threshold.metric, {})[suffix] = part
    return {
        metric: json.dumps(
            {"thresholds": sources, "submetrics": list(parts.get(metric, {}).values()) or None},
            separators=(",", ":"),
        )[1:-1]
        for metric, sources in own.items()
    }
