"""What a plan will do, before it does: who is active when, and whether its goal can be reached."""

import math
from collections.abc import Iterator, Mapping, Sequence

from sonagi.locale import text
from sonagi.plan import ramping
from sonagi.plan.duration import format_duration
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.report.cells import pad, pad_left, shorten

BLOCKS = " ▁▂▃▄▅▆▇█"


def users_at(plan: Plan, scenario: ScenarioPlan, second: float) -> int:
    """How many users of `scenario` are active, at the latest, `second` seconds after the run's start."""
    since = second - plan.latest_start(scenario)
    if not 0 <= since < scenario.span:
        return 0
    if not scenario.stages:
        return scenario.vus
    steps = ramping.steps(scenario.start_vus, scenario.stages)
    return [step.vus for step in steps if step.at_ns <= since * ramping.NS][-1]


def peak(plan: Plan) -> int:
    """Users of all scenarios at the busiest moment."""
    changes = [
        plan.latest_start(scenario) + step.at_ns / ramping.NS
        for scenario in plan.scenarios
        for step in (ramping.steps(scenario.start_vus, scenario.stages) or [ramping.Step(0, 0)])
    ]
    return max(sum(users_at(plan, scenario, at) for scenario in plan.scenarios) for at in changes)


def iteration_seconds(scenario: ScenarioPlan, least: Mapping[str, float]) -> float:
    """How long an iteration takes at least. `least` is that of each function."""
    weight = sum(scenario.functions.values())
    mean = sum(least.get(name, 0.0) * share for name, share in scenario.functions.items()) / weight
    return max(mean, scenario.pacing or 0.0)


def possible(scenario: ScenarioPlan, each: float) -> int | None:
    """Iterations that can begin, when each takes at least `each` seconds; None when there is no limit."""
    if each <= 0:
        return None
    if not scenario.stages:
        starts = (scenario.start_offset(number) for number in range(scenario.vus))
        return sum(math.ceil((scenario.span - start) / each) for start in starts)
    windows = ramping.windows(ramping.steps(scenario.start_vus, scenario.stages))
    spans = ((window.ends_ns - window.begins_ns) / ramping.NS for user in windows for window in user)
    return sum(math.ceil(span / each) for span in spans)


def render(plan: Plan, least: Mapping[str, float], *, width: int = 100) -> str:
    """The plan as text with a small chart, without a trailing newline."""
    return "\n".join(line.rstrip() for line in _lines(plan, least, width))


def _lines(plan: Plan, least: Mapping[str, float], width: int) -> Iterator[str]:
    whole = max(plan.latest_start(scenario) + scenario.span for scenario in plan.scenarios)
    names = max(len(scenario.name) for scenario in plan.scenarios)
    room = max(10, min(60, width - min(names, 24) - 16))
    moments = [whole * (column + 0.5) / room for column in range(room)]
    yield text("report.planned", script=plan.script, duration=format_duration(whole), vus=peak(plan))
    yield ""
    for scenario in plan.scenarios:
        users = [users_at(plan, scenario, at) for at in moments]
        if not any(users):
            # Shorter than a column of the chart, and still to be seen.
            users[min(int(plan.latest_start(scenario) / whole * room), room - 1)] = scenario.vus
        name = pad(shorten(scenario.name, 24), min(names, 24))
        yield f"  {name}  {_spark(users, scenario.vus)} {pad_left(str(scenario.vus), 6)}"
    axis = f"0s{pad_left(format_duration(whole), room - 2)}"
    yield f"  {' ' * min(names, 24)}  {axis}"
    yield ""
    for scenario in plan.scenarios:
        yield from _about(plan, scenario, least)


def _spark(values: Sequence[int], top: int) -> str:
    return "".join(BLOCKS[math.ceil(value / max(top, 1) * (len(BLOCKS) - 1))] for value in values)


def _about(plan: Plan, scenario: ScenarioPlan, least: Mapping[str, float]) -> Iterator[str]:
    start = format_duration(plan.latest_start(scenario))
    functions = ", ".join(scenario.functions)
    values = {"name": scenario.name, "functions": functions, "start": start, "after": scenario.start_after}
    yield text("report.planned_after" if scenario.start_after else "report.planned_scenario", **values)
    each = iteration_seconds(scenario, least)
    most, goal = possible(scenario, each), scenario.iterations_asked
    seconds = format_duration(each)
    if most is None:
        yield "    " + text("report.planned_unlimited")
    elif goal is None:
        yield "    " + text("report.planned_most", most=most, each=seconds)
    elif goal <= most:
        yield "    " + text("report.planned_enough", most=most, goal=goal, each=seconds)
    else:
        need = goal * each / scenario.vus
        yield "    " + text(
            "report.planned_too_many",
            most=most,
            goal=goal,
            each=seconds,
            need=format_duration(math.ceil(need)),
            vus=math.ceil(goal * each / scenario.span),
        )
