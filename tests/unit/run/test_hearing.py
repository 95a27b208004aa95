"""What is heard of workers, second by second."""

from typing import Any

import pytest
from runs import BEGAN, recording, requests, second
from runs import plan as planned

from sonagi.model.result import ThresholdResult
from sonagi.plan.threshold import Threshold, parse
from sonagi.run.api import Silent
from sonagi.run.hearing import Hearing
from sonagi.run.shares import Shares


class Heard:
    """A run of `workers` workers with one goal; `told` is (second, what was told of the goal)."""

    def __init__(self, metric: str, source: str, workers: int = 2) -> None:
        long_form: dict[str, Any] = {"threshold": source, "abort_on_fail": True}
        goal = parse(metric, long_form, {})
        assert isinstance(goal, Threshold)
        plan = planned(thresholds=(goal,))
        self.told: list[ThresholdResult] = []
        made = recording(workers=workers)
        shares = Shares(plan, workers)
        self.hearing = Hearing(plan, made, Silent(), (), shares, self._second)
        self.hearing.began = BEGAN
        self.rounds = made.rounds

    def _second(self, broken: ThresholdResult | None) -> None:
        if broken is not None:
            self.told.append(broken)

    def frame(self, number: float, worker: int, count: int = 1, active: int = 2) -> None:
        users = {"active": active, "initialized": active}
        self.hearing.frame(second(number, *requests(*[1.0] * count), worker=worker, vus=users))


def test_users_have_windows_too() -> None:
    heard = Heard("vus", "value>3 over 2s")
    for number, active in ((1, 2), (2, 2), (3, 1)):
        for worker in (0, 1):
            heard.frame(number, worker, active=active)
        assert bool(heard.told) == (number == 3)
    assert heard.told[0].observed == 2


@pytest.mark.parametrize("drifts", [0.0, 0.4])
def test_a_worker_that_stood_still_does_not_have_the_load_of_several_seconds_in_one(drifts: float) -> None:
    heard = Heard("http_reqs", "count<50 over 1s")
    for number in (1, 2):
        for worker in (0, 1):
            heard.frame(number, worker, count=20)
    for number in (3, 4):
        heard.frame(number, 0, count=20)
    heard.frame(4.0 + drifts, 1, count=43)
    for number in (5, 6, 7):
        heard.frame(number, 0, count=20)
        heard.frame(number + drifts, 1, count=20)
    assert heard.told == []
    heard.frame(8, 0, count=40)
    heard.frame(8, 1, count=20)
    heard.frame(9, 0)
    assert [broken.observed for broken in heard.told][:1] == [60]


def test_a_frame_that_comes_early_counts_in_its_own_second() -> None:
    heard = Heard("http_reqs", "count<50 over 1s")
    heard.frame(1, 0, count=20)
    heard.frame(1.6, 0, count=15)
    heard.frame(1.1, 1, count=20)
    heard.frame(2, 0, count=10)
    heard.frame(2, 1, count=20)
    assert heard.told == []
