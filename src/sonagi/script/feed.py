"""Test data: rows of a CSV, JSON or JSON Lines file, dealt out to users.

    users = feed.csv("users.csv", pick="vu")

    async def log_in(vu):
        user = users.take()
        await http.post("…/login", json={"name": user["name"], "password": user["password"]})

A relative path is looked for beside the script. The file is read once, when the script is loaded.
"""

import csv as csv_format
import json as json_format
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal, get_args

from sonagi._core import current_scope
from sonagi.locale import text
from sonagi.plan.plan import ScenarioPlan
from sonagi.plan.segment import Segment
from sonagi.script.vu import Numbering, StopUser, Vu

Pick = Literal["sequential", "random", "vu", "iteration"]
AtEnd = Literal["repeat", "stop", "fail"]


class FeedError(Exception):
    """Test data that cannot be read, or that has run out."""


class Share:
    """Which rows belong to this worker. Set when a run begins."""

    segment = Segment()
    scenarios: Sequence[ScenarioPlan] = ()

    @classmethod
    def first_rows(cls, count: int) -> dict[str, int]:
        """By scenario, the row of its first iteration, where each iteration of a run has one of `count` rows
        of its own, whichever worker makes it. Empty where that cannot be known: then workers have rows of
        their own."""
        if cls.segment == Segment():
            return {}
        asked = [scenario.iterations_asked for scenario in cls.scenarios]
        counted = [number for number in asked if number is not None]
        # Which scenarios take from a feed is known for sure when there is only one; otherwise there must be
        # enough for all.
        if len(counted) < len(asked) or (len(asked) > 1 and sum(counted) > count):
            return {}
        firsts = accumulate(counted, initial=0)
        return dict(zip((scenario.name for scenario in cls.scenarios), firsts, strict=False))


class Feed:
    """Rows, and how they are dealt out.

    - `pick="sequential"`: the next row at each `take()`, whoever takes it
    - `pick="random"`: any row, by the user's own random numbers
    - `pick="vu"`: a row for each user, always the same
    - `pick="iteration"`: a row for each iteration of each user, no row twice

    Of several workers each deals out its part of the rows: of four, every fourth. Only where a run asks for
    iterations, and the rows are enough for all of its scenarios or there is only one, iterations have theirs
    whichever worker makes them.

    When there are no more, `at_end` says what happens: "repeat" begins again, "stop" ends the user that
    asked, "fail" raises FeedError. Without it, sequential rows repeat and the others fail.
    """

    def __init__(self, rows: Iterable[Any], pick: Pick = "sequential", at_end: AtEnd | None = None) -> None:
        self.rows: Sequence[Any] = list(rows)
        self.pick = _one_of("pick", pick, get_args(Pick))
        self.at_end = _one_of(
            "at_end", at_end or ("repeat" if pick == "sequential" else "fail"), get_args(AtEnd)
        )
        self._dealt = 0
        self._first: dict[str, int] | None = None
        self._taken: dict[Numbering, int] = {}
        self._of_iteration: dict[int, tuple[int, int]] = {}
        if not self.rows:
            raise FeedError(text("script.feed_empty"))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self) -> Any:
        """A row for the user that asks; of a mapping, a copy of its own. Raises FeedError."""
        scope = current_scope()
        if scope is None:
            raise RuntimeError("take() belongs into a scenario's function, setup() or teardown()")
        if self.pick == "random":
            row = scope.vu.random.choice(self.rows)
        elif self.pick == "vu":
            row = self._at(max(scope.vu.id - 1, 0))
        elif self.pick == "iteration":
            row = self._at(self._number(scope.vu, scope.iteration))
        else:
            row = self._at(self._deal())
        return dict(row) if isinstance(row, Mapping) else row

    def _deal(self) -> int:
        self._dealt += 1
        return Share.segment.number(self._dealt - 1)

    def _number(self, vu: Vu, iteration: int) -> int:
        """The row of this iteration: dealt when first asked for."""
        known = self._of_iteration.get(vu.id)
        if known is None or known[0] != iteration:
            known = self._of_iteration[vu.id] = (iteration, self._deal_to(vu))
        return known[1]

    def _deal_to(self, vu: Vu) -> int:
        """A row that no other iteration has, in any worker."""
        if self._first is None:
            self._first = Share.first_rows(len(self.rows))
        if not self._first:
            return self._deal()
        first = self._first.get(vu.scenario)
        if first is None:  # setup() and teardown(): behind those of all iterations
            return sum(scenario.iterations_asked or 0 for scenario in Share.scenarios) + self._deal()
        # Not the iteration's own number: one that asks for no row leaves it to the next.
        numbering = vu.numbering
        taken = self._taken.get(numbering, 0)
        self._taken[numbering] = taken + 1
        return first + numbering.segment.number(numbering.first + taken)

    def _at(self, number: int) -> Any:
        if number < len(self.rows):
            return self.rows[number]
        if self.at_end == "repeat":
            return self.rows[number % len(self.rows)]
        if self.at_end == "stop":
            raise StopUser
        own = Share.segment.count(len(self.rows))
        if self._first or own == len(self.rows):
            raise FeedError(text("script.feed_dry", count=len(self.rows)))
        raise FeedError(text("script.feed_part_dry", own=own, count=len(self.rows)))


def csv(path: str, pick: Pick = "sequential", at_end: AtEnd | None = None, delimiter: str = ",") -> Feed:
    """Rows of a CSV file with a header, as mappings of strings. Raises FeedError."""

    def read(file: Path) -> Iterator[Any]:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv_format.DictReader(lines, delimiter=delimiter, restkey="", strict=True)
            for row in reader:
                if "" in row or None in row.values():
                    raise FeedError(text("script.feed_fields", line=reader.line_num))
                yield row

    return _load(path, read, pick, at_end)


def json(path: str, pick: Pick = "sequential", at_end: AtEnd | None = None) -> Feed:
    """The entries of a JSON file that holds a list. Raises FeedError."""

    def read(file: Path) -> Iterator[Any]:
        entries = json_format.loads(file.read_text(encoding="utf-8-sig"))
        if not isinstance(entries, list):
            raise FeedError(text("script.feed_list"))
        yield from entries

    return _load(path, read, pick, at_end)


def jsonl(path: str, pick: Pick = "sequential", at_end: AtEnd | None = None) -> Feed:
    """The lines of a JSON Lines file; empty ones are passed over. Raises FeedError."""

    def read(file: Path) -> Iterator[Any]:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield json_format.loads(line)
                    except ValueError as error:
                        raise FeedError(text("script.feed_line", line=number, reason=error)) from None

    return _load(path, read, pick, at_end)


def _load(path: str, read: Callable[[Path], Iterator[Any]], pick: Pick, at_end: AtEnd | None) -> Feed:
    beside = Path(sys._getframe(2).f_globals.get("__file__") or ".").resolve().parent
    file = Path(path) if Path(path).is_absolute() else beside / path
    try:
        return Feed(read(file), pick, at_end)
    except FileNotFoundError:
        raise FeedError(text("script.feed_missing", path=path, folder=beside)) from None
    except (FeedError, ValueError, csv_format.Error, OSError) as error:
        raise FeedError(f"{path}: {error}") from None


def _one_of(name: str, value: Any, valid: Sequence[str]) -> Any:
    if value not in valid:
        raise ValueError(f"{name}={value!r}; there are {', '.join(valid)}")
    return value
