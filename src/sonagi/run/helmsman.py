"""Orders from outside for a run that goes on: which scenario is meant, whether it can be done; doing it."""

from collections.abc import Callable, Mapping
from typing import Any

from sonagi.plan.duration import format_duration
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.problems import Problem
from sonagi.run.byhand import ADJUSTABLE, ByHand
from sonagi.run.limits import most_vus
from sonagi.run.making import Load
from sonagi.run.orders import NOW, Order, meant
from sonagi.run.shares import Shares

Answer = Mapping[str, Any] | Problem


class Helmsman:
    """`stop` ends the run gracefully, as Ctrl-C does."""

    def __init__(
        self, plan: Plan, shares: Shares, by_hand: ByHand, load: Load, stop: Callable[[], None]
    ) -> None:
        self.plan = plan
        self.shares = shares
        self.by_hand = by_hand
        self.load = load
        self.stop = stop
        self.stopping = False

    def obey(self, order: Order) -> Answer:
        """Carry it out; what is to be answered."""
        if order.does == "note":
            self.by_hand.note(order.text)
            return _said("run.said_noted")
        if order.does == "stop":
            return self._stop(order.text == NOW)
        if self.load.began is None or self.shares.over:
            return Problem("control_no_load", "")
        if order.does == "vus":
            return self._users(order)
        if order.does == "rate":
            return self._rate(order)
        return self._hold(order.does == "pause")

    def _stop(self, now: bool) -> Answer:
        """As Ctrl-C does; a second order changes nothing, unless it says "now"."""
        if self.stopping and not now:
            return Problem("control_stopping", "")
        if now and not self.stopping:
            self.stop()
        self.stopping = True
        self.stop()
        return _said("run.said_stopping_now" if now else "run.said_stopping")

    def _hold(self, on: bool) -> Answer:
        if self.by_hand.held == on:
            return Problem("control_paused" if on else "control_not_paused", "")
        self.by_hand.hold(on)
        return _said("run.said_paused" if on else "run.said_resumed")

    def _users(self, order: Order) -> Answer:
        name = self._meant(order, lambda scenario: scenario.executor in ADJUSTABLE)
        if isinstance(name, Problem):
            return name
        if order.number > most_vus():
            return Problem("control_most_vus", "", {"users": int(order.number), "most": most_vus()})
        self.by_hand.set_users(name, int(order.number))
        return _said("run.said_users", scenario=name, users=int(order.number))

    def _rate(self, order: Order) -> Answer:
        name = self._meant(order, lambda scenario: scenario.is_open)
        if isinstance(name, Problem):
            return name
        [unit] = [one.time_unit for one in self.plan.scenarios if one.name == name]
        self.by_hand.change_rate(name, order.number, unit)
        values = {"rate": f"{order.number:g}", "unit": format_duration(unit)}
        return _said("run.said_rate", scenario=name, **values)

    def _meant(self, order: Order, can: Callable[[ScenarioPlan], bool]) -> str | Problem:
        """The scenario that is asked, of those that can do it and go on."""
        able = [one.name for one in self.plan.scenarios if can(one) and self.shares.carriers(one.name)]
        return meant(able, order.scenario, [one.name for one in self.plan.scenarios], order.does)


def _said(key: str, **values: Any) -> Mapping[str, Any]:
    return {"key": key, "values": values}
