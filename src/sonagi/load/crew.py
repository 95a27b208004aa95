"""One scenario's users in this worker: begun, made more or fewer, held, ended."""

import asyncio
from collections.abc import Callable
from typing import Any

from sonagi._core import Driver, enter_scope, hit, now_ns, pause_until, request
from sonagi.load.executors import end_gracefully, roster, see_through
from sonagi.load.life import Life, Tally
from sonagi.load.turns import SECOND, Gate, Hold, Turns
from sonagi.plan.plan import ScenarioPlan, Segment
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
        """Add `by` users, or dismiss -`by` after the iteration under way, down to one. Gives how many there
        are then; None where their number is fixed."""
        return None

    def hold(self, on: bool) -> None:
        """Begin no more iterations for now; or go on."""

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
    ) -> None:
        numbers = segment.users(scenario)
        self.roster = roster(scenario, numbers, segment.iterations(scenario), begins_at)
        super().__init__(scenario, begins_at, self.roster.gate)
        self.life = life
        self.extra = extra
        self.turns: list[Turns] = []
        for number, turns in zip(numbers, self.roster.turns, strict=True):
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
        left = max(len(staying) + min(by, 0), min(1, len(staying)))
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
    ) -> None:
        super().__init__(scenario, begins_at, Gate())
        users = len(segment.users(scenario))
        count = segment.iterations(scenario) if scenario.iterations else None
        self.tasks.append(asyncio.get_running_loop().create_task(self._go(user(0), users, count, tally)))

    async def _go(self, vu: Vu, users: int, count: int | None, tally: Tally) -> None:
        keywords: dict[str, Any] = dict(self.scenario.request or {})
        if "auth" in keywords:
            keywords["auth"] = tuple(keywords["auth"])
        asked = request(**keywords)
        enter_scope(vu.scope)
        await pause_until(self.begins_at)
        tally.active += users
        try:
            await hit(asked, users, self.begins_at + int(self.scenario.span * SECOND), count)
        finally:
            tally.active -= users

    async def see_through(self) -> None:
        await super().see_through()
        [task] = self.tasks
        if task.done() and not task.cancelled():
            task.result()
