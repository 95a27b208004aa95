"""Plans of the open model: rates, shapes, users as k6 counts them; and all that is wrong with them."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from sonagi import ConstantArrivalRate, Options, RampingArrivalRate, RampingVUs, ReplayedArrivals
from sonagi.plan.arrivals import schedule_of
from sonagi.plan.build import build_plan
from sonagi.plan.executors import Scenario
from sonagi.plan.functions import Offered
from sonagi.plan.layers import from_file
from sonagi.plan.limits import SAFE_VUS
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.problems import PlanError

OFFERED = Offered("test.py", ("browse",), (), {}, arrivals=lambda _path: (0, 500_000_000, 4_000_000_000))


def planned(scenario: Scenario) -> ScenarioPlan:
    [made] = build_plan(OFFERED, [Options(scenarios={"browse": scenario})]).scenarios
    return made


def wrong(scenario: Scenario) -> list[str]:
    with pytest.raises(PlanError) as caught:
        planned(scenario)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("given", "users"),
    [
        ({}, (SAFE_VUS, 0, False)),
        ({"pre_allocated_vus": 5}, (5, 5, True)),
        ({"pre_allocated_vus": 5, "max_vus": 20}, (20, 5, True)),
        ({"max_vus": 1}, (1, 0, True)),
    ],
)
def test_users_are_as_many_as_k6s_or_as_many_as_it_takes(
    given: dict[str, Any], users: tuple[int, int, bool]
) -> None:
    made = planned(ConstantArrivalRate(rate=20, duration="10s", **given))
    assert (made.vus, made.pre_allocated_vus, made.drops) == users


def test_rates_count_in_their_time_unit() -> None:
    made = planned(ConstantArrivalRate(rate=30, time_unit="1m", duration="10m"))
    assert (schedule_of(made, 0).count, made.peak_rate, made.span) == (300, 0.5, 600)


def test_a_ramped_rate_takes_stages_as_k6_writes_them() -> None:
    made = planned(RampingArrivalRate(start_rate=5, stages=[("2s", 10), {"duration": "1m", "target": 2.5}]))
    assert (made.start_rate, made.rates) == (5.0, ((2.0, 10), (60.0, 2.5)))


def test_a_config_file_may_have_one_in_k6s_words() -> None:
    table = {"executor": "ramping-arrival-rate", "startRate": 1, "timeUnit": "1m", "preAllocatedVUs": 3}
    layer = from_file("k6.json", {"scenarios": {"browse": {**table, "stages": [["1m", 60]], "maxVUs": 9}}})
    [made] = build_plan(OFFERED, [layer]).scenarios
    assert (made.time_unit, made.pre_allocated_vus, made.vus, made.rates) == (60.0, 3, 9, ((60.0, 60),))


def test_a_shape_becomes_the_lines_that_are_closest_to_it() -> None:
    made = planned(RampingArrivalRate(shape=lambda t: 10 + 10 * math.sin(t), duration=2 * math.pi))
    assert made.start_rate == 10
    assert schedule_of(made, 0).count == 62
    assert made.peak_rate == pytest.approx(20, abs=0.05)


def test_users_may_follow_a_shape_too() -> None:
    made = planned(RampingVUs(shape=lambda t: t, duration=20))
    assert (made.start_vus, made.vus, made.span) == (0, 20, pytest.approx(20))


def test_a_log_is_replayed_at_its_speed() -> None:
    made = planned(ReplayedArrivals(log="access.log", speed=2))
    assert (made.replayed, made.span) == ((0, 250_000_000, 2_000_000_000), 2.0)


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        (ConstantArrivalRate(rate=0, duration="1s"), ["rate: 0 is no rate"]),
        (ConstantArrivalRate(rate=-1, duration="1s"), ["rate: -1 is no rate"]),
        (ConstantArrivalRate(rate=math.nan, duration="1s"), ["rate: nan is no rate"]),
        (ConstantArrivalRate(rate=1e12, duration="1s"), ["rate: 1000000000000.0 is no rate"]),
        (ConstantArrivalRate(rate=20, duration=0), ["duration: is 0"]),
        (ConstantArrivalRate(rate=20, duration="1s", time_unit=0), ["time_unit: is 0"]),
        (ConstantArrivalRate(rate=20, duration="1s", max_vus=0), ["max_vus: 0 is not a whole number of 1"]),
        (
            ConstantArrivalRate(rate=20, duration="1s", pre_allocated_vus=9, max_vus=2),
            ["max_vus: is 2, less than the 9"],
        ),
        (ConstantArrivalRate(rate=20, duration="1s", pacing=1), ["pacing: has no meaning"]),
        (ConstantArrivalRate(rate=20, duration="1s", arrivals="poison"), ['did you mean "poisson"']),
        (ConstantArrivalRate(rate=20, duration="1s", vus=2), ["vus: this executor has no number of users"]),
        (RampingArrivalRate(), ["stages: is needed"]),
        (RampingArrivalRate(stages=[("0s", 10)]), ["stages: is 0"]),
        (RampingArrivalRate(stages=[("1s", 0)]), ["stages: come to less than one iteration"]),
        (RampingArrivalRate(stages=[("1s", -5)]), ["stages.0: ('1s', -5) is no stage"]),
        (RampingArrivalRate(stages=[("1s", 5)], shape=lambda _: 1.0, duration=1), ["shape: cannot be given"]),
        (RampingArrivalRate(stages=[("1s", 5)], duration="1s"), ["duration: is the sum of the stages"]),
        (RampingArrivalRate(shape=lambda _: 1.0), ["duration: is needed"]),
        (RampingArrivalRate(shape=3, duration=1), ["shape: 3 is no function"]),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(scenario: Scenario, told: list[str]) -> None:
    said = wrong(scenario)
    assert len(said) == len(told)
    for one, part in zip(said, told, strict=True):
        assert one.startswith("scenarios.browse.")
        assert part in one


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (lambda t: math.nan if t > 5 else 1.0, "is nan after 5.1 s"),
        (lambda t: 5 - t, "is -0.1"),
        (lambda _: "fast", "is 'fast' after 0 s"),
        (lambda t: 1 / abs(t - 1), "fails after 1 s: ZeroDivisionError"),
        (lambda _: math.inf, "is inf after 0 s"),
    ],
)
def test_a_shape_that_gives_no_rate_is_told_with_the_second(
    shape: Callable[[float], float], told: str
) -> None:
    for scenario in (RampingArrivalRate(shape=shape, duration=10), RampingVUs(shape=shape, duration=10)):
        [said] = wrong(scenario)
        assert said.startswith("scenarios.browse.shape: ")
        assert told in said


def test_an_open_plan_survives_its_way_to_a_worker() -> None:
    plan = build_plan(
        OFFERED,
        [
            Options(
                scenarios={
                    "browse": RampingArrivalRate(stages=[("1s", 5)], arrivals="poisson", sessions=True),
                    "again": ReplayedArrivals(log="access.log", exec="browse"),
                }
            )
        ],
    )
    assert Plan.from_json(plan.to_json()) == plan
