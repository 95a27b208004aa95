"""Who carries which share of a run, whoever dies meanwhile."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.load.executors import roster
from sonagi.load.turns import Counted
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.plan.segment import Segment
from sonagi.run.shares import SECOND, Share, Shares

NOW = 1000 * SECOND


def scenario(
    executor: str, vus: int, iterations: int | None = None, name: str = "s", **more: object
) -> ScenarioPlan:
    span = {"duration": 10.0} if executor == "constant-vus" else {"max_duration": 60.0}
    if executor == "ramping-vus":
        span = {"stages": ((5.0, vus), (5.0, 0))}
    return ScenarioPlan(name, executor, {"f": 1}, vus, 1, iterations=iterations, **{**span, **more})  # type: ignore[arg-type]


def plan(*scenarios: ScenarioPlan, segment: Segment | None = None) -> Plan:
    return Plan("t.py", scenarios, segment=segment or Segment())


def users(one: ScenarioPlan, shares: Sequence[Share]) -> list[int]:
    return sorted(user for share in shares for user in share.segment.users(one))


def owed(one: ScenarioPlan, share: Share) -> int:
    """Iterations that the worker of `share` will make, as its executor counts them."""
    numbers = share.segment.users(one)
    turns = roster(one, numbers, share.segment.iterations(one), done=share.done).turns
    pools = {id(turn.pool): turn.pool.left for turn in turns if isinstance(turn, Counted)}
    return sum(pools.values())


EXECUTORS = st.sampled_from(["constant-vus", "ramping-vus", "shared-iterations", "per-vu-iterations"])


@given(EXECUTORS, st.integers(1, 40), st.integers(1, 12), st.integers(0, 500))
def test_all_workers_together_do_what_one_would(
    executor: str, vus: int, workers: int, iterations: int
) -> None:
    counted = executor.endswith("iterations")
    one = scenario(executor, vus, max(iterations, vus) if counted else None)
    begun = Shares(plan(one), workers).begin(NOW, range(workers))
    assert users(one, begun) == list(range(vus))
    assert {share.begins_at for share in begun} == {NOW}
    if counted:
        assert sum(owed(one, share) for share in begun) == one.iterations_asked


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 6))
def test_small_scenarios_are_spread_over_the_workers(vus: list[int], workers: int) -> None:
    scenarios = [scenario("constant-vus", count, name=f"s{at}") for at, count in enumerate(vus)]
    begun = Shares(plan(*scenarios), workers).begin(NOW, range(workers))
    by_name = {one.name: one for one in scenarios}
    carried = Counter[int]()
    for share in begun:
        carried[share.worker] += share.segment.count(by_name[share.scenario].vus)
    assert sum(carried.values()) == sum(vus)
    assert max(carried.values()) - min(carried[worker] for worker in range(workers)) <= 1


@given(
    EXECUTORS,
    st.integers(1, 30),
    st.integers(2, 7),
    st.integers(0, 300),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 200)), max_size=6),
)
def test_whoever_dies_the_others_do_what_it_had_not_told_of(
    executor: str, vus: int, workers: int, iterations: int, deaths: list[tuple[int, int]]
) -> None:
    counted = executor.endswith("iterations")
    one = scenario(executor, vus, max(iterations, vus) if counted else None)
    shares, present = Shares(plan(one), workers), list(range(workers))
    shares.begin(NOW, present)
    told = 0
    for worker, made in deaths:
        if worker not in present or len(present) == 1:
            continue
        left = sum(owed(one, share) for share in shares.open.values() if share.worker == worker)
        made = min(made, left)
        shares.count(worker, "s", made)
        told += made
        present.remove(worker)
        taken = shares.lose(worker, present, NOW + SECOND)
        assert all(share.since == NOW + SECOND and share.begins_at == NOW for share in taken)
    carried = users(one, list(shares.open.values()))
    if counted:
        # A user that has nothing left to do need not live.
        assert set(carried) <= set(range(vus)) and len(set(carried)) == len(carried)
        assert sum(owed(one, share) for share in shares.open.values()) == (one.iterations_asked or 0) - told
    else:
        assert carried == list(range(vus))


def test_iterations_that_are_made_again_have_the_numbers_they_had() -> None:
    one = scenario("shared-iterations", 4, 20)
    shares = Shares(plan(one), 2)
    shares.begin(NOW, [0, 1])
    before = [Segment(1, 2).in_turns(4).number(k) for k in range(10)]
    shares.count(1, "s", 3)
    [taken] = shares.lose(1, [0], NOW)
    numbers = taken.segment.in_turns(4)
    assert [numbers.number(k) for k in range(taken.done, 10)] == before[3:]


def test_what_a_worker_told_of_counts_for_its_own_share_before_those_it_took_over() -> None:
    one = scenario("shared-iterations", 3, 30)
    shares = Shares(plan(one), 3)
    shares.begin(NOW, [0, 1, 2])
    shares.lose(2, [0, 1], NOW)
    carried = [share for share in shares.open.values() if share.worker == 0]
    assert sum(owed(one, share) for share in carried) == 20
    shares.count(0, "s", 12)
    taken = shares.lose(0, [1], NOW)
    assert sum(owed(one, share) for share in taken) == 8


def test_a_scenario_begins_when_the_one_before_has_ended_in_all_workers() -> None:
    first, second = (
        scenario("constant-vus", 2, name="a"),
        scenario("constant-vus", 2, name="b", start_after="a"),
    )
    shares = Shares(plan(first, second), 2)
    begun = shares.begin(NOW, [0, 1])
    assert [share.scenario for share in begun] == ["a", "a"]
    shares.end(begun[0].id)
    assert shares.begin(NOW + 5, [0, 1]) == [] and not shares.over
    shares.end(begun[1].id)
    after = shares.begin(NOW + 9, [0, 1])
    assert [(share.scenario, share.begins_at) for share in after] == [("b", NOW + 9)] * 2
    for share in after:
        shares.end(share.id)
    assert shares.over


def test_a_scenario_waits_for_a_share_that_was_taken_over() -> None:
    first, second = (
        scenario("constant-vus", 2, name="a"),
        scenario("constant-vus", 1, name="b", start_after="a"),
    )
    shares = Shares(plan(first, second), 2)
    own, _ = shares.begin(NOW, [0, 1])
    [taken] = shares.lose(1, [0], NOW + 1)
    shares.end(own.id)
    assert shares.begin(NOW + 2, [0]) == []
    shares.end(taken.id)
    [last] = shares.begin(NOW + 3, [0])
    assert (last.scenario, last.worker) == ("b", 0)


def test_what_belongs_to_a_worker_that_never_came_begins_in_the_others() -> None:
    one = scenario("constant-vus", 7)
    begun = Shares(plan(one), 3).begin(NOW, [0, 2])
    assert users(one, begun) == list(range(7))
    assert {share.worker for share in begun} == {0, 2} and all(share.since == 0 for share in begun)


def test_a_machine_without_users_of_a_scenario_does_not_wait_for_it() -> None:
    first = scenario("constant-vus", 1, name="a")
    second = scenario("constant-vus", 4, name="b", start_after="a")
    shares = Shares(plan(first, second, segment=Segment(1, 2)), 1)
    assert [share.scenario for share in shares.begin(NOW, [0])] == ["b"]


@pytest.mark.parametrize("ends", ["stopped", "late"])
def test_nothing_is_taken_over_when_there_is_no_time_left_for_it(ends: str) -> None:
    shares = Shares(plan(scenario("constant-vus", 4)), 2)
    shares.begin(NOW, [0, 1])
    if ends == "stopped":
        shares.stop()
    assert shares.lose(1, [0], NOW + (11 * SECOND if ends == "late" else 0)) == []
    shares.end(0)
    assert shares.over


def test_iterations_that_a_script_did_not_make_are_not_taken_for_made_later() -> None:
    one = scenario("per-vu-iterations", 3, 10)
    shares = Shares(plan(one), 3)
    shares.begin(NOW, [0, 1, 2])
    taken = shares.lose(2, [0, 1], NOW)
    [own] = [share for share in shares.open.values() if share.worker == 0 and share not in taken]
    [other] = [share for share in taken if share.worker == 0]
    shares.count(0, "s", 4)
    shares.end(own.id, made=4)  # its script ended the user
    shares.count(0, "s", 3)
    left = shares.lose(0, [1], NOW)
    assert sum(owed(one, share) for share in left) == owed(one, other) - 3
