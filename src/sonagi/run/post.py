"""Messages of workers: waited for, and dealt with where that is always the same."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from sonagi.load.script import ScriptProblem
from sonagi.locale import text
from sonagi.run.byhand import ByHand
from sonagi.run.hearing import Hearing
from sonagi.run.staff import Staff
from sonagi.run.verdict import EXIT_OTHER, Failed
from sonagi.run.workers import Message


class Post:
    """`log` gets what a worker prints, `on_gone` hears of one that is gone, and why."""

    def __init__(
        self,
        staff: Staff,
        hearing: Hearing,
        by_hand: ByHand,
        log: Callable[[str], None],
        on_gone: Callable[[int, str], None],
    ) -> None:
        self.staff = staff
        self.hearing = hearing
        self.by_hand = by_hand
        self.log = log
        self.on_gone = on_gone
        self.deadline: float | None = None
        """Of all that is waited for, whatever its own is."""

    async def answers(
        self,
        kind: str,
        waited: Sequence[int],
        timeout: float,
        exit_code: int,
        late: str,
        lost: str = "run.worker_lost",
    ) -> list[dict[str, Any]]:
        """A message of `kind` from each of the workers `waited`, as far as they stay; one at least. Raises
        Failed, after `timeout` seconds with `exit_code` and the sentence `late`; with `lost` when none has
        stayed."""
        answers: dict[int, dict[str, Any]] = {}
        deadline = time.monotonic() + timeout
        while any(worker in self.staff.present and worker not in answers for worker in waited):
            message = await self.next(deadline)
            if message is None:
                raise Failed(text(late, seconds=f"{timeout:g}"), exit_code)
            if message.kind == kind:
                answers[message.worker] = json.loads(message.payload)
        if not answers:
            raise Failed(text(lost), EXIT_OTHER)
        return list(answers.values())

    async def next(self, deadline: float) -> Message | None:
        """The next message, when it has been dealt with; None after the deadline."""
        while True:
            # A second Ctrl-C brings the deadline forward: look at it again each tenth of a second.
            limit = min(deadline, self.deadline or deadline)
            wait = min(limit - time.monotonic(), 0.1)
            if wait <= 0:
                return None
            try:
                message = await asyncio.wait_for(self.staff.workers.receive(), wait)
            except TimeoutError:
                continue
            self._deal_with(message)
            return message

    def _deal_with(self, message: Message) -> None:
        if message.kind == "F":
            self.hearing.frame(message.payload)
        elif message.kind == "u":
            self.by_hand.hear(message.worker, json.loads(message.payload))
        elif message.kind == "L":
            self.hearing.samples(message.payload)
        elif message.kind == "log":
            self.log(message.payload.decode())
        elif message.kind == "E":
            _raise(json.loads(message.payload))
        elif message.kind == "gone":
            self.on_gone(message.worker, message.payload.decode())


def _raise(error: dict[str, Any]) -> None:
    """What went wrong in a worker, here."""
    if "kind" not in error:
        raise ScriptProblem(error["message"], error["exit_code"])
    where = {"place": error["place"], "kind": error["kind"], "message": error["message"]}
    raise Failed(text("script.raised", **where, trace=error["traceback"]), error["exit_code"])
