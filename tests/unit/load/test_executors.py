"""Executors: who may begin an iteration."""

import pytest

from sonagi.load.executors import roster
from sonagi.load.turns import SECOND, Windowed
from sonagi.plan.plan import Plan, ScenarioPlan


def scenario(executor: str, iterations: int | None = None) -> ScenarioPlan:
    limits = {"duration": 5.0} if executor == "constant-vus" else {"max_duration": 60.0}
    return ScenarioPlan("s", executor, {"f": 1}, 3, 1, iterations=iterations, **limits)


def test_constant_users_go_on_until_closed() -> None:
    turns = roster(scenario("constant-vus"), range(3), None)
    assert all(turn.take() for turn in turns.turns for _ in range(100))
    turns.gate.close()
    assert not any(turn.take() for turn in turns.turns)
    assert turns.undone() == 0


def test_each_user_has_turns_of_its_own() -> None:
    turns = roster(scenario("per-vu-iterations", 4), range(3), None)
    assert [sum(turn.take() for _ in range(10)) for turn in turns.turns] == [4, 4, 4]
    assert turns.undone() == 0


def test_shared_turns_are_drawn_from_one_pool() -> None:
    turns = roster(scenario("shared-iterations", 10), range(3), 10)
    taken = [turns.turns[draw % 3].take() for draw in range(30)]
    assert (sum(taken), turns.undone()) == (10, 0)


@pytest.mark.parametrize(("executor", "left"), [("per-vu-iterations", 11), ("shared-iterations", 3)])
def test_turns_that_were_not_taken_are_known_when_it_closes(executor: str, left: int) -> None:
    turns = roster(scenario(executor, 4), range(3), 4)
    assert turns.turns[0].take()
    turns.gate.close()
    assert not turns.turns[1].take()
    assert turns.undone() == left


RAMPING = ScenarioPlan("s", "ramping-vus", {"f": 1}, 2, 1, stages=((2.0, 2), (2.0, 0), (2.0, 2), (2.0, 0)))


def test_users_that_are_taken_over_have_no_windows_that_are_over() -> None:
    began = 100 * SECOND
    whole = roster(RAMPING, range(2), None, began)
    assert all(isinstance(turn, Windowed) and len(turn.windows) == 2 for turn in whole.turns)
    taken = roster(RAMPING, range(2), None, began, since=began + 5 * SECOND)
    for turn in taken.turns:
        assert isinstance(turn, Windowed)
        [(_, ends_at)] = turn.windows
        assert ends_at > began + 5 * SECOND
    assert roster(RAMPING, range(2), None, began, since=began + 8 * SECOND).numbers == []


def test_users_that_have_made_all_of_theirs_are_not_taken_over() -> None:
    # In turns: after five of six iterations only the last user has one to make.
    taken = roster(scenario("per-vu-iterations", 2), [4, 5, 6], None, since=1, done=5)
    assert list(taken.numbers) == [6]
    assert [turn.take() for turn in taken.turns for _ in range(2)] == [True, False]
    assert taken.undone() == 0


def test_who_comes_with_a_start_has_an_id_that_no_user_has() -> None:
    plan = Plan("t.py", (scenario("constant-vus"), RAMPING))
    assert [plan.first_visitor(one) for one in plan.scenarios] == [10**9, 2 * 10**9]
