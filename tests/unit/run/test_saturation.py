"""Whether an open model's rate is kept, while the run goes on."""

from dataclasses import replace
from typing import Any

import pytest

from sonagi._core import Totals
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.run.saturation import INVALID, SUSPECT, Kept, Saturation, judge

SCENARIO = ScenarioPlan(
    "shop", "constant-arrival-rate", {"f": 1}, 50, 1, start_rate=100.0, rates=((60.0, 100.0),)
)
AS_PLANNED = Kept(at=3.0, due=300, begun=300, late_for_generator=0, late_for_user=0, dropped=0)


def told(drops: bool = False, **changes: Any) -> tuple[int, str | None]:
    first = Kept(0.0, 0, 0, 0, 0, 0)
    verdict, notice = judge(replace(SCENARIO, drops=drops), first, replace(AS_PLANNED, **changes))
    return verdict, notice and notice.key


@pytest.mark.parametrize(
    ("changes", "verdict", "key"),
    [
        ({}, 0, None),
        ({"late_for_generator": 2}, 0, None),
        ({"begun": 299}, 0, None),
        # Of a few starts one or two say nothing, whatever share they are.
        ({"due": 3, "begun": 2, "late_for_generator": 1}, 0, None),
        ({"due": 2, "begun": 2, "late_for_generator": 2}, 0, None),
        ({"late_for_generator": 3}, SUSPECT, "run.rate_slips"),
        ({"late_for_generator": 150}, INVALID, "run.rate_lost"),
        ({"begun": 200, "late_for_generator": 200}, INVALID, "run.rate_lost"),
        # Not begun, and nobody knows yet why: the generator has not come to it.
        ({"begun": 150}, INVALID, "run.rate_lost"),
        ({"begun": 180, "late_for_user": 30}, INVALID, "run.rate_lost"),
        ({"late_for_user": 100}, SUSPECT, "run.users_at_cap"),
        ({"late_for_user": 150, "begun": 200}, SUSPECT, "run.users_at_cap"),
    ],
)
def test_late_and_missing_starts_are_told_by_what_kept_them(
    changes: dict[str, Any], verdict: int, key: str | None
) -> None:
    assert told(**changes) == (verdict, key)


def test_dropped_starts_are_a_want_of_users() -> None:
    assert told(drops=True, begun=270, dropped=30) == (SUSPECT, "run.users_used_up")
    assert told(drops=True, begun=299, dropped=1) == (0, None)


def frames(seconds: int, lateness: float, each: int = 100) -> Totals:
    totals = Totals()
    tags = {"scenario": "shop", "waited_for": "generator"}
    for _ in range(seconds * each):
        totals.add("iteration_lateness", "trend", "time", lateness, tags)
        if lateness > 10:
            totals.add("iterations_late", "counter", "default", 1.0, tags)
    return totals


def test_a_moment_of_delay_is_nothing_to_tell_and_the_same_thing_is_told_once() -> None:
    saturation = Saturation(Plan("s.py", (SCENARIO,)))
    heard = [
        [notice.key for notice in saturation.look(float(second), frames(second, 20.0))]
        for second in range(1, 9)
    ]
    assert heard == [[], [], [], ["run.rate_lost"], [], [], [], []]


def test_a_rate_that_is_kept_is_not_mentioned() -> None:
    saturation = Saturation(Plan("s.py", (SCENARIO,)))
    assert not any(saturation.look(float(second), frames(second, 0.3)) for second in range(1, 60))
