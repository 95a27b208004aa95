"""Scenarios that start after others: whether their order can be."""

from collections.abc import Sequence

from sonagi.plan.plan import ScenarioPlan
from sonagi.plan.problems import Problem, unknown


def order_problems(scenarios: Sequence[ScenarioPlan]) -> list[Problem]:
    """Names in `start_after` that do not exist, and rings of scenarios that wait for each other."""
    after = {scenario.name: scenario.start_after for scenario in scenarios}
    found = []
    for name, before in after.items():
        where = f"scenarios.{name}.start_after"
        if before is None:
            continue
        if before not in after:
            found.append(unknown(before, after, where, "after"))
        elif name in _chain(before, after):
            found.append(Problem("after_ring", where, {"name": name, "before": before}))
    return found


def _chain(name: str, after: dict[str, str | None]) -> list[str]:
    """`name` and all that must end before it starts."""
    chain: list[str] = []
    following: str | None = name
    while following is not None and following not in chain:
        chain.append(following)
        following = after.get(following)
    return chain
