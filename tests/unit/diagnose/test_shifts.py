"""Steps to another level: found where they are, and not in what only looks alike."""

import random

import pytest
from scipy import stats
from signals_of import noise, runs, series

from sonagi.diagnose.shifts import shifts, student


@pytest.mark.parametrize("t", [0.5, 2.0, 3.5, 5.0])
@pytest.mark.parametrize("freedom", [4.0, 11.5, 80.0])
def test_the_p_of_a_t_is_that_of_scipy_within_a_few_per_cent(t: float, freedom: float) -> None:
    exact = 2 * stats.t.sf(t, freedom)
    assert student(t, freedom) == pytest.approx(exact, rel=0.1)


def stepping(chance: random.Random, by: float = 0.0) -> list[float]:
    shaky = noise(chance, 200, 0.1)
    return [100 * (1 + shaky[place]) * (1 + by if place >= 120 else 1) for place in range(200)]


def test_a_step_is_found_where_it_is() -> None:
    found = [shifts(series(values)) for values in runs(20, lambda chance: stepping(chance, 0.3))]
    assert all(found)
    assert all(min(abs(shift.at - 121) for shift in steps) <= 4 for steps in found)


def test_noise_and_lone_spikes_are_no_step() -> None:
    def spiky(chance: random.Random) -> list[float]:
        values = stepping(chance)
        for place in chance.sample(range(200), 4):
            values[place] *= 5
        return values

    assert sum(bool(shifts(series(values))) for values in runs(40, stepping)) <= 2
    assert sum(bool(shifts(series(values))) for values in runs(40, spiky)) <= 3


def test_steps_up_and_down_are_told_in_their_order_and_a_small_one_is_not() -> None:
    values = [1.0, 1.1] * 30 + [5.0, 5.2] * 30 + [2.0, 2.1] * 30
    steps = shifts(series(values))
    assert [(shift.at, round(shift.after, 1)) for shift in steps] == [(61.0, 5.1), (121.0, 2.0)]
    assert shifts(series([100.0, 101.0] * 30 + [107.0, 108.0] * 30)) == ()


def test_a_long_signal_is_looked_at_in_bins() -> None:
    values = [10.0 + place % 3 for place in range(1500)] + [20.0 + place % 3 for place in range(1500)]
    (shift,) = shifts(series(values))
    assert shift.at == pytest.approx(1501, abs=10)
