"""Whether all users always pause for the same time, as frames prove it."""

import pytest
from frames import delta, floats, frame, trend

from sonagi._core import Totals
from sonagi.model.evidence import ScriptFacts
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.store.loads import loads


def planned(iterations: list[float], took: list[float], think: float | None = None) -> float | None:
    """The constant pause (s) of a scenario whose iterations and requests lasted so many ms."""
    totals = Totals()
    totals.merge(
        frame(
            delta("iteration_duration", "trend", trend(*iterations), "time", scenario="shop"),
            delta("http_req_total", "trend", trend(*took), "time", scenario="shop"),
        )
    )
    plan = Plan("shop.py", (ScenarioPlan("shop", "constant-vus", {"browse": 1}, 2, 3.0),))
    [load] = loads(plan, totals, ScriptFacts(think))
    return load.constant_think


@pytest.mark.parametrize(
    ("pauses", "think"),
    [
        ([1000.0] * 30, 1.0),
        ([1000.0, 1003.0] * 15, 1.0015),
        ([500.0, 1500.0] * 15, None),
        ([0.2] * 30, None),
        ([1000.0] * 19, None),
    ],
)
def test_a_pause_is_constant_where_the_shortest_is_as_long_as_the_mean(
    pauses: list[float], think: float | None
) -> None:
    took = [float(10 + number % 5) for number in range(len(pauses))]
    iterations = [pause + request for pause, request in zip(pauses, took, strict=True)]
    assert planned(iterations, took) == (think if think is None else pytest.approx(think, rel=0.003))


def test_what_the_script_says_is_exact_where_the_numbers_agree_with_it() -> None:
    iterations, took = [1011.0] * 30, [10.0] * 30
    assert planned(iterations, took, think=1.0) == 1.0
    assert planned(iterations, took, think=5.0) == 1.001


def test_a_hit_never_pauses_and_a_scenario_is_told_as_it_was_planned() -> None:
    scenario = ScenarioPlan(
        "s",
        "per-vu-iterations",
        {"f": 1},
        4,
        2,
        iterations=9,
        graceful_stop=7.0,
        start="together",
        request={"method": "GET", "url": "http://h/"},
    )
    [load] = loads(Plan("", (scenario,)), Totals(), ScriptFacts())
    assert (load.constant_think, load.vus, load.goal, load.grace, load.together) == (0.0, 4, 36, 7.0, True)


def test_sessions_of_websockets_hide_what_a_pause_is() -> None:
    totals = Totals()
    series = [
        delta("iteration_duration", "trend", trend(*[1000.0] * 30), "time", scenario="shop"),
        delta("ws_sessions", "counter", floats(30), scenario="shop"),
    ]
    totals.merge(frame(*series))
    plan = Plan("shop.py", (ScenarioPlan("shop", "constant-vus", {"browse": 1}, 2, 3.0),))
    assert loads(plan, totals, ScriptFacts())[0].constant_think is None
