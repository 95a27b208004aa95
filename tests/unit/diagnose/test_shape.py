"""Shapes over time, against scipy, and their false alarms in data that load tests are full of."""

import random
from math import exp

import pytest
from scipy import stats
from signals_of import noise, runs, series

from sonagi.diagnose import shape


@pytest.mark.parametrize("seed", range(5))
def test_a_trend_is_that_of_scipy(seed: int) -> None:
    chance = random.Random(seed)
    values = [round(0.1 * place + chance.gauss(0, 2), 1) for place in range(30)]
    ours, at = shape.trending(series(values)), list(range(1, 31))
    slope, _, low, high = stats.theilslopes(values, at)
    assert (ours.slope, ours.low, ours.high) == pytest.approx((slope, low, high))
    assert ours.p == pytest.approx(stats.kendalltau(at, values, method="asymptotic").pvalue)


def warming(chance: random.Random, after: float, count: int = 300) -> list[float]:
    shaky = noise(chance, count, 0.1)
    return [(1 + 4 * exp(-place / after)) * (1 + shaky[place]) for place in range(count)]


def test_a_warm_up_is_cut_at_about_four_times_its_decay() -> None:
    cuts = [
        cut for values in runs(40, lambda chance: warming(chance, 30.0)) if (cut := shape.warm_up(values))
    ]
    assert len(cuts) > 30
    assert 60 <= sorted(cuts)[len(cuts) // 2] <= 140


def test_of_a_run_that_is_steady_next_to_nothing_is_cut() -> None:
    cuts = sorted(
        shape.warm_up([10 + value for value in noise(random.Random(seed), 300, 1.0)]) or 0
        for seed in range(60)
    )
    assert cuts[30] == 0
    assert cuts[56] <= 60


def test_a_run_that_never_settles_or_is_short_has_no_warm_up() -> None:
    assert shape.warm_up([float(300 - place) for place in range(300)]) is None
    assert shape.warm_up([1.0] * 49) is None


def sawtooth(chance: random.Random, period: float, count: int, step: float, rise: float = 0.0) -> list[float]:
    phase = chance.uniform(0, period)
    return [
        500 + rise * place * step + 300 * ((place * step + phase) % period) / period + chance.gauss(0, 5)
        for place in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "step", "period"), [(360, 5.0, 40.0), (360, 5.0, 90.0), (300, 1.0, 40.0), (120, 1.0, 15.0)]
)
def test_a_collectors_sawtooth_is_no_growth(count: int, step: float, period: float) -> None:
    alarms = sum(
        shape.growth(series(values, step)) is not None
        for values in runs(60, lambda chance: sawtooth(chance, period, count, step))
    )
    assert alarms <= 1


def test_filling_up_at_first_and_noise_that_hangs_together_are_no_growth() -> None:
    def warming_up(chance: random.Random) -> list[float]:
        shaky = noise(chance, 300, 5.0, 0.8)
        return [500 * (1.3 - 0.3 * exp(-place / 20)) + shaky[place] for place in range(300)]

    assert not any(shape.growth(series(values)) for values in runs(60, warming_up))
    wandering = runs(60, lambda chance: [500 + value for value in noise(chance, 300, 10.0, 0.95)])
    assert sum(shape.growth(series(values)) is not None for values in wandering) <= 2


def test_a_leak_below_a_sawtooth_is_found_with_its_slope() -> None:
    found = [
        shape.growth(series(values, 5.0))
        for values in runs(20, lambda chance: sawtooth(chance, 40.0, 360, 5.0, rise=120 / 3600))
    ]
    assert all(growth is not None for growth in found)
    slopes = sorted(growth.slope * 3600 for growth in found if growth)
    assert slopes[10] == pytest.approx(120, rel=0.25)


def test_a_run_too_short_for_enough_windows_grows_by_nobodys_word() -> None:
    assert shape.growth(series([100.0 + place for place in range(60)])) is None
    assert shape.growth(series([100.0 + place for place in range(120)])) is not None


def test_what_follows_in_proportion_has_an_elasticity_of_one_and_what_stays_of_none() -> None:
    users = series([float(10 + place) for place in range(90)])
    assert shape.elasticity(users, series([3.0 * (10 + place) for place in range(90)])) == pytest.approx(1)
    assert shape.elasticity(users, series([50.0] * 90)) == pytest.approx(0)
    assert shape.elasticity(series([100.0] * 90), users) is None
