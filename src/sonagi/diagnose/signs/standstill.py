"""A process that stood still as a whole: nobody wrote a line, and whoever slept woke up late.

Three traces in a log, each weak alone: silence, then several lines at one instant; waits that ended long
after the time at which they were to give up; a housekeeper that came late. HikariCP warns of a delta above
45 s (1.5 × its period of 30 s) and ends a wait for a connection after `connectionTimeout`, 30 s unless set.
"""

import re
from dataclasses import dataclass

from sonagi.diagnose.signs.loglines import numbers
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Proof, Said
from sonagi.model.quantity import Quantity

SILENCE = 30.0
BURST, BURST_LINES = 0.1, 3
"""Lines within so many seconds, and how many of them."""
LATE = 10.0
"""Seconds: a wait that ends so long after its time was not merely scheduled late."""
PERIOD = 30.0
"""Seconds between two rounds of HikariCP's housekeeper."""
POOL_TIMEOUT = 30.0
"""Seconds after which HikariCP's `getConnection` gives up by default."""
WAIT = re.compile(r"request timed out after \d+ ?ms")
HOUSEKEEPER = re.compile(r"Thread starvation or clock leap detected \(housekeeper delta=([^)]+)\)")

_PART = re.compile(r"([\d.]+)(ms|µs|us|ns|d|h|m|s)")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class Standstill:
    """Times in s; what is None left no trace."""

    silence: Quantity | None
    burst: int
    """Lines that came at one instant after the silence."""
    within: Quantity | None
    late: tuple[Quantity, Quantity] | None
    """By how much waits ended too late: least and most."""
    delta: Quantity | None
    """Between two rounds of the housekeeper."""

    @property
    def least(self) -> Quantity:
        """The shortest time that fits all traces."""
        known = [one for one in (self.silence, self._overdue()) if one is not None]
        if known:
            return min(known, key=lambda one: one.value)
        assert self.late is not None
        return self.late[1]

    def _overdue(self) -> Quantity | None:
        if self.delta is None:
            return None
        return Quantity(self.delta.value - PERIOD, "s", f"{self.delta.how} - {PERIOD:g}")

    def proofs(self) -> tuple[Proof, ...]:
        """One sentence for each trace."""
        said = []
        if self.silence is not None and self.within is not None:
            burst = Quantity(self.burst, "count", "count(log) after the gap")
            values = {"silence": self.silence, "lines": burst, "within": self.within}
            said.append(Said("memory.silence", values))
        if self.late is not None:
            timeout = Quantity(POOL_TIMEOUT, "s", "HikariCP's connectionTimeout unless set")
            said.append(
                Said("memory.woke_late", {"least": self.late[0], "most": self.late[1], "due": timeout})
            )
        if self.delta is not None:
            period = Quantity(PERIOD, "s", "HikariCP's housekeeping period")
            said.append(Said("memory.housekeeper", {"delta": self.delta, "period": period}))
        return tuple(Proof(one, "log") for one in said)


def standstill(evidence: Evidence) -> Standstill | None:
    """None unless a wait or the housekeeper came late: silence alone may be a quiet log."""
    late, delta = _late(evidence), _delta(evidence)
    if late is None and delta is None:
        return None
    silence, burst, within = _silence(evidence)
    return Standstill(silence, burst, within, late, delta)


def _silence(evidence: Evidence) -> tuple[Quantity | None, int, Quantity | None]:
    """The longest gap in the log that ends with a burst of lines: (its length, lines, within)."""
    stamps = sorted(stamp for template in evidence.log for stamp in template.stamps)
    found: tuple[Quantity | None, int, Quantity | None] = (None, 0, None)
    longest = SILENCE
    for place in range(1, len(stamps)):
        gap = stamps[place] - stamps[place - 1]
        burst = [stamp for stamp in stamps[place:] if stamp - stamps[place] <= BURST]
        if gap >= longest and len(burst) >= BURST_LINES:
            longest = gap
            within = Quantity(round(burst[-1] - burst[0], 3), "s", "last - first stamp of the burst")
            found = (Quantity(gap, "s", "longest gap between two stamps of the log"), len(burst), within)
    return found


def _late(evidence: Evidence) -> tuple[Quantity, Quantity] | None:
    """How long after their time waits for a connection gave up."""
    timeout = float(evidence.settings.get("pool_timeout", POOL_TIMEOUT))
    waits = [
        read[0] / 1000 - timeout
        for template in evidence.log
        if WAIT.search(template.sample)
        for values in template.values
        if (read := numbers(values))
    ]
    late = [wait for wait in waits if wait >= LATE]
    if not late:
        return None
    how = f"(log, 'request timed out after') / 1000 - {timeout:g}"
    return Quantity(min(late), "s", f"min{how}"), Quantity(max(late), "s", f"max{how}")


def _delta(evidence: Evidence) -> Quantity | None:
    found = [
        read
        for template in evidence.log
        if HOUSEKEEPER.search(template.sample)
        for written in (" ".join(values) for values in template.values or ((template.sample,),))
        if (read := spoken(written))
    ]
    return Quantity(max(found), "s", "max(log, 'housekeeper delta')") if found else None


def spoken(written: str) -> float | None:
    """Seconds in "1m56s526ms", the way HikariCP writes them; None where there are none."""
    found = HOUSEKEEPER.search(written)
    parts = _PART.findall(found[1] if found else written.rpartition("=")[2])
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None
