"""Options and flags become a plan, or all that is wrong with them at once."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi import ConstantVUs, Options, PerVUIterations, SharedIterations
from sonagi.plan.build import Offered, build_plan
from sonagi.plan.plan import Plan, ScenarioPlan, Segment
from sonagi.plan.problems import PlanError


def plan(
    options: Options | None = None,
    functions: tuple[str, ...] = ("browse",),
    plain: tuple[str, ...] = (),
    **flags: Any,
) -> Plan:
    return build_plan(Offered("test.py", functions, plain, {}), options, flags)


def codes(
    options: Options | None = None, functions: tuple[str, ...] = ("browse",), **flags: Any
) -> list[str]:
    with pytest.raises(PlanError) as caught:
        plan(options, functions, **flags)
    return [f"{problem.where}: {problem.code}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("options", "flags", "executor", "vus", "iterations", "duration"),
    [
        ({}, {}, "per-vu-iterations", 1, 1, None),
        ({"vus": 5, "duration": "10s"}, {}, "constant-vus", 5, None, 10),
        ({"vus": 5, "iterations": 20}, {}, "shared-iterations", 5, 20, None),
        ({"vus": 5}, {}, "shared-iterations", 5, 5, None),
        ({"vus": 5, "duration": "10s"}, {"vus": 7}, "constant-vus", 7, None, 10),
        ({"vus": 5, "duration": "10s"}, {"duration": 3}, "constant-vus", 5, None, 3),
        ({"vus": 5, "duration": "10s"}, {"iterations": 9}, "shared-iterations", 5, 9, None),
        ({"scenarios": {"a": ConstantVUs(vus=3, duration=5)}}, {"vus": 2}, "shared-iterations", 2, 2, None),
        (
            {"scenarios": {"a": ConstantVUs(vus=3, duration=5)}},
            {"duration": "1s"},
            "constant-vus",
            1,
            None,
            1,
        ),
    ],
)
def test_shortcuts_and_flags_mean_what_they_mean_in_k6(
    options: Mapping[str, Any],
    flags: Mapping[str, Any],
    executor: str,
    vus: int,
    iterations: Any,
    duration: Any,
) -> None:
    [scenario] = plan(Options(**options), **flags).scenarios
    assert (scenario.executor, scenario.vus) == (executor, vus)
    assert (scenario.iterations, scenario.duration) == (iterations, duration)


@pytest.mark.parametrize(
    ("name", "functions", "chosen"),
    [("a", ("a", "default", "b"), "a"), ("x", ("a", "default"), "default"), ("x", ("only",), "only")],
)
def test_the_function_is_the_scenarios_namesake_else_default_else_the_only_one(
    name: str, functions: tuple[str, ...], chosen: str
) -> None:
    options = Options(scenarios={name: PerVUIterations()})
    assert plan(options, functions).scenarios[0].function == chosen


def test_exec_takes_a_name_or_the_function() -> None:
    async def browse() -> None: ...

    for given_exec in ("browse", browse):
        options = Options(scenarios={"x": PerVUIterations(exec=given_exec)})
        assert plan(options, ("browse", "other")).scenarios[0].function == "browse"


def test_all_mistakes_come_at_once_with_their_places() -> None:
    options = Options(
        vuss=3,  # type: ignore[call-arg]
        timeout="5 x",
        thresholds={"http_req_durations": ["p(95)<500"]},
        summary_trend_stats=["p95"],
        scenarios={"a": ConstantVUs(vus=0, duration="10"), "b": PerVUIterations(exec="brwse")},
    )
    assert codes(options) == [
        "timeout: duration",
        "vuss: option_near",
        "scenarios.a.vus: count",
        "scenarios.a.duration: duration_unit",
        "scenarios.b.exec: function_near",
        "thresholds.http_req_durations: threshold_metric_near",
        "summary_trend_stats: trend_stat",
    ]


@pytest.mark.parametrize(
    ("options", "functions", "expected"),
    [
        ({}, (), "test.py: no_function"),
        ({}, ("a", "b"), "scenarios.default.exec: many_functions"),
        ({"vus": 2, "scenarios": {"a": PerVUIterations()}}, ("a",), "vus: shortcut_and_scenarios"),
        ({"scenarios": {}}, ("a",), "scenarios: no_scenarios"),
        ({"vus": 5, "iterations": 3}, ("a",), "iterations: fewer_iterations"),
        ({"scenarios": {"a": ConstantVUs(duration=0)}}, ("a",), "scenarios.a.duration: no_time"),
        ({"scenarios": {"a b": PerVUIterations()}}, ("a",), "scenarios.a b: scenario_name"),
        ({"scenarios": {"a": ConstantVUs()}}, ("a",), "scenarios.a.duration: missing"),  # type: ignore[call-arg]
    ],
)
def test_a_mistake_is_found(options: Mapping[str, Any], functions: tuple[str, ...], expected: str) -> None:
    assert codes(Options(**options), functions) == [expected]


def test_a_plan_survives_json() -> None:
    made = plan(
        Options(
            scenarios={"a": ConstantVUs(vus=3, duration="5s"), "b": SharedIterations(vus=2, iterations=9)},
            thresholds={"http_req_duration{status:200}": ["p(95)<500"]},
            tags={"team": "소나기"},
        ),
        ("a", "b"),
    )
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


def scenario(
    vus: int, duration: float | None = 10.0, start: str = "spread", iterations: int | None = None
) -> ScenarioPlan:
    return ScenarioPlan(
        "s", "constant-vus", "f", vus, 1, duration=duration, start=start, iterations=iterations
    )


@given(st.integers(1, 500), st.integers(1, 9), st.integers(1, 2000))
def test_segments_share_out_users_and_iterations_exactly(vus: int, workers: int, iterations: int) -> None:
    whole = scenario(vus, iterations=iterations)
    segments = [Segment(index, workers) for index in range(workers)]
    users = sorted(user for segment in segments for user in segment.users(whole))
    assert users == list(range(vus))
    assert sum(segment.iterations(whole) for segment in segments) == iterations


@given(st.integers(1, 1000), st.floats(0.1, 1000))
def test_users_start_spread_over_a_second_or_a_tenth_of_the_duration(vus: int, duration: float) -> None:
    offsets = [scenario(vus, duration).start_offset(number) for number in range(vus)]
    assert offsets == sorted(offsets)
    assert offsets[0] == 0
    assert offsets[-1] < min(1.0, duration / 10)


def test_together_they_start_at_once() -> None:
    assert {scenario(9, start="together").start_offset(number) for number in range(9)} == {0.0}
