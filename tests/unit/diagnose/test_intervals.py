"""Intervals and times that were cut off, compared with scipy's."""

import pytest
from scipy import stats

from sonagi.diagnose.intervals import (
    Times,
    most_when_none,
    percentile,
    percentile_is_bounded,
    ranks,
    samples_for,
    survival,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "total"), [(0, 10), (10, 10), (98, 118_800), (255, 59_200), (1221, 1221), (1, 2)]
)
def test_a_share_has_wilsons_interval(hits: int, total: int) -> None:
    expected = stats.binomtest(hits, total).proportion_ci(method="wilson")
    assert wilson(hits, total) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("total", [1, 20, 59_400])
def test_none_among_many_leaves_about_three_in_as_many(total: int) -> None:
    exact = stats.binomtest(0, total, alternative="less").proportion_ci(0.95, method="exact").high
    assert most_when_none(total) == pytest.approx(exact, rel=1e-9)
    assert most_when_none(total) <= 3 / total


@pytest.mark.parametrize(
    ("percent", "needed"), [(50, 6), (90, 36), (95, 72), (99, 368), (99.9, 3688), (10, 36)]
)
def test_a_percentile_needs_so_many_samples(percent: float, needed: int) -> None:
    assert samples_for(percent) == needed
    assert percentile_is_bounded(percent, needed)
    assert not percentile_is_bounded(percent, needed - 1)


@pytest.mark.parametrize("samples", [1, 40, 367, 368, 1000, 59_400, 3_000_000])
@pytest.mark.parametrize("percent", [50.0, 90.0, 95.0, 99.0, 99.9])
def test_a_percentile_lies_between_the_ranks_of_order_statistics(percent: float, samples: int) -> None:
    low, high = stats.binom.ppf([0.025, 0.975], samples, percent / 100)
    expected = int(high) + 1 if high + 1 <= samples else None
    assert ranks(percent, samples) == (max(int(low), 1), expected)


def test_the_interval_of_p99_narrows_with_the_number_of_samples() -> None:
    widths = []
    for samples in (1000, 10_000, 59_400):
        low, high = ranks(99, samples)
        assert high is not None
        widths.append((round(low / samples, 4), round(high / samples, 4)))
    assert widths == [(0.983, 0.997), (0.988, 0.992), (0.9892, 0.9908)]


def test_times_that_were_cut_off_are_kaplan_and_meiers() -> None:
    ended, cut = [1.0, 1.0, 2.0, 3.0, 5.0, 8.0], [2.0, 4.0, 5.0, 60.0]
    curve = survival([Times(time, ended=1) for time in ended] + [Times(time, cut=1) for time in cut])
    expected = stats.ecdf(stats.CensoredData(uncensored=ended, right=cut)).sf
    steps = [
        (time, share)
        for time, share in zip(expected.quantiles, expected.probabilities, strict=True)
        if time in ended
    ]
    assert [time for time, _ in curve] == [time for time, _ in steps]
    assert [share for _, share in curve] == pytest.approx([share for _, share in steps])


def test_a_percentile_beyond_what_was_waited_for_is_not_known() -> None:
    curve = survival([Times(10.0, ended=80), Times(20.0, ended=10), Times(60.0, cut=10)])
    assert percentile(curve, 50) == 10.0
    assert percentile(curve, 90) == 20.0
    assert percentile(curve, 95) is None
