"""A frame as it is kept: its notes without secrets, its numbers untouched."""

import json

import pytest
from frames import delta, floats, frame, trend
from hypothesis import given
from hypothesis import strategies as st

from sonagi._core import Totals
from sonagi.store.clean import clean, clean_frame


def test_notes_are_cleaned_and_all_else_stays() -> None:
    note = {"text": "password=hush 소나기", "nested": [{"Cookie: sid=hush": 1}], "count": 3, "none": None}
    series = [delta("a", "counter", floats(2), name="x"), delta("t", "trend", trend(1, 2, 3), "time")]
    before = frame(
        *series, worker=300, monotonic_ns=2**63, notes={"exception": json.dumps(note), "vus": "{}"}
    )
    after, totals = Totals(), Totals()
    head = after.merge(clean_frame(before))
    same = totals.merge(before)
    assert (head.worker, head.monotonic_ns, head.wall_ns) == (same.worker, same.monotonic_ns, same.wall_ns)
    [(kind, kept), (_, other)] = head.notes
    assert (kind, json.loads(other)) == ("exception", {})
    assert json.loads(kept) == {
        "text": "password=*** 소나기",
        "nested": [{"Cookie: ***": 1}],
        "count": 3,
        "none": None,
    }
    assert after.counter("a", {"name": "x"}) == 2
    told, was = after.trend("t"), totals.trend("t")
    assert told is not None and was is not None
    assert (told.count, told.min, told.max, told.sum) == (was.count, was.min, was.max, was.sum)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=300), max_size=3))
def test_whatever_is_noted_the_frame_stays_one(notes: dict[str, str]) -> None:
    head = Totals().merge(clean_frame(frame(notes={kind: json.dumps(note) for kind, note in notes.items()})))
    assert [(kind, json.loads(note)) for kind, note in head.notes] == [
        (kind, clean(note)) for kind, note in notes.items()
    ]


@pytest.mark.parametrize("data", [b"", b"\2", frame()[:-1], frame(notes={"a": "no JSON"})])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        clean_frame(data)
