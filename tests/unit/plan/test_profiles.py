"""Profiles: a script's users or rate, brought on as one kind of test does."""

from typing import Any

import pytest

from sonagi import (
    ConstantArrivalRate,
    ConstantVUs,
    Options,
    PerVUIterations,
    RampingArrivalRate,
    RampingVUs,
    ReplayedArrivals,
)
from sonagi.plan.build import build_plan
from sonagi.plan.functions import Offered
from sonagi.plan.layers import Layer
from sonagi.plan.plan import Plan
from sonagi.plan.problems import PlanError
from sonagi.plan.profiles import PROFILES

OFFERED = Offered("test.py", ("browse",), (), {}, arrivals=lambda _path: (0, 1))


def planned(profile: str, **options: Any) -> Plan:
    return build_plan(OFFERED, [Options(**options), Layer("flag", {"profile": profile})])


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_takes_its_time_and_no_more(name: str) -> None:
    [users] = planned(name, vus=50, duration="1m").scenarios
    assert users.span == pytest.approx(PROFILES[name].seconds)
    [rate] = planned(f"{name}:2m", scenarios={"a": ConstantArrivalRate(rate=50, duration="1m")}).scenarios
    assert rate.span == pytest.approx(120)


@pytest.mark.parametrize(
    ("profile", "users", "rate"),
    [
        ("smoke", 1, 1),
        ("load", 50, 30),
        ("stress", 100, 60),
        ("spike", 150, 90),
        ("soak", 50, 30),
        ("breakpoint", 500, 300),
    ],
)
def test_the_scripts_own_users_and_rate_are_the_peak(profile: str, users: int, rate: float) -> None:
    for scenario in (
        ConstantVUs(vus=50, duration=5),
        PerVUIterations(vus=50, iterations=3),
        RampingVUs(stages=[(5, 50), (5, 0)]),
    ):
        assert planned(profile, scenarios={"a": scenario}).scenarios[0].vus == users
    for arrivals in (
        ConstantArrivalRate(rate=30, duration=5),
        RampingArrivalRate(start_rate=30, stages=[(5, 3)]),
    ):
        assert planned(profile, scenarios={"a": arrivals}).scenarios[0].peak_rate == pytest.approx(rate)


def test_what_else_a_scenario_says_stays() -> None:
    scenario = ConstantArrivalRate(
        rate=600, time_unit="1m", duration=5, arrivals="poisson", max_vus=7, tags={"team": "a"}, start_time=3
    )
    [made] = planned("load", scenarios={"a": scenario}).scenarios
    assert (made.arrivals, made.vus, made.drops, made.tags, made.start_time) == (
        "poisson",
        7,
        True,
        {"team": "a"},
        3,
    )
    assert made.peak_rate == 10


def test_a_breakpoint_test_ends_where_it_breaks() -> None:
    [threshold] = planned("breakpoint", vus=50, duration=5).thresholds
    assert (threshold.metric, threshold.abort_on_fail) == ("http_req_failed", True)
    own = {"http_req_failed": ["rate<0.5"]}
    [threshold] = planned("breakpoint", vus=50, duration=5, thresholds=own).thresholds
    assert threshold.source == "rate<0.5"


@pytest.mark.parametrize(
    ("profile", "options", "told"),
    [
        ("lode", {}, "profile: 'lode' is no profile"),
        ("load:", {}, "profile: 'load:' is not a duration"),
        ("load:0s", {}, "profile: is 0"),
        ("load:20", {}, "profile: 'load:20' has no unit"),
        ("load", {"scenarios": {"a": ReplayedArrivals(log="x")}}, "scenarios.a: has a shape of its own"),
        (
            "load",
            {"scenarios": {"a": RampingVUs(shape=lambda _: 3, duration=1)}},
            "scenarios.a: has a shape of its own",
        ),
    ],
)
def test_what_is_no_profile_is_told(profile: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(PlanError) as caught:
        planned(profile, **options)
    assert str(caught.value).startswith(told)
    assert len(caught.value.problems) == 1
