"""Numbers with what they count: shown in the reader's units, told to programs as they are."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["count", "ms", "s", "B", "B_per_s", "share", "per_s", "cores", "plain"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in `unit`: a share is 0 to 1, `per_s` a rate, `cores` CPU (1.5 is one and a half), `plain` a
    number of nothing in particular."""

    value: float
    unit: Unit = "plain"
    how: str = ""
    """How it was computed, so that anybody can do it again: names of the evidence (`requests`,
    `http_req_duration.avg`, `failures.status[503]`, `endpoints[GET /].ok.med`, `answers[GET / 200].count`),
    statistics of a signal within seconds of the run (`max(process.rss)[1..7]`), lines of the log that match
    (`count(log, /too many clients/)`), and arithmetic of these. Tests read all of it
    (tests/unit/diagnose/recomputed.py)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as a report shows it, and the bounds that its digits leave for the true one."""

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> "Reading":
        """A number that was not cut."""
        return cls(value, value, value)
