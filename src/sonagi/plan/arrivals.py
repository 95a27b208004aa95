"""When the iterations of an open model are due: as k6 computes it, or at random.

The rate follows straight lines from stage to stage, and the area below it is the number of starts so far.
k6 lets the first iteration of a constant rate begin at once, and that of a ramped rate when the area has
reached 1 (k6, lib/executor/constant_arrival_rate.go and ramping_arrival_rate.go). Its rounding of a gap to
whole ns, which adds up, is left out. Random arrivals are a Poisson process on the condition that as many come
as the plan says: their places in the area are sorted uniform numbers (Cox and Lewis, The Statistical Analysis
of Series of Events, 2.1).
"""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Protocol

from sonagi.plan.plan import ScenarioPlan

NS = 1_000_000_000


class Schedule(Protocol):
    """When each start of a scenario is due, in ns after its beginning. Numbers count from 0."""

    @property
    def count(self) -> int:
        """Starts in all."""

    def due(self, numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
        """(number, when it is due) of those of `numbers`, which rise, that there are."""

    def due_by(self, seconds: float) -> int:
        """How many starts are due after so many seconds; of random ones, how many are to be expected."""


class Curve:
    """A rate over time. `stages` are (seconds, starts in a `time_unit` at their end); a stage of no time is a
    jump."""

    def __init__(
        self, start_rate: float, stages: Sequence[tuple[float, float]], time_unit: float = 1.0
    ) -> None:
        unit = _exact(time_unit)
        ends = [_exact(rate) / unit for _, rate in stages]
        spans = [_exact(seconds) for seconds, _ in stages]
        starts = [_exact(start_rate) / unit, *ends[:-1]]
        areas = [span * (start + end) / 2 for span, start, end in zip(spans, starts, ends, strict=True)]
        self.total = sum(areas, Fraction(0))
        begins = accumulate(spans, initial=Fraction(0))
        self._lines = [_Line(*map(float, line)) for line in zip(begins, spans, starts, ends, strict=False)]
        self._until = [float(area) for area in accumulate(areas)]

    def when(self, area: float) -> float:
        """Seconds after which the area below the rate is `area`, which is above 0 and not above all of it."""
        at = min(bisect_left(self._until, area), len(self._lines) - 1)
        return self._lines[at].when(area - (self._until[at - 1] if at else 0.0))

    def area(self, seconds: float) -> float:
        """How many starts there are by then."""
        at = bisect_right([line.begins for line in self._lines], seconds) - 1
        if at < 0:
            return 0.0
        line = self._lines[at]
        into = min(seconds - line.begins, line.seconds)
        slope = (line.end - line.start) / line.seconds if line.seconds else 0.0
        return (self._until[at - 1] if at else 0.0) + line.start * into + slope * into * into / 2

    def rate(self, seconds: float) -> float:
        """Starts a second at that time; 0 before and after."""
        for line in self._lines:
            if line.begins <= seconds < line.begins + line.seconds:
                return line.start + (line.end - line.start) * (seconds - line.begins) / line.seconds
        return 0.0


@dataclass(frozen=True, slots=True)
class _Line:
    begins: float
    seconds: float
    start: float
    end: float

    def when(self, area: float) -> float:
        """The root of start·t + (end - start)/(2·seconds)·t² = area, in the form that subtracts nothing."""
        if self.seconds == 0 or area <= 0:
            return self.begins
        slope = (self.end - self.start) / self.seconds
        speed = self.start + math.sqrt(max(self.start * self.start + 2 * area * slope, 0.0))
        return self.begins + min(2 * area / speed if speed else self.seconds, self.seconds)


def _exact(value: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(repr(value))


class Uniform:
    """Starts at equal areas: at a steady rate, with equal gaps. `first` is the area of start 0."""

    def __init__(self, curve: Curve, first: float) -> None:
        self.curve = curve
        self.first = first
        # The end of the plan is no time to begin; the last of a ramp may come with it, as in k6.
        total = curve.total - Fraction(first)
        self.count = max(math.floor(total) + 1 if first else math.ceil(total), 0)

    def due(self, numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
        when, first, count = self.curve.when, self.first, self.count
        for number in numbers:
            if number >= count:
                return
            yield number, round(when(number + first) * NS)

    def due_by(self, seconds: float) -> int:
        return max(min(math.floor(self.curve.area(seconds) - self.first) + 1, self.count), 0)


class Poisson:
    """As many starts as `Uniform` has, at random times. One seed gives the same times everywhere."""

    def __init__(self, curve: Curve, count: int, seed: str) -> None:
        self.curve = curve
        self.count = count
        self.seed = seed

    def due(self, numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
        draw = random.Random(self.seed).random
        when, total, count = self.curve.when, float(self.curve.total), self.count
        # Sorted uniform numbers one after another, without keeping them: of n that are left, the least
        # leaves the n-th root of a uniform number (Bentley and Saxe, ACM TOMS 6, 1980).
        above, drawn = 1.0, 0
        for number in numbers:
            if number >= count:
                return
            while drawn <= number:
                above *= (1.0 - draw()) ** (1.0 / (count - drawn))
                drawn += 1
            yield number, round(when((1.0 - above) * total) * NS)

    def due_by(self, seconds: float) -> int:
        return min(round(self.curve.area(seconds)), self.count)


class Replayed:
    """Starts at given times, in ns."""

    def __init__(self, times: Sequence[int]) -> None:
        self.times = times
        self.count = len(times)

    def due(self, numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
        for number in numbers:
            if number >= self.count:
                return
            yield number, self.times[number]

    def due_by(self, seconds: float) -> int:
        return bisect_right(self.times, seconds * NS)


def curve_of(scenario: ScenarioPlan) -> Curve:
    """The rate that `scenario` asks for."""
    return Curve(scenario.start_rate, scenario.rates, scenario.time_unit)


class Phases:
    """An open scenario's schedule and what came of it by hand: each change of its rate begins a phase, with
    numbers behind all those before."""

    def __init__(self, scenario: ScenarioPlan, seed: int) -> None:
        self.scenario = scenario
        self.seed = seed
        self.schedules = [schedule_of(scenario, seed)]
        self.begins = [0.0]
        """In seconds after the scenario's beginning."""

    def change(self, rate: float, at: float) -> bool:
        """From `at` seconds after the scenario's beginning to its end `rate` iterations begin in each
        time_unit; False when nothing is left of it. What was on its way to the next start still counts."""
        at = max(at, 0.0)
        left = self.scenario.span - at
        if left <= 0:
            return False
        curve = Curve(rate, [(left, rate)], self.scenario.time_unit)
        if self.scenario.arrivals == "poisson":
            seed = f"{self.seed}:{self.scenario.name}:{len(self.schedules)}"
            self.schedules.append(Poisson(curve, round(curve.total), seed))
        else:
            self.schedules.append(Uniform(curve, self._lacking(at - self.begins[-1])))
        self.begins.append(at)
        return True

    def _lacking(self, since: float) -> float:
        """The area that is lacking to the next start, `since` seconds into the last phase."""
        last = self.schedules[-1]
        if isinstance(last, Uniform):
            return min(max(last.due_by(since) + last.first - last.curve.area(since), 0.0), 1.0)
        return 1.0

    @property
    def numbered_from(self) -> int:
        """The number of the last phase's first start."""
        return sum(schedule.count for schedule in self.schedules[:-1])

    def due_by(self, seconds: float) -> int:
        """How many starts are due until then, of all phases."""
        ends = [*self.begins[1:], seconds]
        return sum(
            schedule.due_by(min(end, seconds) - begins)
            for schedule, begins, end in zip(self.schedules, self.begins, ends, strict=True)
            if begins <= seconds
        )


def schedule_of(scenario: ScenarioPlan, seed: int) -> Schedule:
    """When the starts of an open-model scenario are due."""
    if scenario.replayed:
        return Replayed(scenario.replayed)
    curve = curve_of(scenario)
    uniform = Uniform(curve, 0 if scenario.executor == "constant-arrival-rate" else 1)
    if scenario.arrivals == "uniform":
        return uniform
    return Poisson(curve, uniform.count, f"{seed}:{scenario.name}")
