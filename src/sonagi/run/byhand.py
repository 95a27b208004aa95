"""Steering a run by hand: held and resumed, more users and fewer, over all workers."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sonagi.model.traffic import Event
from sonagi.plan.plan import Plan
from sonagi.run.shares import Shares
from sonagi.run.staff import Staff
from sonagi.store.recording import Recording

ADJUSTABLE = ("constant-vus", "shared-iterations")
"""Executors whose number of users may change while they run."""


class ByHand:
    """What keys, or another program, ask for while load is made. `clock` gives how far the run is, as it is
    shown."""

    def __init__(
        self, plan: Plan, staff: Staff, shares: Shares, recording: Recording, clock: Callable[[], str]
    ) -> None:
        self.plan = plan
        self.staff = staff
        self.shares = shares
        self.recording = recording
        self.clock = clock
        self.held = False
        self.users: dict[str, dict[int, int]] = {}
        """By scenario and worker, as they were last told."""
        self.asked: dict[str, set[int]] = {}
        """By scenario, who has not answered yet."""
        self.wanted: dict[str, int] = {}
        """By scenario, users more or fewer that are asked for once it is known where they are."""

    def hold(self) -> None:
        """Begin no iterations for now; called again, go on. The plan's clock does not stop."""
        self.held = not self.held
        self.staff.tell("H", {"on": self.held})
        self._note("run.held" if self.held else "run.resumed")

    def change_users(self, tenths: int) -> None:
        """More users, or fewer, by tenths of the plan's, in each scenario whose number may change."""
        adjustable = [scenario for scenario in self.plan.scenarios if scenario.executor in ADJUSTABLE]
        for scenario in adjustable:
            step = max(round(self.plan.segment.count(scenario.vus) / 10), 1)
            carriers = self.shares.carriers(scenario.name)
            if carriers:
                self.wanted[scenario.name] = self.wanted.get(scenario.name, 0) + tenths * step
            if scenario.name not in self.asked:
                self._ask(scenario.name, dict.fromkeys(carriers, 0))
        if not adjustable:
            self.recording.notice("run.fixed_users")

    def hear(self, worker: int, answer: Mapping[str, Any]) -> None:
        """A worker has told how many users of a scenario it has."""
        name, users = answer["scenario"], answer["users"]
        known = self.users.setdefault(name, {})
        if users is None:
            known.pop(worker, None)
        else:
            known[worker] = users
        self._heard(name, worker)

    def lose(self, worker: int) -> None:
        """It will not answer."""
        for name in list(self.asked):
            self.users.get(name, {}).pop(worker, None)
            self._heard(name, worker)

    def _ask(self, name: str, changes: Mapping[int, int]) -> None:
        if changes:
            self.asked[name] = set(changes)
        for worker, by in changes.items():
            self.staff.send(worker, "U", {"scenario": name, "by": by})

    def _heard(self, name: str, worker: int) -> None:
        waiting = self.asked.get(name)
        if waiting is None or worker not in waiting:
            return
        waiting.discard(worker)
        if waiting:
            return
        del self.asked[name]
        known = self.users.get(name, {})
        wanted = self.wanted.pop(name, 0)
        changes = {at: by for at, by in spread(wanted, known).items() if by} if known else {}
        if changes:
            self._ask(name, changes)
        elif known:
            self._note("run.users", scenario=name, users=sum(known.values()))

    def _note(self, key: str, **values: Any) -> None:
        """Somebody steered: told now, and an event in the run's record."""
        self.recording.notice(key, at=self.clock(), **values)
        self.recording.event(Event(time.monotonic(), "note", key))


def spread(by: int, users: Mapping[int, int]) -> dict[int, int]:
    """How many of `by` users more (or fewer) each worker gets that has `users` already: so that all have
    about the same, and one user stays in all of them together."""
    left = dict(users)
    for _ in range(by):
        left[min(left, key=lambda worker: (left[worker], worker))] += 1
    for _ in range(min(-by, sum(users.values()) - 1)):
        left[max(left, key=lambda worker: (left[worker], -worker))] -= 1
    return {worker: left[worker] - had for worker, had in users.items()}
