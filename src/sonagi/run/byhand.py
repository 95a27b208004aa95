"""Steering a run by hand: held and resumed, more users and fewer, over all workers."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from sonagi.model.traffic import Event
from sonagi.plan.duration import format_duration
from sonagi.plan.plan import Plan
from sonagi.run.shares import Shares
from sonagi.run.staff import Staff
from sonagi.store.recording import Recording

ADJUSTABLE = ("constant-vus", "shared-iterations")
"""Executors whose number of users may change while they run."""
RATE_MARGIN_NS = 100_000_000
"""Until a changed rate counts: all workers must have heard of it."""


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
        """By scenario, users more or fewer that are asked for once it is known where they are …"""
        self.aimed: dict[str, int] = {}
        """… or how many there shall be."""
        self.rates: dict[str, list[tuple[float, int]]] = {}
        """By scenario, its changed rates and from when on (monotonic ns): whoever takes over a share has to
        know."""
        self.on_rate: Callable[[str, float, int], None] = lambda _name, _rate, _at: None

    def hold(self, on: bool) -> None:
        """Begin no iterations for now, or go on. The plan's clock does not stop."""
        self.held = on
        self.staff.tell("H", {"on": on})
        self._note("run.held" if on else "run.resumed")

    def note(self, text: str) -> None:
        """Something to remember."""
        self.recording.notice("run.note", at=self.clock(), text=text)
        self.recording.event(Event(time.monotonic(), "note", text))

    def change_rate(self, name: str, rate: float, unit: float) -> None:
        """From a moment on `rate` iterations of an open scenario begin each `unit` seconds, to its end."""
        at = time.monotonic_ns() + RATE_MARGIN_NS
        self.rates.setdefault(name, []).append((rate, at))
        self.staff.tell("V", {"scenario": name, "rate": rate, "at_ns": at})
        self.on_rate(name, rate, at)
        self._note("run.rate", scenario=name, rate=f"{rate:g}", unit=format_duration(unit))

    def set_users(self, name: str, users: int) -> None:
        """So many users in one scenario, from now on."""
        self.aimed[name] = users
        if name not in self.asked:
            self._ask(name, dict.fromkeys(self.shares.carriers(name), 0))

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
        if name in self.aimed:
            wanted = self.aimed.pop(name) - sum(known.values())
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
