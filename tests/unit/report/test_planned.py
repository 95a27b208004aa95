"""What a plan will do, told before it does."""

from typing import Any

import pytest

from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.report.planned import possible, render, users_at


def scenario(**changes: Any) -> ScenarioPlan:
    usual: dict[str, Any] = {
        "name": "shop",
        "executor": "constant-vus",
        "functions": {"browse": 1},
        "vus": 100,
        "first_vu": 1,
        "duration": 600.0,
    }
    return ScenarioPlan(**{**usual, **changes})


PER_VU = {"executor": "per-vu-iterations", "duration": None, "iterations": 1000, "max_duration": 600.0}


def test_a_goal_that_cannot_be_reached_is_said_with_what_would_do() -> None:
    # The write-up that started it all: 100 users who sleep 1 s, 100,000 iterations, 10 minutes.
    said = render(Plan("load_test.py", (scenario(**PER_VU),)), {"browse": 1.0})
    assert "100000 iterations asked for, but at most 60000 are possible: each takes 1s or more" in said
    assert "It would take 16m40s, or 167 users" in said


@pytest.mark.parametrize(
    ("changes", "each", "most"),
    [
        ({}, 0.0, None),
        ({"start": "together"}, 1.0, 60_000),
        ({"start": "together", "duration": 1.5, "vus": 2}, 1.0, 4),
        ({"stages": ((10.0, 10), (10.0, 0)), "vus": 10, "start_vus": 0}, 1.0, 100),
    ],
)
def test_as_many_iterations_are_possible_as_can_begin(
    changes: dict[str, Any], each: float, most: int | None
) -> None:
    assert possible(scenario(**changes), each) == most


def test_scenarios_that_follow_each_other_are_drawn_one_after_another() -> None:
    first = scenario(name="first", duration=10.0, graceful_stop=0.0, vus=5)
    stages = ((10.0, 8),)
    second = scenario(name="second", stages=stages, start_vus=0, vus=8, start_after="first")
    plan = Plan("s.py", (first, second))
    assert [users_at(plan, second, at) for at in (5, 10, 15, 19.9, 20)] == [0, 0, 4, 7, 0]
    lines = render(plan, {}, width=60).splitlines()
    assert lines[0] == "s.py: 20s, at most 7 users at once"
    assert lines[2].index("█") < lines[3].index("▁")
    assert "second runs browse after first, from 10s on at the latest" in lines[-2]


def test_a_scenario_that_is_shorter_than_a_column_is_still_to_be_seen() -> None:
    long, short = scenario(name="long"), scenario(name="short", duration=1.0, start_time=300.0)
    lines = render(Plan("s.py", (long, short)), {}, width=80).splitlines()
    assert lines[3].count("█") == 1
    assert lines[3].index("█") - lines[2].index("█") == 29


def test_pacing_and_a_mix_say_how_long_an_iteration_takes() -> None:
    paced = scenario(pacing=5.0, start="together")
    assert "at most 12000 are possible" in render(Plan("s.py", (paced,)), {"browse": 1.0})
    mixed = scenario(functions={"browse": 3, "buy": 1}, start="together")
    assert "each iteration takes 2s" in render(Plan("s.py", (mixed,)), {"browse": 1.0, "buy": 5.0})


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_chart_fits_its_width(width: int) -> None:
    lines = render(Plan("s.py", (scenario(name="a_rather_long_name_of_a_scenario"),)), {}, width=width)
    assert max(len(line) for line in lines.splitlines()[2:4]) <= max(width, 48)
