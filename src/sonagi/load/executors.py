"""Executors of the closed model: who may begin an iteration, and for how long."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sonagi._core import now_ns
from sonagi.load.turns import SECOND, Counted, Gate, Open, Pool, Turns, Windowed
from sonagi.plan import ramping
from sonagi.plan.plan import ScenarioPlan


@dataclass(frozen=True)
class Roster:
    """One scenario's turns in this worker."""

    turns: Sequence[Turns]
    """One entry for each of `numbers`: the users that have anything to do."""
    numbers: Sequence[int]
    gate: Gate
    undone: Callable[[], int]
    """Iterations that were asked for and not begun."""
    another: Callable[[], Turns] | None = None
    """Turns for one more user, from now on; None where the plan says how many there are when."""


def roster(
    scenario: ScenarioPlan,
    numbers: Sequence[int],
    iterations: int | None,
    begins_at: int = 0,
    *,
    since: int = 0,
    done: int = 0,
) -> Roster:
    """The turns of the users `numbers` (from 0, in the whole scenario). `iterations` is this worker's
    share of a pool; `begins_at` the scenario's start, monotonic ns. Where the users were another worker's
    until `since`, `done` of their iterations are made, in turns."""
    gate = Gate()
    if scenario.executor == "ramping-vus":
        after = since - begins_at
        windows = ramping.windows(ramping.steps(scenario.start_vus, scenario.stages))
        to_come = {number: [one for one in windows[number] if one.ends_ns > after] for number in numbers}
        active = [number for number in numbers if to_come[number] or since == 0]
        grace = scenario.graceful_ramp_down
        ramped = [Windowed(gate, to_come[number], begins_at, grace, now_ns) for number in active]
        return Roster(ramped, active, gate, lambda: 0)
    starts = [max(begins_at, since) + int(scenario.start_offset(number) * SECOND) for number in numbers]
    if scenario.executor == "constant-vus":
        opened = [Open(gate, start) for start in starts]
        return Roster(opened, numbers, gate, lambda: 0, lambda: Open(gate, now_ns()))
    if scenario.executor == "shared-iterations":
        pool = Pool((iterations or 0) - done)
        shared = [Counted(gate, pool, start) for start in starts]
        return Roster(shared, numbers, gate, lambda: pool.left, lambda: Counted(gate, pool, now_ns()))
    each = scenario.iterations or 0
    pools = [Pool(each - len(range(place, done, len(numbers)))) for place in range(len(numbers))]
    # Who has nothing left to make need not be set up again.
    owing = [one for one in zip(numbers, pools, starts, strict=True) if one[1].left or not done]
    counted = [Counted(gate, pool, start) for _, pool, start in owing]
    return Roster(counted, [number for number, *_ in owing], gate, lambda: sum(pool.left for pool in pools))


async def see_through(tasks: Sequence[asyncio.Task[None]], gate: Gate, ends_in: float, grace: float) -> None:
    """Wait for users to finish; some may join meanwhile. After `ends_in` seconds no iteration begins, and
    `grace` seconds later those under way are interrupted."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + ends_in
    while running := [task for task in tasks if not task.done()]:
        wait = ends_at - loop.time()
        if wait <= 0:
            break
        await asyncio.wait(running, timeout=wait)
    gate.close()
    running = [task for task in tasks if not task.done()]
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
