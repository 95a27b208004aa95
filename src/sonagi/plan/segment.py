"""The share of all work that is one machine's, and one worker's of it.

Users, iterations, arrivals and rows of test data have numbers, counted from 0. They are dealt out by number,
so that all shares are alike and nobody has to ask who does what. Machines get theirs as k6 deals
(lib/execution_segment.go), a worker every so-manieth of its machine's.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import TYPE_CHECKING, Any, Self

from sonagi.plan.problems import Problem

if TYPE_CHECKING:
    from sonagi.plan.plan import ScenarioPlan

FINEST = 100_000
"""Numbers after which the shares of machines repeat, at most: all of them are worked out."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Of each `cycle` numbers those at `places` (sorted) are the machine's; of the machine's, every `of`-th
    from its `index`-th on belongs here."""

    index: int = 0
    of: int = 1
    places: tuple[int, ...] = (0,)
    cycle: int = 1

    def number(self, k: int) -> int:
        """The number of what comes here as `k`-th, from 0."""
        rounds, place = divmod(self.index + k * self.of, len(self.places))
        return rounds * self.cycle + self.places[place]

    def count(self, total: int) -> int:
        """How many of the numbers 0 to `total` - 1 belong here."""
        rounds, rest = divmod(total, self.cycle)
        ours = rounds * len(self.places) + bisect_left(self.places, rest)
        return len(range(self.index, ours, self.of))

    def numbers(self, total: int) -> Sequence[int]:
        """Those of 0 to `total` - 1 that belong here."""
        if self.cycle == 1:
            return range(self.index, total, self.of)
        return [self.number(k) for k in range(self.count(total))]

    @property
    def length(self) -> float:
        """Which share of all it is, above 0 and up to 1."""
        return len(self.places) / self.cycle / self.of

    def part(self, index: int, of: int) -> "Segment":
        """Of what belongs here every `of`-th, from the `index`-th on."""
        return Segment(self.index + index * self.of, self.of * of, self.places, self.cycle)

    def in_turns(self, users: int) -> "Segment":
        """Of iterations that `users` make in turns, those of the users that belong here."""
        return Segment(places=tuple(self.numbers(users)), cycle=users)

    def users(self, scenario: "ScenarioPlan") -> Sequence[int]:
        """Numbers (from 0) of the scenario's users that live here."""
        return self.numbers(scenario.vus)

    def iterations(self, scenario: "ScenarioPlan") -> int:
        """How many are asked of those users; 0 where a scenario asks for time. Of iterations that all share,
        as many as they would make in turns with all others: where nobody lives there are none to make."""
        if scenario.executor == "per-vu-iterations":
            return self.count(scenario.vus) * (scenario.iterations or 0)
        rounds, rest = divmod(scenario.iterations or 0, scenario.vus)
        return rounds * self.count(scenario.vus) + self.count(rest)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `dataclasses.asdict` made of it."""
        return cls(**{**data, "places": tuple(data["places"])})


def machine_share(segment: str | None, sequence: str | None) -> tuple[Segment, list[Problem]]:
    """The share of a machine that is given k6's `--execution-segment` and `--execution-segment-sequence`, and
    what is wrong with them."""
    found: list[Problem] = []
    bounds = _bounds(segment, found) if segment is not None else (Fraction(0), Fraction(1))
    points = _points(sequence, found) if sequence is not None else list(bounds)
    if found:
        return Segment(), found
    # What nobody was given is a segment too: it has its numbers, and they are left to nobody.
    points = [*[Fraction(0)][: points[0] != 0], *points, *[Fraction(1)][: points[-1] != 1]]
    if bounds not in pairwise(points):
        where = "execution_segment" if segment is not None else "execution_segment_sequence"
        values = {"segment": segment or "0:1", "sequence": sequence}
        return Segment(), [Problem("segment_elsewhere", where, values)]
    lengths = [after - before for before, after in pairwise(points)]
    cycle = lcm(*(length.denominator for length in lengths))
    if cycle > FINEST:
        where = "execution_segment_sequence" if sequence is not None else "execution_segment"
        return Segment(), [Problem("segment_fine", where, {"cycle": cycle})]
    return Segment(places=dealt(lengths, cycle)[points.index(bounds[0])], cycle=cycle), []


def dealt(lengths: Sequence[Fraction], cycle: int) -> list[tuple[int, ...]]:
    """Which of `cycle` numbers go to each of `lengths`, which add up to 1: each number to the longest that is
    not ahead of its share. As k6 does it, so that the same shares get the same numbers."""
    widths = [int(length * cycle) for length in lengths]
    longest_first = sorted(range(len(widths)), key=lambda at: -widths[at])
    places: list[list[int]] = [[] for _ in widths]
    for number in range(cycle):
        for at in longest_first:
            if len(places[at]) * cycle <= number * widths[at]:
                places[at].append(number)
                break
    return [tuple(one) for one in places]


def _bounds(text: str, found: list[Problem]) -> tuple[Fraction, Fraction]:
    """Where a segment begins and ends: "1/4:1/2"; "25%" is the first quarter."""
    where = "execution_segment"
    begin, colon, end = text.rpartition(":")
    bounds = [_fraction(part, text, where, found) for part in ([begin, end] if colon else ["0", end])]
    if not found and not 0 <= bounds[0] < bounds[1] <= 1:
        found.append(Problem("segment_order", where, {"value": text}))
    return bounds[0], bounds[1]


def _points(text: str, found: list[Problem]) -> list[Fraction]:
    """Where the segments of a sequence begin, and the last one ends: "0,1/4,1/2,1"."""
    where = "execution_segment_sequence"
    parts = text.split(",")
    before = len(found)
    points = [_fraction(part, text, where, found) for part in parts]
    if len(found) > before:
        return points
    steps = list(pairwise(points))
    if not steps or points[0] < 0 or points[-1] > 1 or any(after <= before for before, after in steps):
        found.append(Problem("segment_sequence", where, {"value": text}))
    return points


def _fraction(text: str, of: str, where: str, found: list[Problem]) -> Fraction:
    """A number written as "1/4", "0.25" or "25%"; what is none goes to `found`."""
    bare = text.strip()
    try:
        return Fraction(bare.removesuffix("%")) / (100 if bare.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        found.append(Problem("segment_number", where, {"value": of, "part": text}))
        return Fraction(0)
