"""Users over a whole run: ramped, mixed, paced, one scenario after another, set up one by one."""

import asyncio
import time
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

import sonagi
from sonagi import ConstantVUs, Mix, Options, PerVUIterations, RampingVUs, Vu, sleep
from sonagi.model.watcher import LiveSample
from sonagi.run.api import Silent


def run(function: Any, **options: Any) -> sonagi.Result:
    """A run in this process of what `options` say."""
    return sonagi.run(function, options=Options(**options))


def test_ramped_users_come_and_go_when_the_line_says_so() -> None:
    began: dict[int, list[float]] = {}
    ended: dict[int, float] = {}
    first = time.monotonic()

    async def tick(vu: Vu) -> None:
        began.setdefault(vu.id, []).append(time.monotonic())
        await sonagi.sleep(0.01)
        ended[vu.id] = time.monotonic()

    stages = [(0.4, 4), (0.2, 4), (0.4, 0)]
    result = run(tick, scenarios={"ramp": RampingVUs(start_vus=0, stages=stages)})
    assert not result.errors
    first = began[1][0] - 0.1
    for user, (joins, leaves) in {1: (0.1, 1.0), 2: (0.2, 0.9), 3: (0.3, 0.8), 4: (0.4, 0.7)}.items():
        assert abs(began[user][0] - first - joins) < 0.03
        assert abs(ended[user] - first - leaves) < 0.05
    gauge = result.measurements.gauge("vus_max")
    assert gauge is not None
    assert gauge[0] == 4


def test_a_user_that_is_busy_when_it_should_leave_is_interrupted_after_its_grace_and_comes_back() -> None:
    seen: list[str] = []

    async def hang(vu: Vu) -> None:
        seen.append(f"{vu.id} began")
        try:
            await sonagi.sleep(9 if vu.id == 2 and len(seen) < 4 else 0.05)
        except asyncio.CancelledError:
            seen.append(f"{vu.id} interrupted")
            raise

    stages = [(0, 2), (0.1, 2), (0, 1), (0.3, 1), (0, 2), (0.1, 2)]
    ramp = RampingVUs(start_vus=1, stages=stages, graceful_ramp_down=0.1, graceful_stop=0.2)
    result = run(hang, scenarios={"ramp": ramp})
    of_second = [what for what in seen if what.startswith("2")]
    assert of_second[:3] == ["2 began", "2 interrupted", "2 began"]
    assert result.iterations_interrupted == 1


def test_a_mix_keeps_its_shares_exactly() -> None:
    async def turn(vu: Vu) -> None:
        del vu

    # A function given to run() is the only one there is: the shares of several are checked on a script.
    result = run(turn, scenarios={"mixed": PerVUIterations(vus=3, iterations=10, exec=Mix({"turn": 3}))})
    assert result.iterations_full == 30


def test_pacing_begins_iterations_at_even_times_and_a_stop_does_not_wait_for_the_next() -> None:
    began: list[float] = []

    async def quick(vu: Vu) -> None:
        del vu
        began.append(time.monotonic())
        await sonagi.sleep(0.01)

    paced = ConstantVUs(vus=1, duration=0.5, pacing=0.2, start="together")
    result = run(quick, scenarios={"paced": paced})
    gaps = [after - before for before, after in pairwise(began)]
    assert len(began) == 3
    assert all(abs(gap - 0.2) < 0.02 for gap in gaps)
    assert result.seconds < 1
    assert result.iterations_interrupted == 0


def test_a_scenario_starts_after_another_has_ended() -> None:
    order: list[str] = []

    async def step(vu: Vu) -> None:
        order.append(f"{vu.scenario} begins")
        await sonagi.sleep(0.1)
        order.append(f"{vu.scenario} ends")

    result = run(
        step,
        scenarios={
            "second": PerVUIterations(start_after="first", start_time=0.05),
            "first": PerVUIterations(vus=2, start="together"),
        },
    )
    assert order[:2] == ["first begins"] * 2
    assert order[2:4] == ["first ends"] * 2
    assert order[4:] == ["second begins", "second ends"]
    assert result.iterations_full == 3


def test_a_scenarios_own_variables_and_tags_reach_its_users() -> None:
    seen: Counter[str] = Counter()

    async def look(vu: Vu) -> None:
        seen[vu.env.get("CITY", "-")] += 1
        sonagi.check(1, {"one": True})

    scenarios = {
        "a": PerVUIterations(env={"CITY": "Seoul"}, tags={"part": "a"}),
        "b": PerVUIterations(iterations=2),
    }
    result = run(look, scenarios=scenarios)
    assert seen == {"Seoul": 1, "-": 2}
    assert result.measurements.rate("checks", {"part": "a"}) == (1, 1)


def test_a_threshold_that_is_broken_may_end_the_run_and_a_window_is_told_apart() -> None:
    async def fail() -> None:
        sonagi.check(1, {"holds": False})
        await sonagi.sleep(0.05)

    thresholds = {"checks": [{"threshold": "rate>0.9", "abort_on_fail": True}, "rate>0.5 over 1s"]}
    result = run(fail, vus=1, duration="20s", thresholds=thresholds)
    assert (result.exit_code, result.stopped_by) == (99, "threshold")
    assert result.seconds < 5
    assert [threshold.ok for threshold in result.thresholds] == [False, False]


def test_an_iteration_takes_its_least_time_and_lost_time_is_not_made_up_for() -> None:
    began: list[float] = []

    async def tick(vu: Vu) -> None:
        began.append(time.monotonic())
        if vu.iteration == 0:
            await sleep(0.5)  # longer than it has to be

    options = Options(iterations=4, min_iteration_duration=0.2)
    result = sonagi.run(tick, options=options)
    gaps = [after - before for before, after in pairwise(began)]
    assert gaps == pytest.approx([0.5, 0.2, 0.2], abs=0.1)
    assert result.p(0, "iteration_duration") < 0.1  # the rest is no part of it


def test_a_frame_is_a_second_of_load_counted_from_its_start() -> None:
    told: list[float] = []

    class Watch(Silent):
        def second(self, sample: LiveSample) -> None:
            told.append(sample.elapsed)

    async def rest(vu: Vu) -> None:
        del vu
        await sonagi.sleep(0.1)

    sonagi.run(rest, vus=1, duration=2.4, watcher=Watch())
    # What came before the load is no second of it.
    first, second, *_ = told
    assert [first, second] == pytest.approx([1, 2], abs=0.1)
