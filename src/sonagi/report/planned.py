"""What a plan will do, before it does: who is active when, and whether its goal can be reached."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from sonagi.locale import text
from sonagi.plan import ramping
from sonagi.plan.arrivals import NS, curve_of, schedule_of
from sonagi.plan.duration import format_duration
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.segment import Segment
from sonagi.report.cells import pad, pad_left, shorten
from sonagi.report.said import number

BLOCKS = " ▁▂▃▄▅▆▇█"


def users_at(plan: Plan, scenario: ScenarioPlan, second: float) -> int:
    """How many users of `scenario` are active, at the latest, `second` seconds after the run's start."""
    since = second - plan.latest_start(scenario)
    if not 0 <= since < scenario.span:
        return 0
    if not scenario.stages:
        return plan.segment.count(scenario.vus)
    steps = ramping.steps(scenario.start_vus, scenario.stages)
    return plan.segment.count([step.vus for step in steps if step.at_ns <= since * ramping.NS][-1])


def rate_at(plan: Plan, scenario: ScenarioPlan, second: float, room: float) -> float:
    """How many iterations of an open model begin a second around `second` after the run's start; those of a
    replayed log are counted over `room` seconds."""
    since = second - plan.latest_start(scenario)
    if not scenario.replayed:
        return curve_of(scenario).rate(since) * plan.segment.length
    # A rate is counted over a second at least: one request is no thousand a second.
    room = max(room, 1.0)
    low, high = (bisect_left(scenario.replayed, (since + by) * NS) for by in (-room / 2, room / 2))
    return (high - low) / room * plan.segment.length


def peak(plan: Plan) -> int:
    """Users of the closed scenarios at the busiest moment; 0 if there are none."""
    closed = [scenario for scenario in plan.scenarios if not scenario.is_open]
    changes = [
        plan.latest_start(scenario) + step.at_ns / ramping.NS
        for scenario in closed
        for step in (ramping.steps(scenario.start_vus, scenario.stages) or [ramping.Step(0, 0)])
    ]
    return max((sum(users_at(plan, scenario, at) for scenario in closed) for at in changes), default=0)


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


def render(plan: Plan, least: Mapping[str, float], *, width: int = 100, rows: int = 1) -> str:
    """The plan as text with a chart, `rows` high for each scenario; without a trailing newline."""
    return "\n".join(line.rstrip() for line in _lines(plan, least, width, rows))


def _lines(plan: Plan, least: Mapping[str, float], width: int, rows: int) -> Iterator[str]:
    whole = max(plan.latest_start(scenario) + scenario.span for scenario in plan.scenarios)
    names = max(len(scenario.name) for scenario in plan.scenarios)
    room = max(10, min(60, width - min(names, 24) - 16))
    moments = [whole * (column + 0.5) / room for column in range(room)]
    users = peak(plan)
    if plan.replaced:
        yield text("run.replaced", scenarios=", ".join(plan.replaced))
    said = {"script": plan.script, "duration": format_duration(whole), "vus": users}
    yield text("report.planned" if users else "report.planned_open", **said)
    if plan.segment != Segment():
        yield text("report.planned_share", share=f"{plan.segment.length:.3g}")
    yield ""
    for scenario in plan.scenarios:
        values, top, unit = _heights(plan, scenario, moments)
        if not any(values):
            # Shorter than a column of the chart, and still to be seen.
            values[min(int(plan.latest_start(scenario) / whole * room), room - 1)] = top
        beside = [""] * (rows - 1) + [shorten(scenario.name, 24)]
        levels = [f"{number(top)}{unit}"] + [""] * (rows - 1)
        for name, line, level in zip(beside, _chart(values, top, rows), levels, strict=True):
            yield f"  {pad(name, min(names, 24))}  {line} {pad_left(level, 6)}"
        if rows > 1:
            yield ""
    axis = f"0s{pad_left(format_duration(whole), room - 2)}"
    yield f"  {' ' * min(names, 24)}  {axis}"
    yield ""
    for scenario in plan.scenarios:
        yield from _about(plan, scenario, least)


def _heights(plan: Plan, scenario: ScenarioPlan, moments: Sequence[float]) -> tuple[list[float], float, str]:
    """Users, or starts a second of an open model, at `moments`; the most there are, and its unit."""
    if not scenario.is_open:
        return [users_at(plan, scenario, at) for at in moments], plan.segment.count(scenario.vus), ""
    apart = moments[1] - moments[0]
    rates = [rate_at(plan, scenario, at, apart) for at in moments]
    peak = (scenario.peak_rate or 0.0) * plan.segment.length
    return rates, max(rates) if scenario.replayed else peak, "/s"


def _chart(values: Sequence[float], top: float, rows: int) -> Iterator[str]:
    """Columns of blocks, from the highest row down."""
    steps = len(BLOCKS) - 1
    heights = [math.ceil(min(value / (top or 1.0), 1.0) * steps * rows) for value in values]
    for row in reversed(range(rows)):
        yield "".join(BLOCKS[min(max(height - row * steps, 0), steps)] for height in heights)


def _about(plan: Plan, scenario: ScenarioPlan, least: Mapping[str, float]) -> Iterator[str]:
    start = format_duration(plan.latest_start(scenario))
    functions = ", ".join(scenario.functions)
    values = {"name": scenario.name, "functions": functions, "start": start, "after": scenario.start_after}
    yield text("report.planned_after" if scenario.start_after else "report.planned_scenario", **values)
    each = iteration_seconds(scenario, least)
    if scenario.is_open:
        yield from _about_open(plan, scenario, each)
        return
    most, goal = possible(scenario, each), scenario.iterations_asked
    if plan.segment != Segment():
        most = most and int(most * plan.segment.length)
        goal = goal and int(goal * plan.segment.length)
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


def _about_open(plan: Plan, scenario: ScenarioPlan, each: float) -> Iterator[str]:
    """How many iterations begin, by whom, and how many users that takes: rate × their time (Little)."""
    starts = number(plan.segment.count(schedule_of(scenario, 0).count))
    most = plan.segment.count(scenario.vus)
    need = math.ceil((scenario.peak_rate or 0.0) * plan.segment.length * each)
    values = {"starts": starts, "need": need, "vus": most, "each": format_duration(each)}
    if not need:
        yield "    " + text("report.planned_starts", **values)
    elif scenario.drops and need > most:
        yield "    " + text("report.planned_drops", **values)
    else:
        yield "    " + text("report.planned_users", **values)
    by = "users_at_most" if scenario.drops else "users_as_needed"
    parts = [
        text("report.arrivals_poisson") if scenario.arrivals == "poisson" else "",
        text("report.users_visiting") if scenario.sessions else "",
        text(f"report.{by}", vus=most),
    ]
    yield "    " + ", ".join(filter(None, parts))
