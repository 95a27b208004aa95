"""A virtual user's life: iterations, one after another."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sonagi._core import enter_scope, now_ns
from sonagi.load.errors import ScriptErrors
from sonagi.load.turns import Once, Turns, uncancel
from sonagi.plan.mix import order
from sonagi.script.group import group
from sonagi.script.vu import StopUser, Vu

Call = Callable[[Vu], Awaitable[Any]]


@dataclass
class Tally:
    """What became of the iterations of a share."""

    full: int = 0
    failed: int = 0
    """Of the full ones, those whose script raised."""
    interrupted: int = 0
    active: int = 0


def together(tallies: Iterable[Tally]) -> Tally:
    """What became of the iterations of several shares."""
    whole = Tally()
    for tally in tallies:
        whole.full += tally.full
        whole.failed += tally.failed
        whole.interrupted += tally.interrupted
        whole.active += tally.active
    return whole


def as_call(function: Callable[..., Awaitable[Any]]) -> Call:
    """A scenario's function as one that takes the user, whether it wants it or not."""
    wants_vu = any(
        parameter.kind
        in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL)
        for parameter in inspect.signature(function).parameters.values()
    )
    if wants_vu:
        return function
    return lambda _vu: function()


def mixed(calls: Sequence[tuple[Call, float]]) -> Call:
    """One call out of several, in their exact shares: see `sonagi.plan.mix`."""
    if len(calls) == 1:
        return calls[0][0]
    turns = [calls[at][0] for at in order([weight for _, weight in calls])]

    def call(vu: Vu) -> Awaitable[Any]:
        return turns[(vu.id + vu.iteration) % len(turns)](vu)

    return call


@dataclass(frozen=True)
class Life:
    """What all users of a scenario share."""

    call: Call
    tally: Tally
    errors: ScriptErrors
    setup: Callable[[Vu], Any] | None = None
    teardown: Callable[[Vu], Any] | None = None
    pacing_ns: int | None = None
    makes_up: bool = True
    """Whether an iteration that took too long is followed by others that come sooner."""

    async def live(self, vu: Vu, turns: Turns) -> None:
        """Become active whenever `turns` says so. An exception ends its iteration, not the user;
        being cancelled interrupts the iteration under way."""
        enter_scope(vu.scope)
        ready = self.setup is None
        try:
            for starts_at in turns.starts():
                if not await turns.gate.rest(starts_at):
                    if turns.forgives():
                        continue
                    break
                if not turns.arrives():
                    continue
                self.tally.active += 1
                try:
                    ready = ready or await self.once("vu_setup", self.setup, vu)
                    if not ready:
                        return turns.fails(vu.scope)
                    if not await self.iterate(vu, turns):
                        break
                except asyncio.CancelledError:
                    if not turns.forgives():
                        raise
                    uncancel(asyncio.current_task())
                finally:
                    self.tally.active -= 1
            if self.teardown is not None and ready:
                await self.once("vu_teardown", self.teardown, vu)
        finally:
            vu.scope.leave()

    async def receive(self, visitor: Callable[[], Vu], turns: Turns) -> None:
        """Live as one visitor after another, each for one iteration."""
        for starts_at in turns.starts():
            if not await turns.gate.rest(starts_at):
                if turns.forgives():
                    continue
                break
            if turns.arrives():
                await self.live(visitor(), Once(turns, starts_at))

    async def iterate(self, vu: Vu, turns: Turns) -> bool:
        """Iterations until there are no more turns; False when the script ended its user."""
        begin, end, call, tally = turns.begins(vu.scope), vu.scope.end, self.call, self.tally
        gate, draw = turns.gate, vu.numbering.draw
        due = now_ns() if self.pacing_ns else 0
        while True:
            if gate.hold is not None:
                if not await gate.held(gate.hold):
                    break
                vu.scope.rested()
            if not turns.take():
                break
            begin()
            vu.drawn = draw()
            try:
                await call(vu)
            except StopUser:
                return False
            except Exception as error:
                self.errors.add(error)
                tally.failed += 1
            except asyncio.CancelledError:
                tally.interrupted += 1
                raise
            tally.full += 1
            if not end():
                # It never waited for the core: let the others run, and a stop be heard.
                await asyncio.sleep(0)
            if self.pacing_ns:
                # Late by more than a whole interval: begin anew from now, without a burst.
                due = max(due + self.pacing_ns, now_ns() - self.pacing_ns * self.makes_up)
                if not await gate.rest(due):
                    break
        return True

    async def once(self, name: str, call: Callable[[Vu], Any] | None, vu: Vu) -> bool:
        """A user's own setup or teardown, async or not; False when it raised."""
        if call is None:
            return True
        try:
            with group(name):
                result = call(vu)
                if inspect.isawaitable(result):
                    await result
        except Exception as error:
            self.errors.add(error)
            return False
        return True
