"""Memory that is full: by its limit, by what the runtime says, by the time that clearing up takes."""

import re
from dataclasses import dataclass

from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.processors import under_load
from sonagi.diagnose.signs.standstill import Standstill, standstill
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Proof, Said
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series
from sonagi.model.traffic import LogTemplate

FULL = 0.9
"""Share of the limit that counts as reached: the allocation that fails is not in any sample."""
LASTING = 2
"""Seconds in a row."""
FLOOR = 5
"""Seconds: a heap is judged by the least it held within them, which is what a collection left."""
THRASHING = 0.2
"""Share of the time spent in collections from which on they are the problem."""
GROWTH = 1.5
"""How much the process must have grown: some hold all they may have from the start."""
STEEP = 3.0
"""The same, for growth that is a sign of its own."""
NO_MEMORY = re.compile(
    r"OutOfMemoryError(?!: [Uu]nable to create)"
    r"|\bMemoryError\b|JavaScript heap out of memory|fatal error: .*out of memory|std::bad_alloc"
)
"""The JVM (its threads apart, which are no memory), Python, Node, Go, C++."""


@dataclass(frozen=True, slots=True)
class FullMemory:
    """What shows that memory is full. None and empty: not seen."""

    began: Quantity | None
    peak: Quantity | None
    limit: Quantity | None
    full_at: float | None
    rising_at: float | None
    """When it had made a tenth of its way up."""
    lines: tuple[LogTemplate, ...]
    collecting: Quantity | None
    still: Standstill | None
    sense: str
    """Who saw the level: process or metrics."""

    @property
    def reached(self) -> bool:
        """Whether it came to its limit, by its level."""
        return self.full_at is not None

    @property
    def onset(self) -> float | None:
        """The first sign of it."""
        firsts = (self.full_at, loglines.onset(self.lines))
        return min((first for first in firsts if first is not None), default=None)

    def proofs(self) -> tuple[Proof, ...]:
        """One sentence for each sign, the strongest first; at most three lines of the log."""
        said = [self._grown()] if self.reached else []
        if self.lines:
            said.append(loglines.proof(self.lines, NO_MEMORY))
        if self.collecting is not None:
            said.append(Proof(Said("memory.collecting", {"share": self.collecting}), "metrics"))
        return (*said, *(self.still.proofs() if self.still else ()))

    def _grown(self) -> Proof:
        values = {"began": self.began, "peak": self.peak, "limit": self.limit}
        return Proof(Said("memory.grown", values), self.sense, self.full_at)


def full_memory(evidence: Evidence) -> FullMemory | None:
    """None where nothing says that memory is full."""
    lines = loglines.lines(evidence, NO_MEMORY)
    used, limit = _level(evidence)
    series = evidence.signal(used).between(float("-inf"), evidence.seconds or float("inf"))
    most = evidence.signal(limit).stat("last")
    full_at = _full_at(used, series, most) if most else None
    collecting = _collecting(evidence)
    still = standstill(evidence)
    if full_at is None and not lines and collecting is None:
        return None
    span = (series.at[0], series.at[-1]) if series else (None, None)
    return FullMemory(
        evidence.measured(used, "first", *span),
        evidence.measured(used, "max", *span),
        evidence.measured(limit, "last"),
        full_at,
        rising_at(series),
        lines,
        collecting,
        still,
        "metrics" if used.startswith("jvm.") else "process",
    )


def _level(evidence: Evidence) -> tuple[str, str]:
    """The level to look at and its limit. Not the cgroup's: it counts cached files too, and is full on many a
    healthy server. Not a JVM's process: it keeps what it once had."""
    if evidence.signal("jvm.heap_used") and evidence.signal("jvm.heap_max"):
        return "jvm.heap_used", "jvm.heap_max"
    return "process.rss", "process.memory_limit"


def _full_at(used: str, series: Series, limit: float) -> float | None:
    if used.startswith("jvm."):
        floors = tuple(min(series.values[max(at - FLOOR + 1, 0) : at + 1]) for at in range(len(series)))
        return Series(series.at, floors).first_at(lambda value: value >= FULL * limit, lasting=FLOOR)
    if not series or max(series.values) < GROWTH * series.values[0]:
        return None
    return series.first_at(lambda value: value >= FULL * limit, lasting=LASTING)


def rising_at(series: Series) -> float | None:
    """When a level had made a tenth of its way up from its first value to its highest."""
    if not series:
        return None
    first, most = series.values[0], max(series.values)
    return series.first_at(lambda value: value > first + 0.1 * (most - first))


def steep(evidence: Evidence) -> tuple[Proof, ...]:
    """That a process became several times as large under load, whether or not it came to a limit: also what
    warming up does, and no cause alone."""
    end = evidence.seconds or float("inf")
    series = evidence.signal("process.rss").between(float("-inf"), end)
    start = rising_at(series)
    began, peak = (
        evidence.measured("process.rss", "first"),
        evidence.measured("process.rss", "max", None, end),
    )
    if start is None or began is None or peak is None or peak.value < STEEP * began.value:
        return ()
    return (Proof(Said("memory.rose", {"began": began, "peak": peak}), "process", start),)


def _collecting(evidence: Evidence) -> Quantity | None:
    series = under_load(evidence, "jvm.gc")
    start = series.first_at(lambda value: value >= THRASHING, lasting=3)
    if start is None or series.share(lambda value: value >= THRASHING) < 0.2:
        return None
    return evidence.measured("jvm.gc", "mean", start, series.at[-1])


def killed(evidence: Evidence) -> bool:
    """Whether the kernel ended something of the server's for want of memory while load was made. What the
    whole host counts is somebody else's where the server lives on."""
    counts = ["cgroup.oom_kills", *([] if lives_on(evidence) else ["host.oom_kills"])]
    return any(event.kind == "oom_kill" for event in evidence.events) or any(
        (series.stat("last") or 0) > (series.stat("first") or 0)
        for series in (under_load(evidence, name) for name in counts)
    )


def ended_at(evidence: Evidence) -> float | None:
    """When the server's process was gone, or another one in its place."""
    told = [event.at for event in evidence.events if event.kind in {"exited", "restart"} and event.at >= 0]
    gone = under_load(evidence, "process.alive").first_at(lambda alive: not alive)
    return min([*told, *([] if gone is None else [gone])], default=None)


def lives_on(evidence: Evidence) -> bool:
    """Whether it was seen to be there all the time."""
    return bool(evidence.signal("process.alive")) and ended_at(evidence) is None
