"""A virtual user's life: iterations, one after another."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sonagi._core import enter_scope, pause_until
from sonagi.load.errors import ScriptErrors
from sonagi.script.vu import Vu

Call = Callable[[Vu], Awaitable[Any]]


class Turns(Protocol):
    """Says whether a user may begin another iteration."""

    def take(self) -> bool:
        """True, and one turn is used up; False, and this user is done."""


@dataclass
class Tally:
    """What became of the iterations of this worker."""

    full: int = 0
    failed: int = 0
    """Of the full ones, those whose script raised."""
    interrupted: int = 0
    active: int = 0


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


async def live(vu: Vu, call: Call, turns: Turns, starts_at: int, tally: Tally, errors: ScriptErrors) -> None:
    """Begin at `starts_at` (monotonic ns) and take turns until there are none. An exception ends its
    iteration, not the user; being cancelled interrupts the iteration under way."""
    enter_scope(vu.scope)
    begin, end = vu.scope.begin, vu.scope.end
    try:
        await pause_until(starts_at)
        tally.active += 1
        try:
            while turns.take():
                begin()
                try:
                    await call(vu)
                except Exception as error:
                    errors.add(error)
                    tally.failed += 1
                except asyncio.CancelledError:
                    tally.interrupted += 1
                    raise
                tally.full += 1
                if not end():
                    # It never waited for the core: let the others run, and a stop be heard.
                    await asyncio.sleep(0)
        finally:
            tally.active -= 1
    finally:
        vu.scope.leave()
