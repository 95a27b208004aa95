"""Mistakes in what the user asked for: each names the place, the mistake and the mend."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sonagi.locale import text


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: `where` is a path such as "scenarios.browse.duration", `code` a catalogue key."""

    code: str
    where: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        sentence = text(f"plan.{self.code}", **self.values)
        return f"{self.where}: {sentence}" if self.where else sentence


class PlanError(Exception):
    """All problems of a plan at once. `exit_code` is k6's for an invalid configuration."""

    exit_code = 104

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The valid name that `name` was probably meant to be, whatever its case and dashes."""
    plain = {_plain(valid): valid for valid in names}
    found = difflib.get_close_matches(_plain(name), list(plain), n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def unknown(name: str, names: Iterable[str], where: str, code: str) -> Problem:
    """A name that does not exist, with the nearest one that does or all of them."""
    valid = sorted(names)
    near = nearest(name, valid)
    if near is not None:
        return Problem(f"{code}_near", where, {"name": name, "near": near})
    return Problem(code, where, {"name": name, "valid": ", ".join(valid) or "-"})
