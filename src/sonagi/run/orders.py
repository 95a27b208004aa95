"""What somebody may ask of a run while it goes on, as words or as JSON. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sonagi.plan.executors import MOST_RATE
from sonagi.plan.problems import Problem, unknown

DOES = ("pause", "resume", "vus", "rate", "stop", "note")
WRONG = {"vus": "control_vus", "rate": "control_rate"}
NOW = "now"
"""Behind "stop": iterations under way are interrupted."""
UNABLE = {"vus": "control_no_vus", "rate": "control_no_rate"}
HUGE = 1e300
LONGEST = 1000
"""Characters of a note."""


@dataclass(frozen=True, slots=True)
class Order:
    """`does` is one of DOES; `scenario` may be left out where only one can be meant."""

    does: str
    number: float = 0.0
    """Of users, or of iterations in a time_unit."""
    text: str = ""
    scenario: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def from_words(does: str, value: str | None, scenario: str | None) -> Order | Problem:
    """An order as it stands on a command line."""
    if does not in DOES:
        return unknown(does, DOES, "", "control")
    if does == "note":
        return _note(value)
    if does == "stop" and value == NOW:
        return Order(does, text=NOW)
    if does not in ("vus", "rate"):
        if value is not None:
            return Problem("control_value", does, {"value": value})
        return Order(does, scenario=scenario)
    if value is None:
        return Problem("control_number", does, {"does": does})
    try:
        number = float(value or "")
    except ValueError:
        number = math.nan
    if not _fits(does, number):
        return Problem(WRONG[does], does, {"value": value or "-"})
    return Order(does, number, scenario=scenario)


def from_json(data: Any) -> Order | None:
    """An order as it came over a socket; None for what is none."""
    if not isinstance(data, Mapping) or not set(data) <= {"does", "number", "text", "scenario"}:
        return None
    does, number, text, scenario = (data.get(key) for key in ("does", "number", "text", "scenario"))
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool) and abs(number) < HUGE
    words = isinstance(text or "", str) and isinstance(scenario or "", str)
    if does not in DOES or not words or not (number is None or is_number):
        return None
    if does in ("vus", "rate") and not _fits(does, number or 0.0):
        return None
    return Order(does, float(number or 0.0), (text or "")[:LONGEST], scenario)


def _note(value: str | None) -> Order | Problem:
    if not (value or "").strip():
        return Problem("control_note", "note")
    return Order("note", text=str(value)[:LONGEST])


def _fits(does: str, number: float) -> bool:
    if not math.isfinite(number) or number <= 0:
        return False
    return number <= MOST_RATE if does == "rate" else number == int(number)


def meant(names: Sequence[str], asked: str | None, all_names: Sequence[str], does: str) -> str | Problem:
    """Which of the scenarios `names`, which can do it, is asked: the one that is named, or the only one."""
    if asked is not None and asked not in all_names:
        return unknown(asked, all_names, "", "control_scenario")
    if not names or (asked is not None and asked not in names):
        return Problem(UNABLE[does], "", {"scenario": asked or ", ".join(all_names)})
    if asked is None and len(names) > 1:
        return Problem("control_which", "", {"names": ", ".join(names)})
    return asked or names[0]
