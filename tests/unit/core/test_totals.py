"""Totals are what frames add up to, in whatever order they come."""

import math
import random
import re
from pathlib import Path
from types import MappingProxyType

import pytest
from frames import delta, floats, frame, trend, uint
from hypothesis import given
from hypothesis import strategies as st

from sonagi._core import Histogram, Totals, fold
from sonagi.model.metrics import BUILTIN

BUILTIN_RS = Path(__file__).parents[3] / "core/src/stats/builtin.rs"


def users(worker: int, wall_ns: int, last: float, low: float, high: float) -> bytes:
    return frame(delta("vus", "gauge", floats(last, low, high)), worker=worker, wall_ns=wall_ns)


def totals_of(*frames: bytes) -> Totals:
    totals = Totals()
    for one in frames:
        totals.merge(one)
    return totals


def test_a_frames_head_and_notes_are_given_back() -> None:
    notes = {"log": '{"text": "소나기"}', "vus": "{}"}
    head = Totals().merge(frame(worker=3, sequence=300, wall_ns=2**64 - 1, notes=notes))
    assert (head.worker, head.sequence, head.monotonic_ns, head.wall_ns) == (3, 300, 7, 2**64 - 1)
    assert head.notes == list(notes.items())


def test_each_kind_adds_up_over_workers() -> None:
    def second(worker: int, status: str) -> bytes:
        return frame(
            delta("http_reqs", "counter", floats(2), status=status),
            delta("http_req_failed", "rate", uint(1) + uint(2), status=status),
            delta("http_req_duration", "trend", trend(5, worker + 6), "time", status=status),
            worker=worker,
        )

    totals = totals_of(second(0, "200"), second(1, "200"), second(2, "500"))
    assert totals.counter("http_reqs") == 6
    assert totals.rate("http_req_failed") == (3, 6)
    durations = totals.trend("http_req_duration")
    assert durations is not None
    assert (durations.count, durations.min, durations.max, durations.sum) == (6, 5, 8, 36)
    assert totals.metrics() == [
        ("http_req_duration", "trend", "time"),
        ("http_req_failed", "rate", "default"),
        ("http_reqs", "counter", "default"),
    ]
    assert totals.series("http_reqs") == [{"status": "200"}, {"status": "500"}]


def test_tags_select_the_series_that_carry_all_of_them() -> None:
    totals = totals_of(
        frame(
            delta("http_reqs", "counter", floats(1), name="/a", status="200"),
            delta("http_reqs", "counter", floats(10), name="/a", status="500"),
            delta("http_reqs", "counter", floats(100), name="/b", status="200"),
        )
    )
    assert totals.counter("http_reqs", {}) == totals.counter("http_reqs", None) == 111
    assert totals.counter("http_reqs", {"name": "/a"}) == 11
    assert totals.counter("http_reqs", {"status": "200", "name": "/a"}) == 1
    assert totals.counter("http_reqs", MappingProxyType({"status": "200"})) == 101


def test_where_no_series_matches_there_is_no_answer() -> None:
    totals = totals_of(frame(delta("http_reqs", "counter", floats(1), name="/a")))
    assert totals.counter("http_reqs", {"name": "/b"}) is None
    assert totals.counter("nothing") is None
    assert totals.trend("http_reqs") is None, "a counter is no trend"
    assert totals.series("nothing") == []


def test_a_gauge_ends_with_the_latest_frame_whichever_came_last() -> None:
    early, late = users(0, 1_000, 3, 1, 90), users(1, 2_000, 8, 5, 8)
    assert totals_of(early, late).gauge("vus") == totals_of(late, early).gauge("vus") == (8, 1, 90)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.floats(-1e6, 1e6)), min_size=1), st.data())
def test_the_order_of_frames_changes_nothing(
    samples: list[tuple[int, int, float]], data: st.DataObject
) -> None:
    seconds = list({sample[:2]: sample for sample in samples}.values())

    def all_of(seconds: list[tuple[int, int, float]]) -> Totals:
        return totals_of(
            *(
                frame(
                    delta("vus", "gauge", floats(value, value, value)),
                    delta("t", "trend", trend(value)),
                    worker=worker,
                    wall_ns=wall,
                )
                for worker, wall, value in seconds
            )
        )

    one, other = all_of(seconds), all_of(data.draw(st.permutations(seconds)))
    assert one.gauge("vus") == other.gauge("vus")
    first, second = one.trend("t"), other.trend("t")
    assert first is not None
    assert second is not None
    for percent in (0, 50, 95, 100):
        assert first.percentile(percent) == second.percentile(percent)
    assert first.sum == pytest.approx(second.sum, rel=1e-12, abs=1e-6)


@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.lists(st.floats(1e-3, 3.6e6), min_size=1, max_size=60)),
        min_size=1,
        max_size=24,
    )
)
def test_percentiles_over_workers_are_those_of_all_values_in_one_place(
    seconds: list[tuple[int, list[float]]],
) -> None:
    frames = [
        frame(delta("t", "trend", trend(*values), "time"), worker=worker, sequence=at, wall_ns=at)
        for at, (worker, values) in enumerate(seconds)
    ]
    merged = totals_of(*frames).trend("t")
    assert merged is not None
    pooled = sorted(value for _, values in seconds for value in values)
    for percent in (0, 1, 25, 50, 75, 90, 95, 99, 99.9, 100):
        # Between the two values that a percentile lies between, as k6 has it.
        place = percent / 100 * (len(pooled) - 1)
        below, above = pooled[math.floor(place)], pooled[math.ceil(place)]
        exact = below + (above - below) * (place - math.floor(place))
        assert merged.percentile(percent) == pytest.approx(exact, rel=0.001)


def test_the_coordinators_own_samples_are_the_latest() -> None:
    totals = totals_of(users(5, 9_000, 3, 3, 3))
    totals.add("vus", "gauge", "default", 7)
    totals.add("started", "counter", "default", 2, {"scenario": "browse"})
    assert totals.gauge("vus") == (7, 3, 7)
    assert totals.counter("started", {"scenario": "browse"}) == 2


def test_samples_that_cannot_be_are_refused_and_change_nothing() -> None:
    totals = Totals()
    totals.add("mine", "counter", "default", 1)
    for kind, value, why in (
        ("counter", math.nan, "finite"),
        ("counter", math.inf, "finite"),
        ("rate", 1.0, "is not a rate"),
        ("histogram", 1.0, "no kind"),
    ):
        with pytest.raises(ValueError, match=why):
            totals.add("mine", kind, "default", value)
    assert totals.counter("mine") == 1


def test_what_was_asked_for_stays_as_it_was() -> None:
    totals = totals_of(frame(delta("t", "trend", trend(1))))
    before = totals.trend("t")
    totals.merge(frame(delta("t", "trend", trend(2))))
    assert before is not None
    assert before.count == 1


def test_a_frame_that_was_cut_is_refused_as_a_whole() -> None:
    deltas = delta("a", "counter", floats(1)), delta("b", "rate", uint(1) + uint(1))
    whole = frame(*deltas, notes={"log": "{}"})
    totals = Totals()
    for cut in range(len(whole)):
        with pytest.raises(ValueError, match="not a frame"):
            totals.merge(whole[:cut])
    assert totals.metrics() == []


def test_a_frame_of_another_version_is_named() -> None:
    with pytest.raises(ValueError, match="version 9"):
        Totals().merge(b"\x09" + frame()[1:])


@given(st.binary(), st.booleans())
def test_no_bytes_break_merging(data: bytes, begins_well: bool) -> None:
    totals = Totals()
    try:
        totals.merge(frame()[:-1] + data if begins_well else data)
    except ValueError:
        assert totals.metrics() == []


def test_the_cores_built_in_metrics_are_the_models() -> None:
    listed = re.findall(r'^    [A-Z_]+ "(\w+)" (\w+) (\w+)$', BUILTIN_RS.read_text(), re.MULTILINE)
    core = {name: (kind.lower(), contains.lower()) for name, kind, contains in listed}
    assert core == {metric.name: (metric.kind.value, metric.contains) for metric in BUILTIN.values()}


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=200))
def test_a_folded_frame_is_smaller_and_adds_up_to_nearly_the_same(values: list[float]) -> None:
    whole = frame(
        delta("http_reqs", "counter", floats(len(values)), name="/a"),
        delta("http_req_duration", "trend", trend(*values), "time", name="/a"),
        worker=2,
        notes={"vus": "{}"},
    )
    assert len(fold(whole)) <= len(whole) and fold(whole, 10) == whole
    totals = Totals()
    head = totals.merge(fold(whole))
    assert (head.worker, head.notes) == (2, [("vus", "{}")])
    assert totals.counter("http_reqs", {"name": "/a"}) == len(values)
    was, durations = Histogram.decode(trend(*values)), totals.trend("http_req_duration")
    assert durations is not None
    assert (durations.count, durations.sum, durations.max) == (was.count, was.sum, was.max)
    assert durations.percentile(50) == pytest.approx(was.percentile(50), rel=0.005)


def test_a_busy_second_folds_to_about_a_kilobyte() -> None:
    draw = random.Random(1)
    values = (draw.lognormvariate(math.log(5), 0.5) for _ in range(10_000))
    busy = frame(delta("http_req_duration", "trend", trend(*values), "time"))
    assert 900 < len(fold(busy)) < 1500 < len(busy) / 3


@pytest.mark.parametrize(("data", "precision"), [(b"", 7), (b"\2\0", 7), (b"text", 7), (frame(), 11)])
def test_what_cannot_be_folded_is_a_value_error(data: bytes, precision: int) -> None:
    with pytest.raises(ValueError, match=r"frame|precision"):
        fold(data, precision)


def test_totals_are_kept_as_frames_that_add_up_to_them() -> None:
    totals = totals_of(
        frame(delta("http_req_duration", "trend", trend(0.1, 0.2, 0.7), "time", name="/a"), wall_ns=5),
        frame(delta("http_req_duration", "trend", trend(0.4), "time"), wall_ns=3),
        users(1, 4, 8, 5, 9),
    )
    totals.add("vus", "gauge", "default", 4.0)
    kept = totals_of(*totals.frames())
    assert kept.frames() == totals.frames()
    assert kept.gauge("vus") == totals.gauge("vus") == (4, 4, 9)
    was, durations = totals.trend("http_req_duration"), kept.trend("http_req_duration")
    assert was is not None
    assert durations is not None
    assert durations.encode() == was.encode()
    assert totals_of(*Totals().frames()).metrics() == []
