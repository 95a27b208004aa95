"""How many workers there are."""

from typing import Any

import pytest

from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.problems import PlanError
from sonagi.plan.segment import Segment
from sonagi.plan.workers import asked_on_loss, asked_workers, how_many


def plan(*vus: int, segment: Segment | None = None) -> Plan:
    scenarios = tuple(
        ScenarioPlan(f"s{at}", "constant-vus", {"f": 1}, count, 1) for at, count in enumerate(vus)
    )
    return Plan("t.py", scenarios, segment=segment or Segment())


@pytest.mark.parametrize(
    ("asked", "cores", "vus", "workers"),
    [
        (None, 8, (100,), 7),
        (None, 2, (100,), 1),
        (None, 1, (100,), 1),
        (None, 0.5, (100,), 1),
        (None, 3.9, (100,), 2),
        (None, 64, (1,), 1),
        (None, 64, (3, 2), 5),
        (4, 1, (100,), 4),
        (4, 8, (1,), 1),
        (0, 8, (100,), 0),
    ],
)
def test_one_for_each_core_but_one_and_no_more_than_users(
    asked: int | None, cores: float, vus: tuple[int, ...], workers: int
) -> None:
    assert how_many(asked, cores, plan(*vus)) == workers


def test_users_of_other_machines_need_no_workers_here() -> None:
    assert how_many(None, 64, plan(10, segment=Segment(0, 5))) == 2


@pytest.mark.parametrize(
    ("value", "count"), [("auto", None), (None, None), ("0", 0), ("12", 12), (3, 3), (1000, 1000)]
)
def test_a_number_or_auto(value: str | int | None, count: int | None) -> None:
    assert asked_workers(value) == count


@pytest.mark.parametrize("value", ["x", "-1", -1, "10000", "1.5", 2.5, True, "", "²"])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(PlanError, match="is no number of workers; write auto, or 0 to 1000"):
        asked_workers(value)


def test_what_to_do_when_one_dies_is_one_of_two() -> None:
    assert [asked_on_loss(value) for value in ("redistribute", "stop")] == ["redistribute", "stop"]
    with pytest.raises(PlanError, match="there are redistribute and stop"):
        asked_on_loss("restart")
