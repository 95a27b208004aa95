"""A scenario of several functions in fixed shares."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.plan.mix import MOST_TURNS, Mix, order, whole


def test_turns_are_spread_evenly_in_their_shares() -> None:
    turns = order([7, 2, 1])
    assert Counter(turns) == {0: 7, 1: 2, 2: 1}
    assert turns == [0, 0, 1, 0, 0, 2, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("weights", "counts"),
    [([50, 50], [1, 1]), ([0.7, 0.3], [7, 3]), ([1, 1 / 3], [3, 1]), ([10**9, 1], [10_000, 1]), ([5], [1])],
)
def test_shares_are_brought_to_small_whole_numbers(weights: list[float], counts: list[int]) -> None:
    assert whole(weights) == counts


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=6))
def test_every_function_gets_a_turn_and_the_order_stays_short(weights: list[float]) -> None:
    turns = order(weights)
    assert set(turns) == set(range(len(weights)))
    assert len(turns) <= MOST_TURNS + len(weights)


@given(st.lists(st.integers(1, 20), min_size=2, max_size=5))
def test_at_any_time_each_function_is_within_two_turns_of_its_share(weights: list[int]) -> None:
    turns = order(weights)
    for done in range(1, len(turns) + 1):
        for function, weight in enumerate(weights):
            assert abs(turns[:done].count(function) - done * weight / sum(weights)) <= 2


def test_functions_and_names_may_stand_for_each_other() -> None:
    def browse() -> None: ...

    assert Mix({browse: 7, "seats": 3}).weights == {"browse": 7, "seats": 3}
    assert Mix({"a": 0, "b": -1, "c": True, "d": "x", "e": 2}).wrong() == {  # type: ignore[dict-item]
        "a": 0,
        "b": -1,
        "c": True,
        "d": "x",
    }
