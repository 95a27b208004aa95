"""Shares of a plan: together they are the whole, and each is what k6 gives."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.plan.plan import ScenarioPlan
from sonagi.plan.segment import Segment, dealt, machine_share

TENTHS = "0,0.3,0.5,0.6,0.7,0.8,0.9,1"


def share(segment: str | None, sequence: str | None = None) -> Segment:
    made, problems = machine_share(segment, sequence)
    assert problems == []
    return made


@pytest.mark.parametrize(
    ("sequence", "segment", "start", "steps", "cycle"),
    [
        (TENTHS, "0:0.3", 0, [4, 3, 3], 10),
        (TENTHS, "0.3:0.5", 1, [4, 6], 10),
        (TENTHS, "0.5:0.6", 2, [10], 10),
        (TENTHS, "90%:100%", 9, [10], 10),
        ("0,0.2,0.5,0.6,0.7,0.8,0.9,1", "20%", 1, [4, 6], 10),
        ("0,0.2,0.5", "0:0.2", 3, [6, 4], 10),
        ("0,0.2,0.5", "1/5:1/2", 1, [4, 2, 4], 10),
        ("0,2/5,4/5", "2/5:4/5", 1, [3, 2], 5),
        (None, "0.2", 1, [5], 5),
        (None, "2/5", 1, [2, 3], 5),
        (None, "1/10:5/10", 1, [2, 2, 4, 2], 10),
        (None, None, 0, [1], 1),
        ("0,1", None, 0, [1], 1),
    ],
)
def test_a_machine_gets_the_numbers_that_k6_gives_it(
    sequence: str | None, segment: str | None, start: int, steps: list[int], cycle: int
) -> None:
    made = share(segment, sequence)
    numbers = [made.number(k) for k in range(2 * len(steps) + 1)]
    assert (numbers[0], [after - before for before, after in pairwise(numbers)]) == (start, steps * 2)
    assert made.cycle == cycle


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.integers(1, 5), st.integers(0, 400))
def test_the_shares_of_all_machines_and_workers_are_the_whole(
    widths: list[int], workers: int, total: int
) -> None:
    points = [Fraction(sum(widths[:at]), sum(widths)) for at in range(len(widths) + 1)]
    sequence = ",".join(map(str, points))
    found = []
    for begin, end in pairwise(points):
        machine = share(f"{begin}:{end}", sequence)
        parts = [machine.part(index, workers) for index in range(workers)]
        assert sorted(n for part in parts for n in part.numbers(total)) == list(machine.numbers(total))
        found += [number for part in parts for number in part.numbers(total)]
    assert sorted(found) == list(range(total))


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.integers(0, 200))
def test_no_share_gets_more_than_one_number_ahead(widths: list[int], total: int) -> None:
    whole = sum(widths)
    lengths = [Fraction(width, whole) for width in widths]
    for length, places in zip(lengths, dealt(lengths, whole), strict=True):
        ahead = Segment(places=places, cycle=whole).count(total) - total * length
        assert -len(widths) < ahead <= 1


@given(st.integers(0, 30), st.integers(1, 30), st.integers(1, 9), st.integers(1, 9), st.integers(0, 500))
def test_a_share_that_is_dealt_on_stays_whole(
    index: int, of: int, parts: int, again: int, total: int
) -> None:
    segment = Segment(index % of, of)
    pieces = [segment.part(at, parts).part(on, again) for at in range(parts) for on in range(again)]
    assert sorted(n for piece in pieces for n in piece.numbers(total)) == list(segment.numbers(total))
    for piece in pieces:
        assert [piece.number(k) for k in range(piece.count(total))] == list(piece.numbers(total))


@given(st.integers(1, 60), st.integers(0, 300), st.integers(1, 7))
def test_iterations_go_to_those_who_have_users_to_make_them(vus: int, iterations: int, of: int) -> None:
    scenario = ScenarioPlan("s", "shared-iterations", {"f": 1}, vus, 1, iterations=iterations)
    segments = [Segment(index, of) for index in range(of)]
    assert sum(segment.iterations(scenario) for segment in segments) == iterations
    assert all(segment.users(scenario) for segment in segments if segment.iterations(scenario))
    dealt_out = [segment.in_turns(vus) for segment in segments if segment.users(scenario)]
    assert sorted(n for turns in dealt_out for n in turns.numbers(iterations)) == list(range(iterations))
    for segment in segments:
        if users := len(segment.users(scenario)):
            assert abs(segment.iterations(scenario) - iterations * users / vus) < users + 1


@pytest.mark.parametrize(
    ("segment", "sequence", "told"),
    [
        ("1a5%", None, 'execution_segment: "1a5%" is no share: "1a5%" is no number; write 25%, 0.25 or 1/4'),
        ("0:1/0", None, '"1/0" is no number'),
        ("1/4:", None, '"" is no number'),
        ("125%", None, '"125%" is no share; it begins at 0 or later, ends at 1'),
        ("55%:50%", None, '"55%:50%" is no share'),
        ("1/2:1/2", None, '"1/2:1/2" is no share'),
        ("-1/2:1/2", None, '"-1/2:1/2" is no share'),
        ("0", None, '"0" is no share'),
        ("0:1/2", "0.5", 'execution_segment_sequence: "0.5" are no shares one after another'),
        ("0:1/2", "0,1,1/2", "are no shares one after another"),
        ("0:1/2", "0,1/2,1/2,1", "are no shares one after another"),
        ("0:1/2", "0,1/2,3/2", "are no shares one after another"),
        ("0:1/2", "0,x,1", '"x" is no number'),
        ("0:1/3", "0,1/2,1", "execution_segment: 0:1/3 is no share of the sequence 0,1/2,1"),
        (None, "0,1/2,1", "execution_segment_sequence: 0:1 is no share of the sequence"),
        ("0.3333337", None, "repeat only after 10000000 users; write them as fractions"),
    ],
)
def test_what_is_no_share_is_said_with_its_mend(segment: str | None, sequence: str | None, told: str) -> None:
    _, problems = machine_share(segment, sequence)
    assert len(problems) == 1
    assert told in str(problems[0])
