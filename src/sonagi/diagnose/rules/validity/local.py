"""Limits of the generator's own system that a request can run into before it leaves the machine."""

import re
from dataclasses import dataclass

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Proof, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind

CLOSE = 0.95
"""Share of a limit from which on the next burst meets it."""
DOMINATES = 0.5
"""Share of all requests from which on the run measured its own machine's limit."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a request meets: the system's error numbers, what tools write, the signals of use and limit."""

    errnos: frozenset[int]
    words: re.Pattern[str]
    used: str
    most: str


@dataclass(frozen=True, slots=True)
class Met:
    """How often a limit was met, told by whom, and how close to it the run came."""

    count: Quantity
    share: float
    used: Quantity | None
    most: Quantity | None
    first_at: float | None

    @property
    def verdict(self) -> Verdict:
        """Requests that never left the machine say nothing about a server."""
        return Verdict.INVALID if self.share >= DOMINATES else Verdict.SUSPECT

    def usage(self, key: str) -> list[Proof]:
        """The sentence `key` of use and limit, where both were seen."""
        if self.used is None or self.most is None:
            return []
        return [Proof(Said(key, {"used": self.used, "most": self.most}), "generator")]


def met(evidence: Evidence, limit: Limit) -> Met | None:
    """None where the limit was neither met nor close."""
    ours = [
        one
        for one in evidence.failures
        if one.kind is FailureKind.LOCAL and (one.errno in limit.errnos or limit.words.search(one.text))
    ]
    failed = sum(one.count for one in ours)
    told = [at for at, text in evidence.warnings if limit.words.search(text)]
    used, most = evidence.measured(limit.used, "max"), evidence.measured(limit.most, "min")
    close = used is not None and most is not None and bool(most.value) and used.value >= CLOSE * most.value
    if not failed and not told and not close:
        return None
    onsets = [*told, *(one.by_second.at[0] for one in ours if one.by_second)]
    count = (
        Quantity(failed, "count", "sum(failures.count)")
        if failed
        else Quantity(len(told), "count", "len(warnings)")
    )
    share = count.value / evidence.requests if evidence.requests else float(bool(count.value))
    return Met(count, share, used, most, min(onsets, default=None))
