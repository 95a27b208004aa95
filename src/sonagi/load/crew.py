"""One scenario's users in this worker: begun, made more or fewer, held, ended."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sonagi._core import Driver, enter_scope, hit, now_ns, pause_until, request
from sonagi.load.executors import end_gracefully, roster, see_through
from sonagi.load.life import Life, Tally
from sonagi.load.turns import SECOND, Gate, Hold, Turns
from sonagi.plan.plan import ScenarioPlan
from sonagi.plan.segment import Segment
from sonagi.script.vu import Vu


class Crew:
    """What all kinds have. `begins_at` is monotonic ns."""

    def __init__(self, scenario: ScenarioPlan, begins_at: int, gate: Gate) -> None:
        self.scenario = scenario
        self.begins_at = begins_at
        self.gate = gate
        self.tasks: list[asyncio.Task[None]] = []
        self.joined = 0
        """Users that came when they were needed, besides those of the plan."""

    @property
    def undone(self) -> int:
        """Iterations that were asked for and not begun."""
        return 0

    def change(self, _by: int) -> int | None:
        """Add `by` users, or dismiss -`by` after the iteration under way. Gives how many there are then; None
        where their number is fixed."""
        return None

    def hold(self, on: bool) -> None:
        """Begin no more iterations for now; or go on."""

    def change_rate(self, rate: float, at: int) -> None:
        """From `at` (monotonic ns) on begin `rate` iterations in each time_unit, in an open model."""

    async def see_through(self) -> None:
        """Wait until all users have finished, or their time is over."""
        ends_in = (self.begins_at - now_ns()) / SECOND + self.scenario.span
        await see_through(self.tasks, self.gate, ends_in, self.scenario.graceful_stop)

    async def stop(self, grace: float) -> None:
        """Begin no more iterations; interrupt what outlasts `grace` seconds."""
        self.gate.close()
        running = [task for task in self.tasks if not task.done()]
        if running:
            await end_gracefully(running, grace)


def change(crews: Sequence[Crew], by: int) -> int | None:
    """`by` users more, or fewer, in one scenario's crews together; one stays where there are iterations to
    make. Gives how many there are then; None where their number is fixed, or it has ended."""
    open_ = [(crew, users) for crew in crews if (users := crew.change(0)) is not None]
    if not open_:
        return None
    if by > 0:
        open_[0][0].change(by)
    for crew, users in open_:
        leaving = min(users, max(-by, 0))
        by += users - (crew.change(-leaving) or 0)
    return sum(crew.change(0) or 0 for crew, _ in open_)


class Scripted(Crew):
    """Users that run a scenario's function. `user(number)` makes user `number` (from 0) of the scenario,
    `extra()` one that the plan does not have."""

    def __init__(
        self,
        scenario: ScenarioPlan,
        segment: Segment,
        begins_at: int,
        life: Life,
        user: Callable[[int], Vu],
        extra: Callable[[], Vu],
        *,
        since: int = 0,
        done: int = 0,
    ) -> None:
        numbers, asked = segment.users(scenario), segment.iterations(scenario)
        self.roster = roster(scenario, numbers, asked, begins_at, since=since, done=done)
        super().__init__(scenario, begins_at, self.roster.gate)
        self.life = life
        self.extra = extra
        self.turns: list[Turns] = []
        for number, turns in zip(self.roster.numbers, self.roster.turns, strict=True):
            self._join(user(number), turns)

    def _join(self, vu: Vu, turns: Turns) -> None:
        self.turns.append(turns)
        self.tasks.append(asyncio.get_running_loop().create_task(Driver(self.life.live(vu, turns))))

    @property
    def undone(self) -> int:
        return self.roster.undone() if self.tasks else 0

    def change(self, by: int) -> int | None:
        if self.roster.another is None or not self.gate.open:
            return None
        for _ in range(by):
            self._join(self.extra(), self.roster.another())
        staying = [
            (task, turns)
            for task, turns in zip(self.tasks, self.turns, strict=True)
            if not (task.done() or turns.dismissed)
        ]
        # Iterations that are asked for are nobody else's: one user stays to make them.
        least = min(len(staying), 1) if self.roster.undone() else 0
        left = max(len(staying) + min(by, 0), least)
        for task, turns in staying[left:]:
            turns.dismissed = True
            self.gate.rouse(task)
        return left

    def hold(self, on: bool) -> None:
        if on:
            self.gate.hold = self.gate.hold or Hold()
        elif self.gate.hold is not None:
            self.gate.hold.end(now_ns())
            self.gate.hold = None


class Unscripted(Crew):
    """Users without user code: the core makes a scenario's one request again and again."""

    def __init__(
        self,
        scenario: ScenarioPlan,
        segment: Segment,
        begins_at: int,
        tally: Tally,
        user: Callable[[int], Vu],
        *,
        since: int = 0,
        done: int = 0,
    ) -> None:
        super().__init__(scenario, begins_at, Gate())
        self.since = since
        numbers = segment.users(scenario)
        users = len(numbers)
        count = segment.iterations(scenario) - done if scenario.iterations else None
        self.tasks.append(
            asyncio.get_running_loop().create_task(self._go(user(numbers[0]), users, count, tally))
        )

    async def _go(self, vu: Vu, users: int, count: int | None, tally: Tally) -> None:
        keywords: dict[str, Any] = dict(self.scenario.request or {})
        if "auth" in keywords:
            keywords["auth"] = tuple(keywords["auth"])
        asked = request(**keywords)
        enter_scope(vu.scope)
        await pause_until(max(self.begins_at, self.since))
        tally.active += users
        try:
            await hit(asked, users, self.begins_at + int(self.scenario.span * SECOND), count)
            # Or fewer, because it is all over: then nobody asks any more.
            tally.full += count or 0
        finally:
            tally.active -= users

    async def see_through(self) -> None:
        await super().see_through()
        [task] = self.tasks
        if task.done() and not task.cancelled():
            task.result()
