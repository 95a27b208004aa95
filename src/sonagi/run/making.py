"""Load being made: shares of scenarios ordered, seen through, and taken over from workers that are gone."""

import json
import time
from collections.abc import Callable, Iterable

from sonagi.locale import text
from sonagi.plan.duration import format_duration
from sonagi.plan.plan import Plan
from sonagi.plan.workers import REDISTRIBUTE
from sonagi.run.byhand import ByHand
from sonagi.run.hearing import Hearing
from sonagi.run.post import Post
from sonagi.run.shares import Share, Shares
from sonagi.run.staff import Staff
from sonagi.run.verdict import EXIT_OTHER, Failed, Verdict
from sonagi.run.workers import Message
from sonagi.store.recording import Recording

MARGIN_NS = 20_000_000
"""Between the order to start and the start: time for the order to reach everyone."""
PATIENCE = 2.0
"""Seconds that a worker gets beyond what it was promised."""


class Load:
    """The load of one run. `on_loss` says what happens when a worker dies."""

    def __init__(
        self, plan: Plan, staff: Staff, shares: Shares, recording: Recording, verdict: Verdict, on_loss: str
    ) -> None:
        self.plan = plan
        self.staff = staff
        self.shares = shares
        self.recording = recording
        self.verdict = verdict
        self.on_loss = on_loss
        self.began: float | None = None
        self.seconds = 0.0

    def connect(self, hearing: Hearing, by_hand: ByHand, post: Post) -> None:
        """What hears of the load, and by what it is heard."""
        self.hearing = hearing
        self.by_hand = by_hand
        self.post = post

    def clock(self) -> str:
        """How far it is, as it is shown."""
        return format_duration(round(time.monotonic() - (self.began or time.monotonic())))

    def stop(self, grace: float) -> None:
        """Begin nothing more; what is under way may take `grace` seconds."""
        self.shares.stop()
        self.post.deadline = time.monotonic() + grace + PATIENCE
        self.staff.tell("X", {"grace_s": grace})

    async def make(self) -> None:
        """From the first iteration to the last frame. Raises Failed."""
        at = time.monotonic_ns() + MARGIN_NS
        self.began = self.hearing.began = at / 1e9
        self.recording.load_begins(self.began, time.time() + MARGIN_NS / 1e9, self.staff.count)
        for worker in set(range(self.staff.count)) - set(self.staff.present):
            self.recording.lose(worker)
        self.staff.tell("G", {"at_ns": at})
        self._order(self.shares.begin(at, self.staff.present))
        self.post.deadline = self.began + self.plan.total + PATIENCE
        try:
            await self._see_through()
            await self._wind_up()
        finally:
            self.seconds = time.monotonic() - self.began
            self.hearing.end_load()
            self.recording.load_ends(self.began + self.seconds)
            self.post.deadline = None

    async def _see_through(self) -> None:
        """Until every share of every scenario has been carried out."""
        while not self.shares.over:
            message = await self._next(lambda: {share.worker for share in self.shares.open.values()})
            if message is not None and message.kind == "e":
                ended = json.loads(message.payload)
                self.shares.end(ended["share"], ended["made"])
                self._begin_due()

    async def _wind_up(self) -> None:
        """Until all have sent what they had not sent yet."""
        self.post.deadline = time.monotonic() + PATIENCE
        self.staff.tell("W")
        wound_up: set[int] = set()
        while not wound_up.issuperset(self.staff.present):
            message = await self._next(lambda: set(self.staff.present) - wound_up)
            if message is not None and message.kind == "Z":
                wound_up.add(message.worker)

    async def _next(self, late: Callable[[], set[int]]) -> Message | None:
        """The next message; at the deadline none, and nobody waits for the workers that are `late` any more.
        Raises Failed when none is left."""
        message = await self.post.next(self.post.deadline or 0.0)
        if message is None:
            self._kill(late())
        if not self.staff.present:
            raise Failed(text("run.worker_lost"), EXIT_OTHER)
        return message

    def _begin_due(self) -> None:
        """Who waits for a scenario begins at one instant, wherever it is."""
        self._order(self.shares.begin(time.monotonic_ns() + MARGIN_NS, self.staff.present))

    def _order(self, shares: Iterable[Share]) -> None:
        for share in shares:
            rates = self.by_hand.rates.get(share.scenario, [])
            self.staff.send(share.worker, "B", {**share.to_json(), "rates": rates})

    # --- workers that are gone ---

    def _kill(self, late: set[int]) -> None:
        """The time of all is over, and these have not stopped."""
        self.shares.stop()
        if self.on_loss != REDISTRIBUTE:
            self.verdict.ends("error", EXIT_OTHER)
        for worker in sorted(late):
            self._gone(worker)
            self.shares.lose(worker, self.staff.present, time.monotonic_ns())
            self.recording.notice("run.killed", worker=worker + 1, of=self.staff.count)

    def _gone(self, worker: int) -> bool:
        """Nobody waits for it any more; whether it was there until now."""
        if not self.staff.lose(worker):
            return False
        self.hearing.lose(worker)
        self.by_hand.lose(worker)
        return True

    def lose(self, worker: int, why: str) -> None:
        """A worker is gone: others take over what it carried, or the run ends. Raises Failed when it ends
        before any load was made."""
        needed = self.staff.busy == worker
        if not self._gone(worker):
            return
        told = {"worker": worker + 1, "of": self.staff.count, "why": why, "at": self.clock()}
        ends = self.on_loss != REDISTRIBUTE
        if ends and self.began is None:
            self.recording.notice("run.worker_gone", **told)
            raise Failed(text("run.worker_lost_early"), EXIT_OTHER)
        key = "run.worker_gone"
        if ends and not (self.shares.stopped or self.shares.over):
            key = "run.worker_gone_stop"
            self.verdict.ends("error", EXIT_OTHER)
            self.stop(0.0)
        taken = self.shares.lose(worker, self.staff.present, time.monotonic_ns() + MARGIN_NS)
        if (taken or self.shares.to_begin) and self.staff.present and not needed:
            key = "run.worker_gone_on"
        self._order(taken)
        self.by_hand.restore({share.scenario for share in taken})
        if self.began is not None:  # it may have been the last that a scenario waited for
            self._begin_due()
        self.recording.notice(key, **told)
