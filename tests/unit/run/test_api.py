"""`sonagi.run`, from Python."""

import asyncio

import pytest

import sonagi
from sonagi import Counter, Options, PerVUIterations, Rate, Trend, sleep
from sonagi.load.script import ScriptProblem
from sonagi.plan.problems import PlanError

visits = Counter("visits")
hits = Rate("hits")
sizes = Trend("sizes")


async def visit(vu: sonagi.Vu) -> None:
    """What the tests run."""
    visits.add(2, {"kind": "even" if vu.iteration % 2 == 0 else "odd"})
    hits.add(vu.iteration > 0)
    sizes.add(vu.id)
    await sleep(0)


def test_a_function_runs_in_this_process_and_its_metrics_come_back() -> None:
    result = sonagi.run(visit, options=Options(scenarios={"visit": PerVUIterations(vus=3, iterations=4)}))
    assert result.passed
    assert result.count("visits") == 24
    assert result.count("visits", kind="even") + result.count("visits", kind="odd") == 24
    assert result.p(100, "sizes") == 3
    assert 0 < result.share("hits") < 1
    assert result.iterations_full == 12


def test_it_runs_where_a_loop_runs_already() -> None:
    async def notebook() -> sonagi.Result:
        return sonagi.run(visit, iterations=2)

    assert asyncio.run(notebook()).count("visits") == 4


def test_runs_one_after_another_do_not_mix() -> None:
    assert [sonagi.run(visit, iterations=count).count("visits") for count in (1, 3)] == [2, 6]


def test_thresholds_on_metrics_of_ones_own() -> None:
    options = Options(iterations=3, thresholds={"visits": ["count==6"], "sizes": ["max<1"]})
    result = sonagi.run(visit, options=options)
    assert [(threshold.name, threshold.ok) for threshold in result.thresholds] == [
        ("visits", True),
        ("sizes", False),
    ]
    assert result.exit_code == 99


def test_what_is_asked_wrongly_raises_with_all_problems() -> None:
    with pytest.raises(PlanError) as caught:
        sonagi.run(visit, vus=0, duration="5 x")
    assert len(caught.value.problems) == 2


def test_a_function_that_is_not_async_is_refused() -> None:
    with pytest.raises(ScriptProblem, match="is not async"):
        sonagi.run(lambda: None)


def test_a_pause_counts_from_the_pause_before_so_that_pauses_do_not_drift() -> None:
    async def pauses() -> None:
        for _ in range(20):
            await sleep(0.005)

    result = sonagi.run(pauses, iterations=1)
    assert 0.099 < result.p(50, "iteration_duration") < 0.13


def test_the_same_seed_gives_each_user_the_same_random_numbers() -> None:
    drawn: list[tuple[int, float]] = []

    async def draw(vu: sonagi.Vu) -> None:
        drawn.append((vu.id, vu.random.random()))
        await sleep(0)

    for _ in range(2):
        sonagi.run(draw, options=Options(seed=5, scenarios={"draw": PerVUIterations(vus=3)}))
    assert sorted(drawn[:3]) == sorted(drawn[3:])
    assert len({number for _, number in drawn}) == 3
