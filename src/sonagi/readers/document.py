"""A text with runs in it, as evidence: k6's output alone, or a write-up with what stands between the runs."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.traffic import Check
from sonagi.readers.k6_text import UNKNOWN, Block, blocks
from sonagi.readers.logs import LogBook, is_log_line
from sonagi.readers.summary import Summary
from sonagi.readers.think import constant_think

_HEADING = re.compile(r"^#{1,6} \S")
_FENCE = re.compile(r"^[\s>]*```")
_ABOUT_ROWS = re.compile(r"조회|데이터|레코드|\brows?\b|\brecords?\b|\d행", re.IGNORECASE)
_ROWS = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3}){1,4}|\d{1,12})[`*)]{0,4}\s*(?:건|개의? 행|행|rows?\b|records?\b)"
)
_COUNT_HEAD = re.compile(r"^[\s>|]*(?:count(?:\(.{0,40}\))?)\s*\|?\s*$", re.IGNORECASE)
_COUNT = re.compile(r"^[\s>|]*(\d{1,12})\s*\|?\s*$")
COUNT_LINES = 3
"""Below its head, a query's count stands within so many lines."""
MOST_LINES = 20_000
"""Log lines that are kept of one document; a log of its own is read as one."""
FEWEST_ROWS = 2
"""A query of a count says "1 row" of itself."""


@dataclass(slots=True)
class Asides:
    """What is written beside runs."""

    name: str
    headings: list[int] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    """What the headings say."""
    rows: list[tuple[int, int]] = field(default_factory=list)
    """(line, rows that somebody counted)"""
    logged: list[tuple[int, str]] = field(default_factory=list)
    in_code: bool = False
    count_until: int = 0

    def take(self, number: int, text: str) -> None:
        """A line that is no part of a run's output."""
        if _FENCE.match(text):
            self.in_code = not self.in_code
        elif not self.in_code and _HEADING.match(text):
            self.headings.append(number)
            self.titles.append(text.strip("# \t").replace("`", ""))
        elif len(self.logged) < MOST_LINES and is_log_line(text):
            self.logged.append((number, text.strip(" \t>|`")))
        else:
            self._count(number, text)

    def _count(self, number: int, text: str) -> None:
        if _COUNT_HEAD.match(text):
            self.count_until = number + COUNT_LINES
        counted = _COUNT.match(text) if number <= self.count_until else None
        if counted is None and _ABOUT_ROWS.search(text):
            counted = _ROWS.search(text)
        if counted is not None:
            rows = int(counted[1].replace(",", ""))
            if rows >= FEWEST_ROWS:
                self.rows.append((number, rows))

    def title_of(self, line: int) -> str:
        """The heading under which the run at `line` stands; "" without one."""
        section = bisect_right(self.headings, line)
        return self.titles[section - 1] if section else ""

    def rows_of(self, line: int, next_line: float) -> int | None:
        """Rows that were counted for the run at `line`: under its heading, or, where there are no headings,
        before the next run."""
        if self.headings:
            section = bisect_right(self.headings, line)
            found = [rows for at, rows in self.rows if bisect_right(self.headings, at) == section]
        else:
            found = [rows for at, rows in self.rows if line <= at < next_line]
        return max(found, default=None)

    def log_of(self, first: float, until: float) -> LogBook:
        """Lines of a server's log from line `first` on, up to `until`."""
        book = LogBook(self.name)
        book.feed_lines(text for at, text in self.logged if first <= at < until)
        return book


@dataclass(frozen=True, slots=True)
class Told:
    """A run, and what of its output helps to find out by which part of a script it was made."""

    evidence: Evidence
    functions: frozenset[str]
    """Those that its scenarios ran, where that is told."""
    newer: bool
    """Whether k6 was 1.0 or later."""
    whole: bool
    """Whether its summary is there, not only how far it was."""


def read(lines: Iterable[str], name: str) -> list[Told]:
    """Every run in `lines`, in order."""
    asides = Asides(name)
    found = list(blocks(lines, asides.take))
    begins = [block.line or 1 for block in found]
    ends: list[float] = [*begins[1:], *[float("inf")] * bool(begins)]
    runs = []
    for at, (block, line, end) in enumerate(zip(found, begins, ends, strict=True)):
        evidence = evidence_of(block, name if len(found) == 1 else f"{name}:{line}")
        evidence = asides.log_of(0 if at == 0 else line, end).added_to(evidence)
        evidence = replace(evidence, rows=asides.rows_of(line, end), title=asides.title_of(line))
        whole = "http_reqs" in block.summary or "iterations" in block.summary
        runs.append(Told(evidence, frozenset(block.functions), block.newer, whole))
    return runs


def evidence_of(block: Block, source: str) -> Evidence:
    """A run as its output tells of it."""
    summary, progress = block.summary, block.progress
    facts: dict[str, Any] = summary.facts()
    seconds = summary.seconds
    if progress is not None:
        # The line that shows tenths is more to be trusted than a rate of few digits.
        if seconds is None or abs(seconds - progress.seconds) > 0.15:
            seconds = progress.seconds
        facts["iterations"] = progress.iterations
        facts["interrupted"] = progress.interrupted
        if facts["vus"] is None and progress.users:
            facts["vus"] = (progress.users, 0, progress.users)
    loads = tuple(block.loads) or ((block.barred,) if block.barred else ())
    think = constant_think(summary.trends, facts["requests"], facts["iterations"])
    goals = (replace(goal, samples=summary.samples(goal.metric)) for goal in summary.goals)
    facts |= {
        "checks": _checks(block.checks, summary),
        "goals": tuple(goals),
        "warnings": tuple(block.console.warnings),
        "exceptions": tuple(block.console.exceptions.most_common()),
        "failures": block.console.failures(facts["failed"]),
        "loads": tuple(with_think(load, think) for load in loads),
    }
    return Evidence(source=source, tool=_tool(block), seconds=seconds, **facts)


def with_think(load: PlannedLoad, think: float | None) -> PlannedLoad:
    """A load whose users' constant sleep is known."""
    return load if think is None else replace(load, constant_think=think)


def _tool(block: Block) -> str:
    return "sonagi" if block.progress is not None and block.progress.users is None else "k6"


def _checks(shown: list[Check], summary: Summary) -> tuple[Check, ...]:
    """Those that are shown without counts held in all of what the others leave."""
    unknown = sum(check.passes == UNKNOWN for check in shown)
    all_held = summary.rates.get("checks", summary.rates.get("checks_succeeded", (0, 0)))[0]
    held = all_held - sum(max(check.passes, 0) for check in shown)
    each = max(held, 0) // unknown if unknown else 0
    return tuple(replace(check, passes=each) if check.passes == UNKNOWN else check for check in shown)
