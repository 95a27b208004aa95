"""Starts of the open model, and how a user takes them: whoever is free has the next one, when it is due."""

from collections import deque
from collections.abc import Callable, Iterator

from sonagi._core import Scope
from sonagi.load.turns import MILLISECOND, Gate

Start = tuple[int, int]
"""A start's number in the scenario, from 0, and when it is due, in monotonic ns."""
BEHIND = 10 * MILLISECOND
"""A thread that wakes so late is too busy; with starts that are so late, users who have just become free come
before new ones."""
MOST_APART = 10_000
"""Dropped starts that are remembered one by one; of more, two neighbours become two at the time between."""
FOREVER = 2**63


class Starts:
    """The starts of one scenario in this worker, in the order in which they are due. `due_by(at)` counts
    those that are due until then: beyond some number nobody counts one by one."""

    def __init__(self, due: Iterator[Start], clock: Callable[[], int], due_by: Callable[[int], int]) -> None:
        self.clock = clock
        self.due_by = due_by
        self.held = False
        self.lag = 0
        """By how much user code's thread woke too late the last time, in ns."""
        self.passed = 0
        """Starts that were taken, by a user or to be dropped."""
        self.dropped: list[tuple[int, int]] = []
        """Of starts that were dropped since the last user became free: (when due, how many)."""
        self.on_drop: Callable[[int], None] = lambda _times: None
        """Hears of starts that are dropped …"""
        self.on_wait: Callable[[int, int], None] = lambda _wait, _times: None
        """… and for how many ns from when they were due nobody was free."""
        self._phases: deque[tuple[int, Iterator[Start]]] = deque([(FOREVER, due)])
        """Until when which starts are due."""
        self.next = self._following()

    def take(self) -> Start | None:
        """The next start, for whoever asks and nobody else; None when there are no more."""
        start = self.next
        if start is not None:
            self.passed += 1
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

    def lose(self, due: int, times: int = 1) -> None:
        """Starts that were taken are due and will never begin."""
        self.dropped.append((due, times))
        if len(self.dropped) > MOST_APART:
            self.dropped = _merged(self.dropped)
        self.on_drop(times)

    def someone_is_free(self) -> None:
        """Had they waited, dropped starts would have waited until now."""
        if self.dropped:
            now, dropped, self.dropped = self.clock(), self.dropped, []
            for due, times in dropped:
                self.on_wait(max(now - due, 0), times)

    def change(self, at: int, after: Iterator[Start]) -> None:
        """From `at` on, other starts are due: those of `after`, none of which is earlier. Whoever has taken
        one that was due from then on must give it up."""
        until, last = self._phases.pop()
        self._phases += [(min(at, until), last), (until, after)]
        if self.next is not None and self.next[1] >= at:
            self.next = self._following()

    def finish(self) -> None:
        """No more begin: those that are due and have not begun never will."""
        now = self.clock()
        for _ in range(MOST_APART):
            if self.next is None or self.next[1] > now:
                break
            self.drop()
        rest = self.due_by(now) - self.passed if self.next is not None and self.next[1] <= now else 0
        if self.next is not None and rest > 0:
            self.lose((self.next[1] + now) // 2, rest)
        self._phases.clear()
        self.next = None
        self.someone_is_free()

    def _following(self) -> Start | None:
        while self._phases:
            until, due = self._phases[0]
            start = next(due, None)
            if start is not None and start[1] < until:
                return start
            self._phases.popleft()
        return None


def _merged(dropped: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half as many: neighbours together, at the mean of their times."""
    pairs = zip(dropped[::2], [*dropped[1::2], (0, 0)], strict=False)
    return [
        ((due * times + other * more) // (times + more), times + more)
        for (due, times), (other, more) in pairs
    ]


class Arriving:
    """Turns of one user: one for each start that it takes. `first` was taken for it."""

    __slots__ = ("_fresh", "_gave_up", "dismissed", "first", "gate", "late", "start", "starts_", "waited_for")

    def __init__(self, gate: Gate, starts: Starts, first: Start | None = None) -> None:
        self.gate = gate
        self.dismissed = False
        self.starts_ = starts
        self.first = first
        self.start: Start = (0, 0)
        self.late = 0
        """By how many ns the user came too late for it."""
        self.waited_for = "generator"
        self._fresh = False
        self._gave_up = False

    def starts(self) -> Iterator[int]:
        starts, self.first = self.starts_, self.first
        try:
            while self.gate.open and not self.dismissed:
                self._lose(starts)
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
            self._lose(starts)
            starts.someone_is_free()

    def _lose(self, starts: Starts) -> None:
        """Its start was due and did not begin: its user was ended before."""
        if self._fresh and self.start[1] <= starts.clock():
            starts.lose(self.start[1])
        self._fresh = False

    def arrives(self) -> bool:
        if self.starts_.held:
            self._fresh = False
        self.late = max(self.starts_.clock() - self.start[1], 0)
        return self._fresh

    def fails(self, scope: Scope) -> None:
        if self.take():
            self.begins(scope)()

    def take(self) -> bool:
        if not (self._fresh and self.gate.open):
            return False
        self._fresh = False
        return True

    def begins(self, scope: Scope) -> Callable[[], None]:
        return lambda: scope.begin_late(self.late, self.waited_for)

    def give_up(self, at: int) -> bool:
        """Give up a start that was taken and is due from `at` on; False where there is none."""
        gives_up = self._fresh and self.start[1] >= at
        if gives_up:
            self._fresh, self._gave_up = False, True
        return gives_up

    def forgives(self) -> bool:
        gave_up, self._gave_up = self._gave_up, False
        return gave_up and self.gate.open
