"""Executors: who may begin an iteration."""

import pytest

from sonagi.load.executors import roster
from sonagi.plan.plan import ScenarioPlan


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
