"""Lines of the server's log that say one thing: under load, and not already before it."""

import re
from collections.abc import Iterable

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Proof, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import LogTemplate

LONGEST = 120
"""Characters of a line that are quoted."""


def lines(evidence: Evidence, pattern: re.Pattern[str]) -> tuple[LogTemplate, ...]:
    """Templates whose first line holds `pattern`, without those that are background: as frequent before
    the load as under it. By text and not by signature alone: one signature may say several things."""
    return tuple(one for one in evidence.log if pattern.search(one.sample) and _belongs(one, evidence))


def _belongs(template: LogTemplate, evidence: Evidence) -> bool:
    if template.by_second:
        first = template.by_second.at[0]
        before = sum(count for at, count in template.by_second if at < 0)
        if before and before / -first >= count([template]) / max(evidence.seconds or 1.0, 1.0):
            return False
    return count([template]) > 0


def count(templates: Iterable[LogTemplate]) -> int:
    """How many lines were written since load began; all, where they carry no time."""
    return sum(
        round(sum(value for at, value in one.by_second if at >= 0)) if one.by_second else one.count
        for one in templates
    )


def onset(templates: Iterable[LogTemplate]) -> float | None:
    """When the first of them was written under load, in s after it began; None where that is unknown."""
    firsts = [_first(one) for one in templates]
    return min((first for first in firsts if first is not None), default=None)


def _first(template: LogTemplate) -> float | None:
    under_load = next((at for at, value in template.by_second if at >= 0 and value), None)
    if under_load is None or (template.first_at is not None and template.first_at >= 0):
        return template.first_at
    return under_load


def spread(templates: Iterable[LogTemplate], bins: float = 1.0) -> int:
    """In how many different seconds they were written; 0 where that is unknown."""
    return len({at // bins for one in templates for at, value in one.by_second if at >= 0 and value})


def quote(template: LogTemplate, pattern: re.Pattern[str]) -> str:
    """What the first line says, from where it begins to say it."""
    found = pattern.search(template.sample)
    said = template.sample[found.start() if found else 0 :].strip().split("\n", 1)[0]
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def proof(templates: tuple[LogTemplate, ...], pattern: re.Pattern[str]) -> Proof:
    """How often it was written, and the first one quoted."""
    first = min(templates, key=lambda one: (one.first_at is None, one.first_at or 0.0))
    said = quote(first, pattern)
    values = {"count": counted(templates, pattern), "line": said}
    return Proof(Said("server.log_lines", values), "log", onset(templates))


def counted(templates: Iterable[LogTemplate], pattern: re.Pattern[str]) -> Quantity:
    """How many lines that hold `pattern` were written under load."""
    return Quantity(count(templates), "count", f"count(log, /{pattern.pattern}/)")


def numbers(values: Iterable[str]) -> tuple[float, ...]:
    """Those of a line's values that are numbers, in their order."""
    return tuple(float(value) for value in values if re.fullmatch(r"\d+(?:\.\d+)?", value or ""))
