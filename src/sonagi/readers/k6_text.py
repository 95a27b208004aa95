"""k6's output as text, wherever it stands: alone, in a log of CI, in a whole write-up; one run after another.

Layouts before and since 1.0 are read, and Sonagi's own, which has the newer one. What stands between runs,
as log lines of the server and rows that were counted, belongs to the run before it (`document`).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sonagi.model.evidence import PlannedLoad
from sonagi.model.traffic import Check, Goal
from sonagi.readers import k6_metrics, k6_plan
from sonagi.readers.k6_console import Console
from sonagi.readers.k6_plan import Progress
from sonagi.readers.summary import Summary

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_CI_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]{8,20}Z ")
_HEADER = re.compile(r"^[\s>|]*execution: (?:local|cloud)")
_SECTION = re.compile(r"^[\s>|]*█\s*(.*?)\s*$")
_GROUP = re.compile(r"^[\s>|]*↳ GROUP:")
_CHECK = re.compile(r"^[\s>|]*[✓✗√×✔✘]\s+(\S.{0,200}?)\s*$")
_COUNTS = re.compile(r"↳\s+\d{1,3}%\s+—\s+[✓√✔]\s*(\d{1,15})\s*/\s*[✗×✘]\s*(\d{1,15})")
_TELLING = re.compile(r"[█↳✓✗√×✔✘]|\.\.+\s*:|VUs|iterations|반복|=|execution: |WARN\[|ERRO\[|INFO\[|level")
"""What any line of k6's has, but the names above thresholds; most of a log has none of it."""
_GOALS_OF = re.compile(r"^[\s>|]*((?:[A-Za-z_]\w{0,127})?(?:\{[^{}]{1,200}\})?)\s*$")
UNKNOWN = -1
"""Passes of a check that is shown without them: it held every time."""
LONGEST = 2000
"""Characters of a line that are looked at."""
_OWN = ("THRESHOLDS", "목표(THRESHOLDS)")
_TOTAL = ("TOTAL RESULTS", "전체 결과")


@dataclass(slots=True)
class Block:
    """One run while its lines are read."""

    line: int | None = None
    """Where it begins; None while nothing of it was seen."""
    summary: Summary = field(default_factory=Summary)
    loads: list[PlannedLoad] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    """Those that its scenarios run, where that is told."""
    checks: list[Check] = field(default_factory=list)
    console: Console = field(default_factory=Console)
    progress: Progress | None = None
    barred: PlannedLoad | None = None
    section: str = ""
    """"goals" and "totals" of the newer layout; "part" for what repeats the totals by scenario or group."""
    metric: str = ""
    over: bool = False
    """Its summary stands above; what comes now is about it, or the next run."""
    newer: bool = False

    def __bool__(self) -> bool:
        return bool(self.summary) or self.progress is not None

    def begins_anew(self, text: str, metric: k6_metrics.Line | None) -> bool:
        """Whether `text` can only be of another run."""
        if not self:
            return False
        if _HEADER.match(text) or (self.summary and k6_plan.scenario(text)):
            return True
        section = _SECTION.match(text)
        if (
            section
            and self.summary
            and (section[1] in _OWN or (section[1] in _TOTAL and self.section != "goals"))
        ):
            return True
        if metric is None:
            # Checks stand above the metrics, progress before both.
            return self.over and (bool(_COUNTS.search(text)) or k6_plan.progress(text) is not None)
        return bool(metric.name) and self.section != "part" and metric.name in self.summary

    def take(self, text: str, metric: k6_metrics.Line | None) -> bool:
        """One more line of the run; False for one that isn't k6's."""
        if metric is not None:
            return self._take_metric(metric)
        if (section := _SECTION.match(text)) is not None:
            self._enter(section[1])
        elif _GROUP.match(text):
            self.section = "part"
        elif self.metric and k6_metrics.continues(text):
            k6_metrics.take(self.summary, self.metric, text)
        elif (planned := k6_plan.scenario(text)) is not None:
            self.loads.append(planned[0])
            self.functions.add(planned[1])
        elif (progress := k6_plan.progress(text)) is not None:
            self.progress = progress
            self.over = bool(self.summary)
        elif (barred := k6_plan.bar(text)) is not None:
            self.barred = barred
        elif self.console.take(text, self.progress.seconds if self.progress else 0.0):
            pass
        elif self.section == "goals":
            return self._take_goal(text)
        else:
            return self._take_check(text)
        return True

    def _enter(self, title: str) -> None:
        self.newer = True
        if title in _OWN:
            self.section, self.metric = "goals", ""
        elif title in _TOTAL:
            self.section = "totals"
        elif self.section:  # the older layout marks groups of checks so
            self.section = "part"

    def _take_metric(self, metric: k6_metrics.Line) -> bool:
        if self.section == "part":
            return True
        self.metric = metric.name or self.metric.partition("{")[0] + f"{{{metric.tags}}}"
        k6_metrics.take(self.summary, self.metric, metric.value)
        if metric.mark:
            held = metric.mark in k6_metrics.HELD
            self.summary.goals.append(Goal(self.metric, held))
        return True

    def _take_goal(self, text: str) -> bool:
        goal = k6_metrics.goal(text, self.metric)
        if goal is not None:
            self.summary.goals.append(goal)
            return True
        title = _GOALS_OF.match(text)
        if title is None:
            return False
        if title[1]:
            self.metric = title[1] if title[1][0] != "{" else self.metric.partition("{")[0] + title[1]
        return True

    def _take_check(self, text: str) -> bool:
        if self.over or self.section == "part":
            return self.section == "part"
        counts = _COUNTS.search(text)
        if counts:
            name = self.checks.pop().name if self.checks else ""
            self.checks.append(Check(name, int(counts[1]), int(counts[2])))
            return True
        check = _CHECK.match(text)
        if check is not None:
            # One without a line of counts below held every time.
            self.checks.append(Check(check[1], UNKNOWN, 0))
            return True
        if text.strip(" >|\t`"):
            self.interrupt()
        return False

    def interrupt(self) -> None:
        """Prose stands here: checks above it that no metrics followed were prose too."""
        if not self.summary:
            self.checks.clear()
            if not self.loads and self.progress is None:
                self.line = None


def blocks(lines: Iterable[str], aside: Callable[[int, str], None]) -> Iterator[Block]:
    """Every run whose output is in `lines`, which count from 1. What is no part of any output goes to
    `aside`, with its line's number, after the run above it was given out or is under way."""
    block, held = Block(), list[tuple[int, str]]()
    for number, line in enumerate(lines, 1):
        text = cleaned(line)
        if block.section != "goals" and not _TELLING.search(text):
            if text.strip(" >|\t`"):
                held.clear()
                block.interrupt()
            aside(number, text)
            continue
        metric = k6_metrics.line(text) if ":" in text else None
        if block.begins_anew(text, metric):
            yield block
            block = Block()
            for place, check in held:
                block.line = block.line or place
                block.take(check, None)
        if block.take(text, metric):
            block.line = block.line or number
        else:
            aside(number, text)
        # Checks of the next run stand above all that tells it from this one.
        if block.over and _CHECK.match(text):
            held.append((number, text))
        elif not block.over or text.strip(" >|\t`"):
            held.clear()
    if block:
        yield block


def cleaned(line: str) -> str:
    """Without colours, without what a CI puts in front of every line, and of bounded length."""
    line = line[:LONGEST].rstrip()
    if "\x1b" in line:
        line = _COLOUR.sub("", line)
    return _CI_STAMP.sub("", line) if line[:2] == "20" else line
