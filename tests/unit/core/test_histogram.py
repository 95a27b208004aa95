"""A histogram says what all the values would have said, within a thousandth, in constant memory."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi._core import Histogram

# ms: 1 µs to 1 h, each octave as likely as another
times = st.floats(math.log(1e-3), math.log(3.6e6)).map(math.exp)
any_time = times | times.map(lambda value: -value) | st.just(0.0)
percents = st.floats(0, 100)
PERCENTS = (0, 0.1, 1, 25, 50, 75, 90, 95, 99, 99.9, 100)


def of(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


def merged(*parts: Histogram) -> Histogram:
    whole = Histogram()
    for part in parts:
        whole.merge(part)
    return whole


def exact(values: list[float], percent: float) -> float:
    """k6's percentile, on all the values (metrics/sink.go)."""
    ordered = sorted(values)
    rank = percent / 100 * (len(ordered) - 1)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return low + (high - low) * (rank % 1)


def facts(histogram: Histogram) -> tuple[object, ...]:
    """All that may not depend on the order in which values came."""
    percentiles = [histogram.percentile(percent) for percent in PERCENTS]
    return histogram.count, histogram.min, histogram.max, percentiles


def test_an_empty_one_has_a_count_and_a_sum_and_nothing_else() -> None:
    empty = Histogram()
    assert (empty.count, empty.sum) == (0, 0)
    assert all(math.isnan(value) for value in (empty.min, empty.max, empty.mean, empty.percentile(50)))


@given(st.lists(times, min_size=1, max_size=200), percents)
def test_a_percentile_is_within_a_thousandth_of_k6s_on_all_values(
    values: list[float], percent: float
) -> None:
    assert of(values).percentile(percent) == pytest.approx(exact(values, percent), rel=1e-3)


@given(st.lists(any_time, min_size=1, max_size=200))
def test_count_sum_extremes_and_mean_are_exact(values: list[float]) -> None:
    histogram = of(values)
    assert (histogram.count, histogram.min, histogram.max) == (len(values), min(values), max(values))
    tolerance = 1e-12 * sum(map(abs, values))
    assert histogram.sum == pytest.approx(math.fsum(values), rel=1e-12, abs=tolerance)
    assert histogram.mean == histogram.sum / len(values)


@given(st.lists(any_time, min_size=1, max_size=100), st.lists(percents, min_size=2))
def test_a_higher_percentile_is_never_a_lower_value(values: list[float], asked: list[float]) -> None:
    histogram = of(values)
    found = [histogram.percentile(percent) for percent in sorted(asked)]
    rounding = 1e-12 * (histogram.max - histogram.min)
    assert all(lower <= higher + rounding for lower, higher in pairwise(found))


@given(st.lists(any_time, min_size=1), st.lists(any_time), st.lists(any_time))
def test_merging_parts_in_any_order_is_recording_the_whole(
    one: list[float], two: list[float], three: list[float]
) -> None:
    whole, (a, b, c) = of(one + two + three), map(of, (one, two, three))
    for together in (merged(a, b, c), merged(c, b, a), merged(a, merged(b, c))):
        assert facts(together) == facts(whole)
        tolerance = 1e-12 * sum(map(abs, one + two + three))
        assert together.sum == pytest.approx(whole.sum, rel=1e-12, abs=tolerance)


def test_merging_one_with_itself_doubles_it() -> None:
    histogram = of([1.0, 0.0, 5.0])
    histogram.merge(histogram)
    assert (histogram.count, histogram.sum) == (6, 12)


def test_merging_leaves_the_other_as_it_was() -> None:
    other = of([2.0])
    of([1.0]).merge(other)
    assert (other.count, other.max) == (1, 2)


def test_a_value_can_be_recorded_many_times_at_once_over_32_bits() -> None:
    histogram = Histogram()
    histogram.record(2.0, count=2**32 - 1)
    histogram.record(2.0)
    histogram.record(9.0)
    assert (histogram.count, histogram.sum) == (2**32 + 1, 2.0**33 + 9)
    assert histogram.percentile(50) == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_is_refused(value: float) -> None:
    histogram = Histogram()
    with pytest.raises(ValueError, match="finite"):
        histogram.record(value)
    assert histogram.count == 0


@given(st.lists(any_time))
def test_encoded_at_full_precision_it_comes_back_the_same(values: list[float]) -> None:
    encoded = of(values).encode()
    assert Histogram.decode(encoded).encode() == encoded


@given(st.lists(times, min_size=1), percents)
def test_folded_to_seven_bits_it_is_within_half_a_percent_and_the_rest_exact(
    values: list[float], percent: float
) -> None:
    histogram = of(values)
    folded = Histogram.decode(histogram.encode(precision=7))
    assert folded.percentile(percent) == pytest.approx(exact(values, percent), rel=5e-3)
    assert (folded.count, folded.sum) == (histogram.count, histogram.sum)
    assert (folded.min, folded.max) == (histogram.min, histogram.max)


@given(st.lists(any_time), st.data())
def test_a_part_of_an_encoded_one_or_more_than_it_is_refused(
    values: list[float], data: st.DataObject
) -> None:
    encoded = of(values).encode()
    cut = data.draw(st.integers(0, len(encoded) - 1))
    for damaged in (encoded[:cut], encoded + b"\0"):
        with pytest.raises(ValueError, match="not an encoded histogram"):
            Histogram.decode(damaged)


@given(st.binary(), percents)
def test_no_bytes_break_reading(data: bytes, percent: float) -> None:
    try:
        histogram = Histogram.decode(data)
    except ValueError:
        return
    histogram.percentile(percent)


def test_a_precision_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        Histogram().encode(precision=11)
