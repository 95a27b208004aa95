"""Whether an open model's rate is kept, judged while the run goes on.

A generator that begins iterations later than they are due asks the server for less than the plan says, and
every percentile looks better than it is. So it is told at once, with the rate that is kept, and what to do.
"""

from collections import deque
from dataclasses import dataclass

from sonagi.model.measurements import Measurements
from sonagi.model.result import Notice
from sonagi.plan.arrivals import Phases
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.segment import Segment

OVER = 3.0
"""Seconds that are looked at: a moment's delay is no saturation."""
FEW = 0.01
"""Share of the starts that may be late, left out or missing without anything to say."""
LOST = 0.1
"""From this share on it was another load than was planned."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one scenario's starts until `at`, in seconds after the start of load."""

    at: float
    due: int
    begun: int
    late_for_generator: float
    late_for_user: float
    dropped: float


class Saturation:
    """All open scenarios of a run whose start is known beforehand."""

    def __init__(self, plan: Plan) -> None:
        self.watched = [
            _Watched(scenario, Phases(scenario, plan.seed), plan.latest_start(scenario), plan.segment)
            for scenario in plan.scenarios
            if scenario.is_open and scenario.start_after is None
        ]

    def look(self, at: float, numbers: Measurements) -> list[Notice]:
        """What is to be told `at` seconds after the start of load: more than was told before."""
        return [notice for one in self.watched if (notice := one.look(at, numbers)) is not None]

    def forget(self) -> None:
        """What was seen so far is not to be compared with what comes."""
        for one in self.watched:
            one.seen.clear()

    def change_rate(self, name: str, rate: float, at: float) -> None:
        """By hand, from `at` seconds after the start of load on."""
        for one in self.watched:
            if one.scenario.name == name:
                one.phases.change(rate, at - one.starts_at)


class _Watched:
    def __init__(self, scenario: ScenarioPlan, phases: Phases, starts_at: float, segment: Segment) -> None:
        self.segment = segment
        self.scenario = scenario
        self.phases = phases
        self.starts_at = starts_at
        self.seen: deque[Kept] = deque()
        self.told = 0

    def look(self, at: float, numbers: Measurements) -> Notice | None:
        since = at - self.starts_at
        if not 0 < since <= self.scenario.span or (self.seen and at - self.seen[-1].at < OVER / 6):
            return None
        self.seen.append(self._count(at, since, numbers))
        while len(self.seen) > 2 and self.seen[1].at <= at - OVER:
            self.seen.popleft()
        first, last = self.seen[0], self.seen[-1]
        if last.at - first.at < OVER * 0.9:
            return None
        verdict, notice = judge(self.scenario, first, last)
        if verdict <= self.told:
            return None
        self.told = verdict
        return notice

    def _count(self, at: float, since: float, numbers: Measurements) -> Kept:
        tags = {"scenario": self.scenario.name}
        lateness = numbers.trend("iteration_lateness", tags)
        late = {
            waited: numbers.counter("iterations_late", {**tags, "waited_for": waited}) or 0.0
            for waited in ("generator", "user")
        }
        return Kept(
            at,
            self.segment.count(self.phases.due_by(since)),
            lateness.count if lateness else 0,
            late["generator"],
            late["user"],
            numbers.counter("dropped_iterations", tags) or 0.0,
        )


SUSPECT, INVALID = 1, 2
LEAST = 2
"""Starts: of so few it cannot be said why."""


def judge(scenario: ScenarioPlan, first: Kept, last: Kept) -> tuple[int, Notice | None]:
    """0, SUSPECT or INVALID for what became of the starts between two looks, and the sentence about it."""
    due, begun = last.due - first.due, last.begun - first.begun
    generator = last.late_for_generator - first.late_for_generator
    user, dropped = last.late_for_user - first.late_for_user, last.dropped - first.dropped
    if due <= 0:
        return 0, None
    # Frames of several workers do not come at one instant, and of a few starts one says nothing.
    missing = max(due - begun - dropped, 0.0)
    missing = missing if missing > max(LEAST, LOST / 2 * due) else 0.0
    wanting = user + dropped
    held_up = max(wanting, generator) + missing
    if held_up < FEW * due or held_up <= LEAST:
        return 0, None
    seconds = last.at - first.at
    values = {
        "scenario": scenario.name,
        "asked": _rate(due / seconds),
        "kept": _rate(begun / seconds),
        "vus": scenario.vus,
        "share": f"{min(held_up / due, 1.0):.0%}",
    }
    if wanting > max(generator, missing):
        return SUSPECT, Notice("run.users_used_up" if scenario.drops else "run.users_at_cap", values)
    lost = missing >= LOST * due or generator >= due / 2
    return (INVALID, Notice("run.rate_lost", values)) if lost else (SUSPECT, Notice("run.rate_slips", values))


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.2g}"
