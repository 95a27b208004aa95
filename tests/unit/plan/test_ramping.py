"""Users ramped in stages: who is active when."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sonagi.plan.ramping import NS, Step, Window, steps, windows

STAGES = [(2.0, 6), (5.0, 1), (4.0, 5), (4.0, 1), (3.0, 4), (2.0, 4), (0.0, 1), (3.0, 1)]

any_stages = st.lists(
    st.tuples(st.floats(0, 100).map(lambda seconds: round(seconds, 3)), st.integers(0, 30)),
    min_size=1,
    max_size=8,
)


def test_the_steps_are_those_of_k6s_own_example() -> None:
    expected = [4, 5, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4]
    planned = [Step(second * NS, vus) for second, vus in enumerate(expected)]
    assert steps(4, STAGES) == [*planned, Step(20 * NS, 1), Step(23 * NS, 0)]


def test_a_third_of_the_users_is_every_third_of_them() -> None:
    # k6's segment 0:1/3 of the same example: users 2 and 5 of the whole, counted from 1.
    mine = windows(steps(4, STAGES))[1::3]
    assert [[(window.begins_ns // NS, window.ends_ns // NS) for window in user] for user in mine] == [
        [(0, 7), (8, 15), (16, 20)],
        [(1, 4), (11, 12)],
    ]


def test_a_user_joins_when_the_line_reaches_it_and_leaves_a_step_later() -> None:
    assert windows(steps(0, [(10.0, 2), (10.0, 0)])) == [
        [Window(5 * NS, 20 * NS)],
        [Window(10 * NS, 15 * NS)],
    ]


def test_a_stage_of_no_time_is_a_jump() -> None:
    assert steps(1, [(0.0, 3), (5.0, 3), (0.0, 1), (1.0, 1)]) == [
        Step(0, 1),
        Step(0, 3),
        Step(5 * NS, 1),
        Step(6 * NS, 0),
    ]


@given(st.integers(0, 30), any_stages)
def test_at_any_time_as_many_users_are_active_as_the_steps_say(
    start: int, stages: list[tuple[float, int]]
) -> None:
    plan = steps(start, stages)
    active = windows(plan)
    for step, after in pairwise(plan):
        middle = (step.at_ns + after.at_ns) // 2
        if step.at_ns <= middle < after.at_ns:
            inside = [user for user in active for w in user if w.begins_ns <= middle < w.ends_ns]
            assert len(inside) == step.vus


@given(st.integers(0, 30), any_stages)
def test_steps_go_forward_in_time_and_end_with_nobody(start: int, stages: list[tuple[float, int]]) -> None:
    plan = steps(start, stages)
    times = [step.at_ns for step in plan]
    assert times == sorted(times)
    assert plan[-1].vus == 0
    assert times[-1] <= sum(round(seconds * NS) for seconds, _ in stages)


@given(st.integers(0, 30), any_stages)
def test_a_user_is_never_active_twice_at_once(start: int, stages: list[tuple[float, int]]) -> None:
    for user in windows(steps(start, stages)):
        assert all(one.ends_ns <= next_one.begins_ns for one, next_one in pairwise(user))
        assert all(window.begins_ns <= window.ends_ns for window in user)
