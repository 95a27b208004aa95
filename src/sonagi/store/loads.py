"""What load was planned, as evidence; and whether users always pause for the same time, where frames prove
it."""

from sonagi._core import Totals
from sonagi.model.evidence import PlannedLoad, ScriptFacts
from sonagi.plan.plan import Plan, ScenarioPlan

ENOUGH = 20
"""Iterations without which nothing is proven."""
SHORTEST = 10.0
"""ms that a pause has to have to stand out from a script's own work."""
ALIKE = 0.98
"""Of the mean pause, the least that the shortest one has to be."""


def loads(plan: Plan, totals: Totals, script: ScriptFacts) -> tuple[PlannedLoad, ...]:
    """Each scenario as it was planned."""
    alone = len(plan.scenarios) == 1
    return tuple(
        PlannedLoad(
            name=scenario.name,
            executor=scenario.executor,
            vus=plan.segment.count(scenario.vus),
            seconds=scenario.span,
            iterations=_iterations(plan, scenario),
            grace=scenario.graceful_stop,
            together=scenario.start == "together" and not scenario.stages,
            rate=scenario.peak_rate and scenario.peak_rate * plan.segment.length,
            grows=scenario.grows,
            constant_think=_pause(scenario, totals, script.think if alone else None),
        )
        for scenario in plan.scenarios
    )


def _iterations(plan: Plan, scenario: ScenarioPlan) -> int | None:
    """Of each user, or of this machine's share of those that all share."""
    if scenario.iterations is None or scenario.executor == "per-vu-iterations":
        return scenario.iterations
    return plan.segment.iterations(scenario)


def _pause(scenario: ScenarioPlan, totals: Totals, written: float | None) -> float | None:
    """Seconds that every user pauses in each iteration, when that is always the same.

    An iteration lasts as long as its requests, its pauses and the script's own work. So the pauses' mean
    is that of iterations less that of their requests; and the shortest pause is no longer than the
    shortest iteration less the least that its requests can have taken. Where both are about the same, so
    are all. `written` is what the script's text says, in seconds: exact, where the numbers agree with it."""
    if scenario.request is not None:
        return 0.0
    tags = {"scenario": scenario.name}
    iterations = totals.trend("iteration_duration", tags)
    if iterations is None or iterations.count < ENOUGH or totals.counter("ws_sessions", tags):
        return None
    requests = totals.trend("http_req_total", tags)
    each, least = 0.0, 0.0
    if requests is not None and requests.count:
        each = requests.sum / iterations.count
        least = requests.count / iterations.count * requests.min
    mean, shortest = iterations.mean - each, iterations.min - least
    if mean < SHORTEST or shortest < ALIKE * mean:
        return None
    seen = min(mean, shortest) / 1000
    if written and ALIKE <= written / seen <= 1 / ALIKE:
        return written
    return round(seen, 4)
