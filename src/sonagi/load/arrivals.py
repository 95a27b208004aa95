"""Users of the open model: whoever is free takes the next start, and begins when it is due."""

import asyncio
from collections.abc import Callable, Iterator

from sonagi._core import Driver, Scope, enter_scope, now_ns
from sonagi.load.crew import Crew
from sonagi.load.life import Life
from sonagi.load.turns import MILLISECOND, SECOND, Gate
from sonagi.plan.arrivals import Schedule
from sonagi.plan.plan import ScenarioPlan, Segment
from sonagi.script.vu import Vu

Start = tuple[int, int]
"""A start's number in the scenario, from 0, and when it is due, in monotonic ns."""
CROWDED = 5 * MILLISECOND
"""Between two looks for a free user while all are busy."""
BEHIND = 10 * MILLISECOND
"""With starts that are so late, users who have just become free come before new ones; a thread that wakes so
late is too busy."""


class Starts:
    """The starts of one scenario in this worker, in the order in which they are due."""

    def __init__(self, due: Iterator[tuple[int, int]], begins_at: int, clock: Callable[[], int]) -> None:
        self.begins_at = begins_at
        self.clock = clock
        self.held = False
        self.lag = 0
        """By how much user code's thread woke too late the last time, in ns."""
        self.dropped: list[int] = []
        """When those were due that were dropped since the last user became free."""
        self.on_drop: Callable[[], None] = lambda: None
        """Hears of each start that is dropped …"""
        self.on_wait: Callable[[int], None] = lambda _wait: None
        """… and for how many ns from when it was due nobody was free."""
        self._due = due
        self.next = self._following()

    def take(self) -> Start | None:
        """The next start, for whoever asks and nobody else; None when there are no more."""
        start = self.next
        if start is not None:
            self.next = self._following()
        return start

    def what_keeps(self, start: Start) -> str:
        """What a start that is taken now has to wait for, if it has to. Where the thread itself comes too
        late, that is why nobody is free."""
        return "user" if start[1] < self.clock() and self.lag < BEHIND else "generator"

    def drop(self) -> None:
        """Leave out the next start: nobody is free to begin it."""
        start = self.take()
        if start is not None:
            self.lose(start[1])

    def lose(self, due: int) -> None:
        """A start that was taken is due and will never begin."""
        self.dropped.append(due)
        self.on_drop()

    def someone_is_free(self) -> None:
        """Had they waited, dropped starts would have waited until now."""
        if self.dropped:
            now, dropped, self.dropped = self.clock(), self.dropped, []
            for due in dropped:
                self.on_wait(now - due)

    def finish(self) -> None:
        """No more begin: those that are due and have not begun never will."""
        now = self.clock()
        while self.next is not None and self.next[1] <= now:
            self.drop()
        self.someone_is_free()

    def _following(self) -> Start | None:
        following = next(self._due, None)
        return following and (following[0], self.begins_at + following[1])


class Arriving:
    """Turns of one user: one for each start that it takes. `first` was taken for it."""

    __slots__ = ("_fresh", "dismissed", "first", "gate", "start", "starts_", "waited_for")

    def __init__(self, gate: Gate, starts: Starts, first: Start | None = None) -> None:
        self.gate = gate
        self.dismissed = False
        self.starts_ = starts
        self.first = first
        self.start: Start = (0, 0)
        self.waited_for = "generator"
        self._fresh = False

    def starts(self) -> Iterator[int]:
        starts, self.first = self.starts_, self.first
        try:
            while self.gate.open and not self.dismissed:
                # A user that was made for a start is no user that was free before.
                mine, self.first = self.first, None
                if mine is None:
                    starts.someone_is_free()
                    mine = starts.take()
                    if mine is None:
                        return
                    self.waited_for = starts.what_keeps(mine)
                self.start, self._fresh = mine, True
                yield mine[1]
        finally:
            if self._fresh and self.start[1] <= starts.clock():
                starts.lose(self.start[1])

    def take(self) -> bool:
        took, self._fresh = self._fresh and self.gate.open and not self.starts_.held, False
        return took

    def begins(self, scope: Scope) -> Callable[[], None]:
        return lambda: scope.begin_due(self.start[1], self.waited_for)

    def forgives(self) -> bool:
        return False


class Arrivals(Crew):
    """Users who begin iterations when they are due. `user(number)` makes user `number` (from 0) of the
    scenario, `visitor(place, number)` the one who comes with start `number`, in the place of user `place`."""

    def __init__(
        self,
        scenario: ScenarioPlan,
        segment: Segment,
        begins_at: int,
        schedule: Schedule,
        life: Life,
        scope: Scope,
        user: Callable[[int], Vu],
        visitor: Callable[[int, int], Vu],
    ) -> None:
        super().__init__(scenario, begins_at, Gate())
        self.life = life
        self.scope = scope
        self.user = user
        self.visitor = visitor
        self.numbers = segment.users(scenario)
        self.left: list[int] = []
        """Numbers of users who have left: new ones take their places."""
        mine = range(segment.index, schedule.count, segment.of)
        self.starts = Starts(schedule.due(mine), begins_at, now_ns)
        self.starts.on_drop = self._dropped
        self.starts.on_wait = self._waited
        self.tasks.append(asyncio.get_running_loop().create_task(Driver(self._follow())))
        for _ in range(len(range(segment.index, scenario.pre_allocated_vus, segment.of))):
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
        if self.scenario.sessions:
            life = self.life.receive(lambda: self.visitor(number, turns.start[0]), turns)
        else:
            life = self.life.live(self.user(number), turns)
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(Driver(life))
        task.add_done_callback(lambda _: self.left.append(number))
        self.tasks.append(task)
        if len(self.tasks) > 2 * self.joined + 100:  # most of them are of users who have left
            self.tasks[:] = [task for task in self.tasks if not task.done()]

    def _dropped(self) -> None:
        self.scope.record("dropped_iterations", "counter", "default", 1.0, None)

    def _waited(self, wait: int) -> None:
        """A start was dropped, and nobody was free for `wait` ns. How long a request of it would have taken
        is unknown, but no less than that."""
        milliseconds = wait / MILLISECOND
        self.scope.record("dropped_iteration_wait", "trend", "time", milliseconds)
        tags = [("dropped", "true")]
        self.scope.record("http_req_intended_duration", "trend", "time", milliseconds, tags)

    async def _follow(self) -> None:
        """Look after starts that nobody has taken when they are due: a new user does, or they are dropped, or
        wait until somebody is free."""
        enter_scope(self.scope)
        await self._meet_all()
        await self.gate.rest(self.begins_at + int(self.scenario.span * SECOND))

    async def _meet_all(self) -> None:
        starts = self.starts
        while (start := starts.next) is not None:
            if start[1] > now_ns():
                if not await self.gate.rest(start[1]):
                    return
                starts.lag = now_ns() - start[1]
            if starts.next is not start:
                continue  # taken meanwhile
            if self.has_room:
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

    async def see_through(self) -> None:
        await super().see_through()
        self.starts.finish()
