"""Whether a user may begin another iteration: one class for each way of counting."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

from sonagi._core import Scope, now_ns, pause_until
from sonagi.plan.ramping import Window

MILLISECOND = 1_000_000
SECOND = 1_000_000_000


class Hold:
    """A pause of a whole scenario: users gather, and part again over a second, not as one convoy."""

    __slots__ = ("ended_at", "gathered", "over")

    def __init__(self) -> None:
        self.gathered = 0
        self.over = asyncio.Event()
        self.ended_at = 0

    def end(self, now: int) -> None:
        self.ended_at = now
        self.over.set()


class Gate:
    """Open until no iteration of a scenario may begin any more; `hold` is there while none may for now."""

    __slots__ = ("hold", "open", "resting", "roused")

    def __init__(self) -> None:
        self.open = True
        self.hold: Hold | None = None
        self.resting: set[asyncio.Task[Any]] = set()
        self.roused: set[asyncio.Task[Any]] = set()

    def close(self) -> None:
        """Begin no more iterations; users who rest between two of them have nothing to wait for."""
        self.open = False
        for task in self.resting:
            task.cancel()

    def rouse(self, task: asyncio.Task[Any]) -> None:
        """If `task` rests, it has nothing to wait for any more."""
        if task in self.resting:
            self.roused.add(task)
            task.cancel()

    async def rest(self, until: int) -> bool:
        """Wait, between iterations, until a monotonic time in ns; False when closed or roused meanwhile."""
        if until <= now_ns():
            return self.open
        return await self._idle(lambda: pause_until(until))

    async def held(self, hold: Hold) -> bool:
        """Wait until `hold` is over, and for one's place after it; False when closed or roused meanwhile."""
        place, hold.gathered = hold.gathered, hold.gathered + 1
        over = await self._idle(hold.over.wait)
        return over and await self.rest(hold.ended_at + place * SECOND // hold.gathered)

    async def _idle(self, wait: Callable[[], Awaitable[Any]]) -> bool:
        task = asyncio.current_task()
        if task is None or not self.open:
            return False
        self.resting.add(task)
        try:
            await wait()
        except asyncio.CancelledError:
            meant_for_the_rest = task in self.roused or not self.open
            self.roused.discard(task)
            if not meant_for_the_rest:
                raise
            uncancel(task)
            return False
        finally:
            self.resting.discard(task)
        return self.open


def uncancel(task: asyncio.Task[Any] | None) -> None:
    """The cancellation of `task` was meant for what it did, not for the task itself."""
    while task is not None and task.cancelling():
        task.uncancel()


class Turns(Protocol):
    """Says when a user is active, and whether it may begin another iteration."""

    gate: Gate
    dismissed: bool
    """Set for a user that shall begin no more iterations."""

    def starts(self) -> Iterator[int]:
        """The times (monotonic ns) at which it begins to be active; most users have one."""

    def arrives(self) -> bool:
        """The user is there, at the time of a start; False when that counts no more."""

    def fails(self, scope: Scope) -> None:
        """The user is there, and cannot be set up: its script has failed, nobody else."""

    def take(self) -> bool:
        """True, and one turn is used up; False, and it is not active any more."""

    def begins(self, scope: Scope) -> Callable[[], None]:
        """What to call when an iteration begins."""

    def forgives(self) -> bool:
        """Whether a user that was interrupted just now may become active again."""


class Open:
    """Any number of turns, until closed: constant VUs."""

    __slots__ = ("dismissed", "gate", "starts_at")

    def __init__(self, gate: Gate, starts_at: int = 0) -> None:
        self.gate = gate
        self.dismissed = False
        self.starts_at = starts_at

    def starts(self) -> Iterator[int]:
        yield self.starts_at

    def arrives(self) -> bool:
        return True

    def fails(self, scope: Scope) -> None:
        pass

    def take(self) -> bool:
        return self.gate.open and not self.dismissed

    def begins(self, scope: Scope) -> Callable[[], None]:
        return scope.begin

    def forgives(self) -> bool:
        return False


class Pool:
    """So many iterations are left."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


class Counted:
    """Turns out of a number: one user's own (per-VU iterations), or one that all draw from."""

    __slots__ = ("dismissed", "gate", "pool", "starts_at")

    def __init__(self, gate: Gate, pool: Pool, starts_at: int = 0) -> None:
        self.gate = gate
        self.dismissed = False
        self.pool = pool
        self.starts_at = starts_at

    def starts(self) -> Iterator[int]:
        yield self.starts_at

    def arrives(self) -> bool:
        return True

    def fails(self, scope: Scope) -> None:
        pass

    def take(self) -> bool:
        if not self.gate.open or self.dismissed or self.pool.left <= 0:
            return False
        self.pool.left -= 1
        return True

    def begins(self, scope: Scope) -> Callable[[], None]:
        return scope.begin

    def forgives(self) -> bool:
        return False


class Windowed:
    """Any number of turns within windows of time: ramping VUs. `grace_s` after the end of a window the
    iteration under way is interrupted, unless the user has become active again; after the last one
    the scenario's own grace counts."""

    __slots__ = ("clock", "dismissed", "ends_at", "expired", "gate", "grace_s", "handle", "windows")

    def __init__(
        self, gate: Gate, windows: Sequence[Window], begins_at: int, grace_s: float, clock: Callable[[], int]
    ) -> None:
        self.gate = gate
        self.dismissed = False
        self.windows = [(begins_at + window.begins_ns, begins_at + window.ends_ns) for window in windows]
        self.grace_s = grace_s
        self.clock = clock
        self.ends_at = 0
        self.expired = False
        self.handle: asyncio.TimerHandle | None = None

    def starts(self) -> Iterator[int]:
        task = asyncio.current_task()
        try:
            for begins_at, ends_at in self.windows:
                self.ends_at = ends_at
                self._expect_end(ends_at, task)
                yield begins_at
        finally:
            self._forget()

    def arrives(self) -> bool:
        return True

    def fails(self, scope: Scope) -> None:
        pass

    def take(self) -> bool:
        return self.gate.open and not self.dismissed and self.clock() < self.ends_at

    def begins(self, scope: Scope) -> Callable[[], None]:
        return scope.begin

    def forgives(self) -> bool:
        forgives, self.expired = self.expired, False
        return forgives and self.gate.open

    def _expect_end(self, ends_at: int, task: asyncio.Task[Any] | None) -> None:
        """Interrupt `task` when it is still busy long after `ends_at`."""
        self._forget()
        if task is not None and ends_at < self.windows[-1][1]:
            wait = (ends_at - self.clock()) / SECOND + self.grace_s
            self.handle = asyncio.get_running_loop().call_later(max(wait, 0), self._expire, task)

    def _expire(self, task: asyncio.Task[Any]) -> None:
        now = self.clock()
        again = [ends_at for begins_at, ends_at in self.windows if begins_at <= now < ends_at]
        if again:
            self._expect_end(again[0], task)
        else:
            self.expired = True
            task.cancel()

    def _forget(self) -> None:
        if self.handle is not None:
            self.handle.cancel()
            self.handle = None


class Once:
    """The one turn that others have at `starts_at`."""

    __slots__ = ("dismissed", "gate", "of", "starts_at")

    def __init__(self, of: Turns, starts_at: int) -> None:
        self.of = of
        self.gate = of.gate
        self.dismissed = False
        self.starts_at = starts_at

    def starts(self) -> Iterator[int]:
        yield self.starts_at

    def arrives(self) -> bool:
        return True

    def fails(self, scope: Scope) -> None:
        self.of.fails(scope)

    def take(self) -> bool:
        return self.of.take()

    def begins(self, scope: Scope) -> Callable[[], None]:
        return self.of.begins(scope)

    def forgives(self) -> bool:
        return False
