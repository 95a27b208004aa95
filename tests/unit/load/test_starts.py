"""Starts that are due, and the users who take them."""

import pytest

from sonagi.load.starts import Arriving, Starts
from sonagi.load.turns import Gate


class Clock:
    """Monotonic ns, by hand."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


class Noted:
    """Starts each 10 ns from 1000 on, and what they tell."""

    def __init__(self, count: int = 5) -> None:
        self.clock = Clock()
        self.starts = Starts(iter([(number, 1000 + 10 * number) for number in range(count)]), self.clock)
        self.dropped = 0
        self.waits: list[int] = []
        self.starts.on_drop = self.drop
        self.starts.on_wait = self.waits.append

    def drop(self) -> None:
        self.dropped += 1


def test_whoever_asks_first_gets_the_next_start_and_nobody_else_does() -> None:
    starts = Noted(3).starts
    assert [starts.take() for _ in range(4)] == [(0, 1000), (1, 1010), (2, 1020), None]


def test_a_dropped_start_is_counted_at_once_and_its_wait_when_somebody_is_free() -> None:
    noted = Noted()
    noted.starts.drop()
    noted.starts.drop()
    assert (noted.dropped, noted.waits) == (2, [])
    noted.clock.now = 1500
    noted.starts.someone_is_free()
    assert (noted.dropped, noted.waits) == (2, [500, 490])
    noted.starts.someone_is_free()
    assert noted.waits == [500, 490]


def test_at_the_end_what_was_due_is_dropped_and_what_was_not_is_not() -> None:
    noted = Noted()
    noted.starts.take()
    noted.clock.now = 1020
    noted.starts.finish()
    assert (noted.dropped, noted.waits) == (2, [10, 0])


def test_a_user_has_one_turn_for_each_start() -> None:
    noted = Noted(2)
    turns = Arriving(Gate(), noted.starts)
    for due in turns.starts():
        noted.clock.now = due
        assert turns.take()
        assert not turns.take()
    assert turns.start == (1, 1010)
    assert noted.dropped == 0


@pytest.mark.parametrize(("now", "waited_for"), [(900, "generator"), (1000, "generator"), (1001, "user")])
def test_a_start_is_late_for_want_of_a_user_if_it_was_due_before_one_was_free(
    now: int, waited_for: str
) -> None:
    noted = Noted()
    noted.clock.now = now
    turns = Arriving(Gate(), noted.starts)
    next(iter(turns.starts()))
    assert turns.waited_for == waited_for


def test_a_user_who_came_for_a_start_was_not_free_before() -> None:
    noted = Noted()
    noted.starts.drop()
    first = noted.starts.take()
    noted.clock.now = 2000
    turns = Arriving(Gate(), noted.starts, first)
    due = turns.starts()
    assert (next(due), noted.waits) == (1010, [])
    assert turns.take()
    assert (next(due), noted.waits) == (1020, [1000])


def test_a_start_whose_user_was_ended_is_dropped_if_it_was_due() -> None:
    for now, dropped in ((999, 0), (1000, 1)):
        noted = Noted()
        turns = Arriving(Gate(), noted.starts)
        due = turns.starts()
        next(due)
        noted.clock.now = now
        turns.gate.close()
        due.close()  # type: ignore[attr-defined]  # a generator's
        assert noted.dropped == dropped


def test_what_is_due_during_a_hold_is_left_out_and_not_dropped() -> None:
    noted = Noted(2)
    noted.starts.held = True
    turns = Arriving(Gate(), noted.starts)
    taken = []
    for due in turns.starts():
        noted.clock.now = due
        taken.append(turns.take())
    assert (taken, noted.dropped) == ([False, False], 0)


def test_a_changed_rate_takes_the_place_of_what_was_due_from_then_on() -> None:
    noted = Noted(9)
    noted.starts.take()
    noted.starts.change(1025, iter([(9, 1025), (10, 1075)]))
    assert [noted.starts.take() for _ in range(5)] == [(1, 1010), (2, 1020), (9, 1025), (10, 1075), None]


def test_a_user_gives_up_a_start_that_is_no_longer_due() -> None:
    noted = Noted()
    turns = Arriving(Gate(), noted.starts)
    due = turns.starts()
    next(due)
    assert not turns.give_up(1001)
    assert turns.give_up(1000)
    noted.starts.change(1000, iter([(5, 3000)]))
    assert turns.forgives()
    assert not turns.forgives()
    assert next(due) == 3000
    noted.clock.now = 2000
    due.close()  # type: ignore[attr-defined]  # a generator's
    assert noted.dropped == 0
