"""What workers say while load is made: frames and samples into the recording, the outputs and the goals."""

import time
from collections.abc import Callable, Sequence

from sonagi.model.result import ThresholdResult
from sonagi.model.watcher import Watcher
from sonagi.plan.plan import Plan
from sonagi.run.goals import Goals, Part
from sonagi.run.pace import Pace
from sonagi.run.samples import SampleOutput
from sonagi.run.saturation import Saturation
from sonagi.run.shares import Shares
from sonagi.store.recording import Recording


class Hearing:
    """Hears frames and samples. Each second, when all workers have told of it, it is shown and the goals are
    looked at; `on_second` hears then of a threshold that ends the run, or None."""

    def __init__(
        self,
        plan: Plan,
        recording: Recording,
        watcher: Watcher,
        outputs: Sequence[SampleOutput],
        shares: Shares,
        on_second: Callable[[ThresholdResult | None], None],
    ) -> None:
        self.plan = plan
        self.recording = recording
        self.watcher = watcher
        self.outputs = outputs
        self.shares = shares
        self.on_second = on_second
        self.goals = Goals(plan.thresholds)
        self.pace = Pace(recording.ledger, plan)
        self.saturation = Saturation(plan)
        self.began: float | None = None
        self.held: Callable[[], bool] = lambda: False
        self.pending: list[tuple[int, Part]] = []
        """Frames of seconds that are not whole yet, with the numbers of those."""
        self.gauges: dict[str, float] = {}
        """What the coordinator counted itself since the last second was whole."""
        self.counted = [one.name for one in plan.scenarios if one.iterations is not None]
        recording.ledger.on_notice, recording.ledger.on_gauge = watcher.notice, self._put_out

    def frame(self, frame: bytes) -> None:
        """A worker's second."""
        before = self._iterations()
        heard = self.recording.frame(frame)
        if heard is None:
            return
        if heard.ends_before:
            self._end_second()
        if self.began is not None and heard.told.second:
            self.pending.append((heard.told.second, (frame, max(round(heard.told.span_ns / 1e9), 1))))
        for name, count in self._iterations().items():
            self.shares.count(heard.told.head.worker, name, count - before[name])
        if heard.ends_with:
            self._end_second()

    def _iterations(self) -> dict[str, int]:
        """How many there are so far, of scenarios in which they are counted."""
        totals = self.recording.ledger.totals
        return {name: int(totals.counter("iterations", {"scenario": name}) or 0) for name in self.counted}

    def lose(self, worker: int) -> None:
        """A worker is gone: nobody waits for its second, and what it made in it is not missing."""
        self.saturation.forget()
        if self.recording.lose(worker):
            self._end_second()

    def end_load(self) -> None:
        """No second comes after this one, which may be a short one."""
        if self.pending and self.began is not None:
            self._end_second(time.monotonic() - self.began)
        self.began = None

    def _end_second(self, last: float | None = None) -> None:
        """The second that is whole now; or what is left of the load, which ended `last` seconds after its
        start."""
        if self.began is None:
            return
        elapsed, held = time.monotonic() - self.began, self.held()
        self.watcher.second(self.pace.sample(elapsed, held=held, server=self.recording.watched.latest))
        numbers = self.recording.ledger.totals
        if held:
            self.saturation.forget()  # what is left out by hand is not missing
        silent = held or self.shares.stopped
        for notice in () if silent else self.saturation.look(self.recording.last, numbers):
            self.recording.notice(notice.key, **notice.values)
        broken = None
        if self.plan.thresholds:
            at = self.recording.rounds.whole if last is None else last
            parts = [part for number, part in self.pending if number <= at or last is not None]
            broken = self.goals.hear(at, parts, numbers, self.gauges)
            self.pending = [] if last is not None else [one for one in self.pending if one[0] > at]
        else:
            self.pending = []
        self.gauges = {}
        self.on_second(broken)

    def rate_changes(self, scenario: str, rate: float, at: int) -> None:
        """By hand, from `at` (monotonic ns) on."""
        if self.began is not None:
            self.saturation.change_rate(scenario, rate, at / 1e9 - self.began)

    def samples(self, samples: bytes) -> None:
        """A worker's samples, one by one."""
        for output in self.outputs:
            try:
                output.hear(samples)
            except ValueError:
                self.recording.ledger.broken_frames += 1
            self.look_at(output)

    def look_at(self, output: SampleOutput) -> None:
        """An output that fails is said, and the run goes on."""
        trouble = output.trouble()
        if trouble is not None:
            self.recording.notice(trouble.key, **trouble.values)

    def _put_out(self, metric: str, value: float) -> None:
        self.gauges[metric] = value
        for output in self.outputs:
            output.gauge(metric, value)
