"""Executors of the closed model: who may begin an iteration, and for how long."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sonagi.load.life import Turns
from sonagi.plan.plan import ScenarioPlan

SECOND = 1_000_000_000


class Open:
    """Any number of turns, until closed: constant VUs."""

    __slots__ = ("open",)

    def __init__(self) -> None:
        self.open = True

    def take(self) -> bool:
        return self.open


class Own:
    """A fixed number of turns of one user's own: per-VU iterations."""

    __slots__ = ("left", "open")

    def __init__(self, turns: int) -> None:
        self.open = True
        self.left = turns

    def take(self) -> bool:
        if not self.open or self.left <= 0:
            return False
        self.left -= 1
        return True


class Pool(Own):
    """A fixed number of turns that all users draw from: shared iterations."""

    __slots__ = ()


@dataclass(frozen=True)
class Roster:
    """One scenario's turns: one entry a user, and how many may be left undone."""

    turns: Sequence[Turns]
    close: Callable[[], None]
    """No new iterations from here on."""
    undone: Callable[[], int]
    """Iterations that were asked for and not begun."""
    span: float
    """Seconds after which it is closed."""


def roster(scenario: ScenarioPlan, users: int, iterations: int | None) -> Roster:
    """The turns of `users` users of this worker; `iterations` is this worker's share of a pool."""
    if scenario.executor == "constant-vus":
        open_turns = Open()
        all_open: list[Turns] = [open_turns] * users

        def close_open() -> None:
            open_turns.open = False

        return Roster(all_open, close_open, lambda: 0, scenario.duration or 0.0)
    if scenario.executor == "shared-iterations":
        pools = [Pool(iterations or 0)]
        turns: list[Turns] = [pools[0]] * users
    else:
        pools = [Pool(scenario.iterations or 0) for _ in range(users)]
        turns = list(pools)

    def close() -> None:
        for pool in pools:
            pool.open = False

    return Roster(turns, close, lambda: sum(pool.left for pool in pools), scenario.max_duration or 600.0)


async def see_through(
    tasks: Sequence[asyncio.Task[None]], turns: Roster, ends_in: float, grace: float
) -> None:
    """Wait for users to finish. After `ends_in` seconds no iteration begins, and `grace` seconds
    later those under way are interrupted."""
    if not tasks:
        return
    _, running = await asyncio.wait(tasks, timeout=max(ends_in, 0.0))
    turns.close()
    if running:
        await end_gracefully(running, grace)


async def end_gracefully(tasks: Sequence[asyncio.Task[None]] | set[asyncio.Task[None]], grace: float) -> None:
    """Let `tasks` finish within `grace` seconds, then interrupt them."""
    _, late = await asyncio.wait(tasks, timeout=max(grace, 0.0))
    for task in late:
        task.cancel()
    if late:
        # A script may swallow its cancellation: it is not waited for any longer.
        await asyncio.wait(late, timeout=1.0)
