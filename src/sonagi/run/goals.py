"""Thresholds while a run goes on: over windows of time, and those that end it."""

from collections import deque
from collections.abc import Mapping, Sequence

from sonagi._core import Histogram, Totals
from sonagi.model.result import ThresholdResult
from sonagi.plan.threshold import Threshold, evaluate, judge, observe, trend_value

Observation = tuple[float, Histogram | tuple[int, int] | float | None]
"""When (seconds since the start of load), and what one frame had: a distribution, (trues, total), a
sum or a value."""
Part = tuple[bytes, int]
"""A worker's frame, and of how many seconds it is: of one, unless the worker stood still."""


class Window:
    """One threshold over a sliding window: it has to hold in every full one that has data."""

    def __init__(self, threshold: Threshold) -> None:
        self.threshold = threshold
        self.seen: deque[Observation] = deque()
        self.worst: float | None = None
        self.failed = False
        self.counts = False

    def add(
        self, at: float, frame: Totals, late: Sequence[tuple[Totals, int]] = ()
    ) -> ThresholdResult | None:
        """What was measured in the second that ended `at` seconds after the start of load; `late` is what of
        that is of several seconds. Gives how the window that it ends was, when that is a full one with
        data."""
        self.seen.append((at, self._look(frame)))
        for part, seconds in late:
            self._share_out(self._look(part), seconds)
        span = self.threshold.over or 0.0
        while self.seen and self.seen[0][0] <= at - span:
            self.seen.popleft()
        # A second of slack: frames come each second, not on the second.
        observed = self._observe(span) if at >= span - 0.5 else None
        if observed is None:
            return None
        result = judge(self.threshold, observed)
        if not result.ok or (not self.failed and self._is_worse(observed)):
            self.worst, self.failed = observed, self.failed or not result.ok
        return result

    def result(self, totals: Totals, seconds: float) -> ThresholdResult:
        """The worst window; the whole run, when that was shorter than a window."""
        if self.worst is None:
            return evaluate(self.threshold, totals, seconds)
        return judge(self.threshold, self.worst)

    def _look(self, frame: Totals) -> Histogram | tuple[int, int] | float | None:
        metric, tags = self.threshold.metric, self.threshold.tags
        gauge = frame.gauge(metric, tags)
        if gauge is not None:
            return gauge[0]
        return frame.trend(metric, tags) or frame.rate(metric, tags) or frame.counter(metric, tags)

    def _share_out(self, value: Histogram | tuple[int, int] | float | None, seconds: int) -> None:
        """A sum in the last second was made in so many: each gets its part, so that none has the load of
        several."""
        if not isinstance(value, (int, float)) or self.threshold.aggregation == "value":
            return
        last = self.seen[-1][0]
        for place, (at, had) in enumerate(self.seen):
            if at > last - seconds:
                more = value / seconds - (value if at == last else 0.0)
                self.seen[place] = (at, more + (had if isinstance(had, (int, float)) else 0.0))

    def _observe(self, span: float) -> float | None:
        values = [value for _, value in self.seen if value is not None]
        trends = [value for value in values if isinstance(value, Histogram)]
        if trends:
            whole = Histogram()
            for trend in trends:
                whole.merge(trend)
            return trend_value(whole, self.threshold.aggregation) if whole.count else None
        rates = [value for value in values if isinstance(value, tuple)]
        if rates:
            total = sum(of for _, of in rates)
            return sum(trues for trues, _ in rates) / total if total else None
        plain = [value for value in values if isinstance(value, (int, float))]
        if self.threshold.aggregation == "value":
            return plain[-1] if plain else None
        # A counter that stands still is an answer; a rate or a trend without samples is none.
        self.counts = self.counts or bool(plain)
        if not self.counts:
            return None
        return sum(plain) if self.threshold.aggregation == "count" else sum(plain) / span

    def _is_worse(self, observed: float) -> bool:
        if self.worst is None:
            return True
        if self.threshold.comparison in (">", ">="):
            return observed < self.worst
        return observed > self.worst


class Goals:
    """All thresholds of a run."""

    def __init__(self, thresholds: Sequence[Threshold]) -> None:
        self.thresholds = thresholds
        self.windows = {at: Window(entry) for at, entry in enumerate(thresholds) if entry.over is not None}

    def hear(
        self, at: float, parts: Sequence[Part], totals: Totals, gauges: Mapping[str, float] | None = None
    ) -> ThresholdResult | None:
        """The second that ended `at` seconds after the start of load: frames of all workers, which `totals`
        has already, and the coordinator's own `gauges`. Gives a threshold that is not met and ends the
        run."""
        results: dict[int, ThresholdResult | None] = {}
        if self.windows:
            second, late = Totals(), []
            for frame, seconds in parts:
                second.merge(frame)
                if seconds > 1:
                    late.append((Totals(), seconds))
                    late[-1][0].merge(frame)
            for metric, value in (gauges or {}).items():
                second.add(metric, "gauge", "default", value)
            results = {place: window.add(at, second, late) for place, window in self.windows.items()}
        for place, threshold in enumerate(self.thresholds):
            if threshold.abort_on_fail and at >= threshold.delay_abort_eval:
                result = results.get(place) if threshold.over else _so_far(threshold, totals, at)
                if result is not None and not result.ok:
                    return result
        return None

    def results(self, totals: Totals, seconds: float) -> tuple[ThresholdResult, ...]:
        """How it ended, after a run of `seconds`."""
        return tuple(
            self.windows[place].result(totals, seconds)
            if place in self.windows
            else evaluate(threshold, totals, seconds)
            for place, threshold in enumerate(self.thresholds)
        )


def _so_far(threshold: Threshold, totals: Totals, at: float) -> ThresholdResult | None:
    # Nothing measured yet is no failure yet.
    observed = observe(threshold, totals, at)
    return None if observed is None else judge(threshold, observed)
