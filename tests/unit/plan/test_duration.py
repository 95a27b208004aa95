"""Durations: k6's strings, and bare numbers of seconds."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.plan.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("10s", 10),
        ("1m30s", 90),
        ("500ms", 0.5),
        ("1d2h", 93600),
        ("1.5h", 5400),
        ("0", 0),
        (3, 3),
        (0.25, 0.25),
    ]
    + [(timedelta(minutes=2), 120), (" 5s ", 5), ("10µs", 1e-5), ("1h0m0.5s", 3600.5)],
)
def test_a_duration_is_read_in_seconds(value: object, seconds: float) -> None:
    assert parse_duration(value) == pytest.approx(seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "code"),
    [("10", "duration_unit"), ("5 x", "duration"), ("", "duration"), ("s", "duration"), ("1m x", "duration")]
    + [
        (-1, "duration_negative"),
        ("-1s", "duration_negative"),
        (float("nan"), "duration"),
        (True, "duration"),
        (10**400, "duration"),
        ("+-5s", "duration"),
        ("1.5.2", "duration"),
        (".", "duration"),
        ("٣s", "duration"),
        (timedelta(seconds=-1), "duration_negative"),
        (None, "duration"),
    ],
)
def test_what_is_no_duration_names_its_mistake(value: object, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        parse_duration(value)  # type: ignore[arg-type]


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_written_reads_back(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0s"), (0.5, "500ms"), (30, "30s"), (90, "1m30s"), (600, "10m0s"), (3600, "1h0m0s")],
)
def test_durations_are_written_as_k6_writes_them(seconds: float, written: str) -> None:
    assert format_duration(seconds) == written
