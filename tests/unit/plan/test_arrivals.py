"""When the iterations of an open model are due."""

from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.plan.arrivals import NS, Curve, Phases, Poisson, Replayed, Schedule, Uniform
from sonagi.plan.plan import ScenarioPlan

MS = NS // 1000

any_stages = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.001, 0.3, 1.0, 2.5, 10.0]), st.sampled_from([0.0, 0.5, 1.0, 7.3, 50.0])
    ),
    min_size=1,
    max_size=6,
)


def constant(rate: float, seconds: float, time_unit: float = 1.0) -> Uniform:
    return Uniform(Curve(rate, [(seconds, rate)], time_unit), 0)


def ramped(start: float, stages: list[tuple[float, float]], time_unit: float = 1.0) -> Uniform:
    return Uniform(Curve(start, stages, time_unit), 1)


def times(schedule: Schedule, first: int = 0, step: int = 1) -> list[int]:
    return [due for _, due in schedule.due(count(first, step))]


def test_a_constant_rate_begins_at_once_and_keeps_its_gaps() -> None:
    assert times(constant(50, 0.1)) == [0, 20 * MS, 40 * MS, 60 * MS, 80 * MS]


def test_the_end_is_no_time_to_begin() -> None:
    assert len(times(constant(20, 10))) == 200
    assert times(constant(20, 10))[-1] == 9950 * MS


@pytest.mark.parametrize(
    ("rate", "unit", "seconds", "starts"),
    [(1, 60, 600, 10), (7, 3, 3, 7), (0.1, 1, 10, 1), (0.1, 1, 10.1, 2), (1, 3, 1, 1), (1e6, 1, 0.001, 1000)],
)
def test_fractional_rates_are_exact(rate: float, unit: float, seconds: float, starts: int) -> None:
    assert constant(rate, seconds, unit).count == starts


def test_ramped_starts_are_k6s_own() -> None:
    # k6, TestRampingArrivalRateCal: 0 to 1/s in 5 s, 1 s at 1/s, 1/s to 0 in 5 s.
    due = times(ramped(0, [(5, 1), (1, 1), (5, 0)]))
    assert [round(time / MS) for time in due] == [3162, 4472, 5500, 6528, 7838, 11000]


def test_a_ramp_does_not_begin_at_once() -> None:
    assert times(ramped(10, [(1, 10)])) == [100 * MS * number for number in range(1, 11)]


def test_a_stage_of_no_time_is_a_jump() -> None:
    assert times(ramped(0, [(0, 10), (0.5, 10)])) == [100 * MS * number for number in range(1, 6)]
    # Nothing comes while the rate is 0, and the next start waits for the area that is left.
    assert times(ramped(10, [(0.15, 10), (0, 0), (2, 0), (0, 10), (0.1, 10)]))[-1] == 2200 * MS


def test_a_millisecond_is_a_stage_too() -> None:
    assert times(ramped(0, [(0.001, 2000)])) == [MS]


def test_a_sixth_of_the_starts_is_every_sixth_of_them() -> None:
    # k6, constant_arrival_rate_test.go, 50/s in segment 0:1/6: 0, then steps of 120 ms.
    assert times(constant(50, 0.5), 0, 6) == [0, 120 * MS, 240 * MS, 360 * MS, 480 * MS]


@given(st.sampled_from([0.0, 1.0, 7.3]), any_stages, st.integers(1, 7), st.booleans())
def test_shares_of_all_workers_are_the_whole(
    start: float, stages: list[tuple[float, float]], workers: int, random: bool
) -> None:
    uniform = ramped(start, stages)
    schedule: Schedule = Poisson(uniform.curve, uniform.count, "7") if random else uniform
    whole = times(schedule)
    assert len(whole) == schedule.count
    shares = [times(schedule, worker, workers) for worker in range(workers)]
    assert sorted(due for share in shares for due in share) == whole


@given(st.sampled_from([0.0, 1.0, 7.3]), any_stages, st.booleans())
def test_starts_come_in_order_and_within_the_plan(
    start: float, stages: list[tuple[float, float]], random: bool
) -> None:
    uniform = ramped(start, stages)
    schedule: Schedule = Poisson(uniform.curve, uniform.count, "7") if random else uniform
    due = times(schedule)
    assert all(before <= after for before, after in pairwise(due))
    assert all(0 <= time <= sum(seconds for seconds, _ in stages) * NS + 1 for time in due)


@given(st.sampled_from([0.0, 1.0, 7.3]), any_stages)
def test_the_area_below_the_rate_is_the_number_of_starts(
    start: float, stages: list[tuple[float, float]]
) -> None:
    schedule = ramped(start, stages)
    for number, due in schedule.due(count()):
        assert schedule.curve.area(due / NS) == pytest.approx(number + 1, abs=1e-4)


def test_random_starts_come_in_the_same_number_and_at_the_same_times_for_one_seed() -> None:
    curve = Curve(200, [(10, 200)])
    assert times(Poisson(curve, 2000, "1")) == times(Poisson(curve, 2000, "1"))
    assert times(Poisson(curve, 2000, "1")) != times(Poisson(curve, 2000, "2"))
    assert len(times(Poisson(curve, 2000, "1"))) == 2000


def test_random_starts_follow_the_rate() -> None:
    curve = Curve(0, [(10, 200)])
    due = times(Poisson(curve, 1000, "1"))
    # 0 to 200/s in 10 s: a quarter of them in the first half.
    assert 200 <= sum(time < 5 * NS for time in due) <= 300


def test_a_replayed_log_keeps_its_times() -> None:
    assert list(Replayed((0, 5, 9)).due(range(1, 9))) == [(1, 5), (2, 9)]


def test_a_changed_rate_goes_on_from_the_area_that_was_left() -> None:
    phases = Phases(
        ScenarioPlan(
            "s", "constant-arrival-rate", {}, 1, 1, start_rate=1, rates=((60.0, 1.0),), time_unit=60.0
        ),
        0,
    )
    # Once a minute; six changes to the same rate make no start more than there was.
    for second in range(10, 60, 10):
        assert phases.change(1.0, float(second))
    assert phases.due_by(60.0) == 1
    assert not phases.change(5.0, 60.0)
    # A second one is due when a whole minute's area has come together: at twice the rate after 30 s.
    other = Phases(
        ScenarioPlan(
            "s", "constant-arrival-rate", {}, 1, 1, start_rate=1, rates=((600.0, 1.0),), time_unit=60.0
        ),
        0,
    )
    other.change(2.0, 30.0)
    assert times(other.schedules[-1])[0] == 15_000 * MS
    assert other.numbered_from == 10


def test_a_rate_that_is_changed_before_the_beginning_is_one_from_the_beginning() -> None:
    phases = Phases(
        ScenarioPlan("s", "constant-arrival-rate", {}, 1, 1, start_rate=5, rates=((10.0, 5.0),)), 0
    )
    assert phases.change(20.0, -3.0)
    assert phases.begins == [0.0, 0.0]
    assert phases.due_by(10.0) == pytest.approx(200, abs=1)
