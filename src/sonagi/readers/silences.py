"""When a log was written, and when it was not."""

from sonagi.probes.line_times import claimed
from sonagi.readers.source import decoded

SHORTEST, MOST = 5.0, 5
"""Seconds from which on a gap between two lines is kept, and how many of the longest."""
_HEAD = 19
"""Bytes in which lines of one second are alike: 2024-08-22T23:11:38"""


class Silences:
    """The longest gaps between lines that tell their time, and the first and last of these times."""

    def __init__(self, year: int) -> None:
        self.year = year
        """For stamps that name none."""
        self.zoned = True
        """Whether all stamps say in which zone they are."""
        self.first: float | None = None
        self.last: float | None = None
        self._gaps: list[tuple[float, float]] = []
        self._head = b""
        self._shape = b""
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """A part of the log. Most lines begin with the second of the line above, and are passed over."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()[-_HEAD * 10 :]
        head, shape = self._head, self._shape
        for line in lines:
            begin = line[:_HEAD]
            if begin == head:
                continue
            if shape and begin[:3] != shape:  # stack traces, continued lines
                continue
            told = claimed(decoded(line[:200]), self.year)
            if told is None:
                continue
            # Stamps of a log all begin alike: with a century, a bracket, a quote.
            head, shape = begin, shape or begin[:3]
            self._saw(*told)
        self._head, self._shape = head, shape

    def _saw(self, at: float, zoned: bool) -> None:
        self.zoned = self.zoned and zoned
        if self.last is not None and at - self.last >= SHORTEST:
            self._gaps.append((self.last, at - self.last))
            self._gaps = sorted(self._gaps, key=lambda gap: -gap[1])[:MOST]
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)

    def within(self, low: float, high: float, shift: float) -> tuple[tuple[float, float], ...]:
        """(when it began, how long it was) of gaps that lie from `low` to `high`, in order, `shift` later."""
        placed = sorted((at + shift, long) for at, long in self._gaps)
        return tuple((at, long) for at, long in placed if low <= at + long and at <= high)
