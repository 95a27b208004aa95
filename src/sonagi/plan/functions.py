"""Which of a script's functions a scenario runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sonagi.plan.executors import Scenario
from sonagi.plan.mix import Mix
from sonagi.plan.problems import Problem, unknown


@dataclass(frozen=True, slots=True)
class Offered:
    """What a script offers to a plan."""

    path: str
    functions: Sequence[str]
    """Public `async def` functions."""
    plain_functions: Sequence[str] = ()
    metrics: Mapping[str, str] | None = None
    """Custom metrics, name → kind."""
    arrivals: Callable[[str], Sequence[int] | Problem] = lambda _path: Problem("no_arrivals", "")
    """When requests came according to the access log at a path, in ns after the first one."""
    most_vus: int = 1_000_000
    """Users that the system has descriptors for."""
    unread: Callable[[str, str], str | None] = lambda _path, _marker: None
    """Why a PEM file cannot be used, by its path and what has to stand in it; None where it can."""


def chosen_functions(
    name: str, scenario: Scenario, offered: Offered, found: list[Problem]
) -> dict[str, float] | None:
    """Names and weights: `exec`, else the scenario's name, else `default`, else the only one there is."""
    where = f"scenarios.{name}.exec"
    if isinstance(scenario.exec, Mix):
        return _mixed(scenario.exec, offered, where, found)
    wanted = scenario.exec if isinstance(scenario.exec, str) else getattr(scenario.exec, "__name__", None)
    if wanted is not None:
        return {wanted: 1} if _is_offered(wanted, offered, where, found) else None
    for candidate in (name, "default"):
        if candidate in offered.functions:
            return {candidate: 1}
    if len(offered.functions) == 1:
        return {offered.functions[0]: 1}
    if offered.functions:
        found.append(Problem("many_functions", where, {"names": ", ".join(offered.functions)}))
    elif offered.plain_functions:
        found.append(Problem("not_async", offered.path, {"name": offered.plain_functions[0]}))
    else:
        found.append(Problem("no_function", offered.path))
    return None


def _mixed(mix: Mix, offered: Offered, where: str, found: list[Problem]) -> dict[str, float] | None:
    known = [_is_offered(name, offered, where, found) for name in mix.weights]
    wrong = mix.wrong()
    found += [Problem("weight", f"{where}.{name}", {"value": repr(value)}) for name, value in wrong.items()]
    if not mix.weights:
        found.append(Problem("empty_mix", where))
    return dict(mix.weights) if known and all(known) and not wrong else None


def _is_offered(wanted: str, offered: Offered, where: str, found: list[Problem]) -> bool:
    if wanted in offered.functions:
        return True
    if wanted in offered.plain_functions:
        found.append(Problem("not_async", where, {"name": wanted}))
    else:
        found.append(unknown(wanted, offered.functions, where, "function"))
    return False
