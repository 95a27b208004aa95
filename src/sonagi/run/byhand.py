"""Steering a run by hand: held and resumed, more users and fewer, over all workers."""

import time
from collections.abc import Callable, Iterable, Mapping
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
        self.last: dict[str, int] = {}
        """By scenario, the users that were asked for last."""
        self.stale: set[str] = set()
        """Scenarios in which workers took over users after they were asked how many they have."""
        self.quiet: set[str] = set()
        """Scenarios in which nobody asks for more than was told already."""
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
        self._question(name)

    def change_users(self, tenths: int) -> None:
        """More users, or fewer, by tenths of the plan's, in each scenario whose number may change."""
        adjustable = [scenario for scenario in self.plan.scenarios if scenario.executor in ADJUSTABLE]
        for scenario in adjustable:
            step = max(round(self.plan.segment.count(scenario.vus) / 10), 1)
            if self.shares.carriers(scenario.name):
                self.wanted[scenario.name] = self.wanted.get(scenario.name, 0) + tenths * step
                self._question(scenario.name)
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
        """It will not answer, and its users are no more."""
        for known in self.users.values():
            known.pop(worker, None)
        for name in list(self.asked):
            self._heard(name, worker)

    def restore(self, names: Iterable[str]) -> None:
        """In these scenarios workers take over another's users, as many as the plan has: where a number was
        asked for by hand, that one counts."""
        for name in names:
            if name in self.last and name not in self.aimed:
                if name not in self.wanted and name not in self.asked:
                    self.quiet.add(name)
                self.aimed[name] = self.last[name] + self.wanted.pop(name, 0)
            if name in self.asked:
                self.stale.add(name)
            elif name in self.aimed:
                self._question(name, quiet=name in self.quiet)

    def _question(self, name: str, *, quiet: bool = False) -> None:
        """Ask how many users there are: some may have ended by themselves."""
        if not quiet:
            self.quiet.discard(name)
        if name not in self.asked:
            self.users[name] = {}
            self._ask(name, dict.fromkeys(self.shares.carriers(name), 0))

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
        if name in self.stale:
            self.stale.discard(name)
            self._question(name, quiet=name in self.quiet)
            return
        known = self.users.get(name, {})
        changes = self._changes(name, known) if known else {}
        if changes:
            self._ask(name, changes)
        elif known and name not in self.quiet:
            self._note("run.users", scenario=name, users=sum(known.values()))
        else:
            self.quiet.discard(name)

    def _changes(self, name: str, known: Mapping[int, int]) -> dict[int, int]:
        """By worker, users more or fewer; none when all that was asked for is there."""
        there, more = sum(known.values()), self.wanted.pop(name, None)
        aimed = self.aimed.pop(name, None if more is None else there + more)
        if aimed is None:
            return {}
        changes = spread(aimed - there, known)
        self.last[name] = there + sum(changes.values())
        return {worker: by for worker, by in changes.items() if by}

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
