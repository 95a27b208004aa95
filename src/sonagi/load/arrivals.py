"""Users of the open model: as many as it takes for all iterations to begin when they are due."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import count, dropwhile

from sonagi._core import Driver, Scope, enter_scope, now_ns
from sonagi.load.crew import Crew
from sonagi.load.life import Life
from sonagi.load.starts import BEHIND, Arriving, Start, Starts
from sonagi.load.turns import MILLISECOND, SECOND, Gate
from sonagi.plan.arrivals import Phases
from sonagi.plan.plan import ScenarioPlan
from sonagi.plan.segment import Segment
from sonagi.script.vu import Numbering, Vu

CROWDED = 5 * MILLISECOND
"""Between two looks for a free user while all are busy."""


class Arrivals(Crew):
    """Users who begin iterations when they are due. `user(number)` makes user `number` (from 0) of the
    scenario, `visitor(place, number)` the one who comes with start `number`, in the place of user `place`."""

    def __init__(
        self,
        scenario: ScenarioPlan,
        segment: Segment,
        begins_at: int,
        seed: int,
        life: Life,
        scope: Scope,
        user: Callable[[int], Vu],
        visitor: Callable[[int, int], Vu],
        *,
        since: int = 0,
    ) -> None:
        super().__init__(scenario, begins_at, Gate())
        self.life = life
        self.scope = scope
        self.user = user
        self.visitor = visitor
        self.numbers = segment.users(scenario)
        self.left: list[int] = []
        """Numbers of users who have left: new ones take their places."""
        self.segment = segment
        self.phases = Phases(scenario, seed)
        self.turns: dict[asyncio.Task[None], Arriving] = {}
        self.since = since
        self.starts = Starts(self._due(begins_at), now_ns, self._due_by)
        self.starts.on_drop = self._dropped
        self.starts.on_wait = self._waited
        self.tasks.append(asyncio.get_running_loop().create_task(Driver(self._follow())))
        for _ in range(segment.count(scenario.pre_allocated_vus)):
            self._join(None)

    @property
    def has_room(self) -> bool:
        """Whether there may be one more user."""
        return bool(self.left) or self.joined < len(self.numbers)

    def _join(self, first: Start | None) -> None:
        if self.left:
            number = self.left.pop()
        else:
            number, self.joined = self.numbers[self.joined], self.joined + 1
        turns = Arriving(self.gate, self.starts, first)

        def numbered(vu: Vu) -> Vu:
            vu.numbering = Numbering(Segment(), lambda: turns.start[0])
            return vu

        if self.scenario.sessions:
            life = self.life.receive(lambda: numbered(self.visitor(number, turns.start[0])), turns)
        else:
            life = self.life.live(numbered(self.user(number)), turns)
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(Driver(life))
        self.turns[task] = turns
        task.add_done_callback(lambda _: self._leaves(number, task))
        self.tasks.append(task)
        if len(self.tasks) > 2 * self.joined + 100:  # most of them are of users who have left
            self.tasks[:] = [task for task in self.tasks if not task.done()]

    def _leaves(self, number: int, task: asyncio.Task[None]) -> None:
        self.left.append(number)
        del self.turns[task]

    def change_rate(self, rate: float, at: int) -> None:
        """From `at` (monotonic ns) to the end `rate` iterations begin in each time_unit. All workers that do
        this begin together what one would."""
        at = max(at, self.begins_at)
        if not self.gate.open or not self.phases.change(rate, (at - self.begins_at) / SECOND):
            return
        self.starts.change(at, self._due(at))
        for task, turns in self.turns.items():
            if turns.give_up(at):
                self.starts.passed -= 1
                self.gate.rouse(task)
        self.gate.rouse(self.tasks[0])

    def _due(self, begins_at: int) -> Iterator[Start]:
        """This worker's starts of the last phase. What was due before it was taken over was another's."""
        first, schedule = self.phases.numbered_from, self.phases.schedules[-1]
        mine = schedule.due(map(self.segment.number, count()))
        starts = ((first + number, begins_at + due) for number, due in mine)
        return dropwhile(lambda start: start[1] < self.since, starts)

    def _due_by(self, at: int) -> int:
        """How many of this worker's starts are due until `at`."""
        before, now = (self.phases.due_by((one - self.begins_at) / SECOND) for one in (self.since, at))
        return self.segment.count(now) - self.segment.count(before)

    def _dropped(self, times: int) -> None:
        self.scope.record("dropped_iterations", "counter", "default", float(times))

    def _waited(self, wait: int, times: int) -> None:
        """Starts were dropped, and nobody was free for `wait` ns. How long a request of theirs would have
        taken is unknown, but no less than that."""
        milliseconds = wait / MILLISECOND
        self.scope.record("dropped_iteration_wait", "trend", "time", milliseconds, times=times)
        tags = [("dropped", "true")]
        self.scope.record("http_req_intended_duration", "trend", "time", milliseconds, tags, times)

    async def _follow(self) -> None:
        """Look after starts that nobody has taken when they are due: a new user does, or they are dropped, or
        wait until somebody is free."""
        enter_scope(self.scope)
        ends_at = self.begins_at + int(self.scenario.span * SECOND)
        try:
            while self.gate.open:
                await self._meet_all()
                if await self.gate.rest(ends_at):
                    break  # and otherwise the starts have changed, or there are no more
        finally:
            # What begins no more is over now, and not when the last of those under way has finished.
            self.starts.finish()

    async def _meet_all(self) -> None:
        starts = self.starts
        while (start := starts.next) is not None:
            if start[1] > now_ns():
                if not await self.gate.rest(start[1]):
                    if self.gate.open:
                        continue  # the starts have changed
                    return
                starts.lag = now_ns() - start[1]
            if starts.next is not start:
                continue  # taken meanwhile
            if starts.held:
                starts.take()
            elif self.has_room:
                self._join(starts.take())
            elif self.scenario.drops:
                starts.drop()
            else:
                looked = now_ns()
                await asyncio.sleep(CROWDED / SECOND)
                starts.lag = now_ns() - looked - CROWDED
            if not self.gate.open:
                return
            if now_ns() - start[1] > BEHIND:
                await asyncio.sleep(0)

    def hold(self, on: bool) -> None:
        """What is due during a hold is left out."""
        self.starts.held = on
