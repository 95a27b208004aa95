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
        due = [(number, 1000 + 10 * number) for number in range(count)]
        self.starts = Starts(iter(due), self.clock, lambda at: sum(time <= at for _, time in due))
        self.dropped = 0
        self.waits: list[int] = []
        self.starts.on_drop = self.drop
        self.starts.on_wait = lambda wait, times: self.waits.extend([wait] * times)

    def drop(self, times: int) -> None:
        self.dropped += times


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
        assert turns.arrives()
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
        # Whoever ends is free: what was dropped did not wait any longer.
        assert len(noted.waits) == dropped


def test_what_is_due_during_a_hold_is_left_out_and_not_dropped() -> None:
    noted = Noted(2)
    noted.starts.held = True
    turns = Arriving(Gate(), noted.starts)
    arrived = []
    for due in turns.starts():
        noted.clock.now = due
        arrived.append(turns.arrives())
    assert (arrived, noted.dropped) == ([False, False], 0)


class Scope:
    """What a user's scope hears."""

    def __init__(self) -> None:
        self.began: list[tuple[int, str]] = []

    def begin_late(self, late: int, waited_for: str) -> None:
        self.began.append((late, waited_for))


def test_a_start_whose_user_could_not_be_set_up_began_and_was_not_dropped() -> None:
    noted, scope = Noted(3), Scope()
    turns = Arriving(Gate(), noted.starts)
    for due in turns.starts():
        noted.clock.now = due + 1
        assert turns.arrives()
        turns.fails(scope)  # type: ignore[arg-type]  # a stand-in
    assert noted.dropped == 0
    assert [late for late, _ in scope.began] == [1, 1, 1]


def test_a_user_is_as_late_as_it_came_and_not_as_its_setup_took() -> None:
    noted = Noted()
    turns = Arriving(Gate(), noted.starts)
    next(iter(turns.starts()))
    noted.clock.now = 1004
    turns.arrives()
    noted.clock.now = 5000
    assert turns.late == 4


def test_of_more_starts_than_can_be_counted_one_by_one_the_number_is_exact_and_the_waits_are_about_right() -> (
    None
):
    noted = Noted(50_000)
    noted.clock.now = 1000 + 10 * 49_999
    noted.starts.finish()
    assert noted.dropped == len(noted.waits) == 50_000
    mean = sum(noted.waits) / len(noted.waits)
    assert mean == pytest.approx(10 * 49_999 / 2, rel=0.01)
    assert noted.starts.take() is None


def test_dropped_starts_take_no_more_memory_the_longer_nobody_is_free() -> None:
    noted = Noted(100_000)
    for _ in range(100_000):
        noted.starts.drop()
    assert len(noted.starts.dropped) <= 10_001
    noted.clock.now = 2_000_000
    noted.starts.someone_is_free()
    assert len(noted.waits) == 100_000
    assert sum(noted.waits) / 100_000 == pytest.approx(2_000_000 - 1000 - 10 * 49_999.5, rel=0.001)


def test_a_changed_rate_takes_the_place_of_what_was_due_from_then_on() -> None:
    noted = Noted(9)
    noted.starts.take()
    noted.starts.change(1025, iter([(9, 1025), (10, 1075)]))
    noted.starts.change(1060, iter([(11, 1070)]))
    assert [noted.starts.take() for _ in range(5)] == [(1, 1010), (2, 1020), (9, 1025), (11, 1070), None]


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
