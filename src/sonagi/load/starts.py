"""Starts of the open model, and how a user takes them: whoever is free has the next one, when it is due."""

from collections.abc import Callable, Iterator
from itertools import chain, takewhile

from sonagi._core import Scope
from sonagi.load.turns import MILLISECOND, Gate

Start = tuple[int, int]
"""A start's number in the scenario, from 0, and when it is due, in monotonic ns."""
BEHIND = 10 * MILLISECOND
"""A thread that wakes so late is too busy; with starts that are so late, users who have just become free come
before new ones."""


class Starts:
    """The starts of one scenario in this worker, in the order in which they are due."""

    def __init__(self, due: Iterator[Start], clock: Callable[[], int]) -> None:
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
        self.next = next(due, None)

    def take(self) -> Start | None:
        """The next start, for whoever asks and nobody else; None when there are no more."""
        start = self.next
        if start is not None:
            self.next = next(self._due, None)
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

    def change(self, at: int, after: Iterator[Start]) -> None:
        """From `at` on, other starts are due: those of `after`, none of which is earlier. Whoever has taken
        one that was due from then on must give it up."""
        planned = chain([self.next] if self.next else [], self._due)
        self._due = chain(takewhile(lambda start: start[1] < at, planned), after)
        self.next = next(self._due, None)

    def finish(self) -> None:
        """No more begin: those that are due and have not begun never will."""
        now = self.clock()
        while self.next is not None and self.next[1] <= now:
            self.drop()
        self.someone_is_free()


class Arriving:
    """Turns of one user: one for each start that it takes. `first` was taken for it."""

    __slots__ = ("_fresh", "_gave_up", "dismissed", "first", "gate", "start", "starts_", "waited_for")

    def __init__(self, gate: Gate, starts: Starts, first: Start | None = None) -> None:
        self.gate = gate
        self.dismissed = False
        self.starts_ = starts
        self.first = first
        self.start: Start = (0, 0)
        self.waited_for = "generator"
        self._fresh = False
        self._gave_up = False

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

    def give_up(self, at: int) -> bool:
        """Give up a start that was taken and is due from `at` on; False where there is none."""
        gives_up = self._fresh and self.start[1] >= at
        if gives_up:
            self._fresh, self._gave_up = False, True
        return gives_up

    def forgives(self) -> bool:
        gave_up, self._gave_up = self._gave_up, False
        return gave_up and self.gate.open
