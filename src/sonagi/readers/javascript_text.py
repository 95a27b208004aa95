"""What an expression in a script's text comes to as text, as far as that can be told without running it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sonagi.readers import javascript

_QUOTED = re.compile(r"""^(['"`])(.*)\1$""", re.DOTALL)
_HOLE = re.compile(r"\$\{([^{}]*)\}")
_NUMBER = re.compile(r"^-?\d[\d_]*(?:\.\d+)?$")
_ELSE = re.compile(r"(?:\|\||\?\?)\s*(.+)$")
_WRAPPED = re.compile(
    r"^(?:String|encodeURI|encodeURIComponent|Number|parseInt)\((.*)\)$|^\((.*)\)$", re.DOTALL
)
_PROPERTY = re.compile(r"""^['"]?([\w-]+)['"]?\s*(?::\s*(.+))?$""", re.DOTALL)
DEEPEST = 8
"""Names that stand for names that stand for names…"""


@dataclass(frozen=True, slots=True)
class Rendered:
    """`text`, and how long what is drawn at random in it is on average."""

    text: str
    drawn: float = 0.0

    def __len__(self) -> int:
        return round(self.size)

    @property
    def size(self) -> float:
        """Bytes on the wire."""
        return len(self.text.encode()) + self.drawn

    def __add__(self, other: "Rendered") -> "Rendered":
        return Rendered(self.text + other.text, self.drawn + other.drawn)


@dataclass(frozen=True, slots=True)
class Scope:
    """What names stand for: expressions, and values drawn at random with how many there are."""

    constants: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)

    def number(self, expression: str, depth: int = 0) -> float | None:
        """A number, or a sum of such."""
        expression = expression.strip()
        if _NUMBER.match(expression) and len(expression) < 20:
            return float(expression.replace("_", ""))
        if depth > DEEPEST:
            return None
        if expression in self.constants:
            return self.number(self.constants[expression], depth + 1)
        if (wrapped := _WRAPPED.match(expression)) is not None:
            return self.number(wrapped[1] or wrapped[2] or "", depth + 1)
        if (otherwise := _ELSE.search(expression)) is not None:  # __ENV.VUS || 100
            return self.number(otherwise[1].strip("'\""), depth + 1)
        added = javascript.split(expression, "+")
        if len(added) > 1:
            return self._sum(added, 1.0, depth)
        taken = javascript.split(expression, "-")
        return self._sum(taken, -1.0, depth) if len(taken) > 1 else None

    def _sum(self, parts: list[str], sign: float, depth: int) -> float | None:
        numbers = [self.number(part, depth + 1) for part in parts]
        known = [number for number in numbers if number is not None]
        return known[0] + sign * sum(known[1:]) if len(known) == len(parts) else None

    def text(self, expression: str, depth: int = 0) -> Rendered | None:
        """The text that it comes to; None where that can't be told."""
        expression = expression.strip()
        if depth > DEEPEST:
            return None
        if len(parts := javascript.split(expression, "+")) > 1:
            return _joined([self.text(part, depth + 1) for part in parts])
        if (quoted := _QUOTED.match(expression)) is not None:
            return self._filled(quoted[2], depth) if quoted[1] == "`" else Rendered(quoted[2])
        if expression in self.keys:
            return Rendered("", mean_digits(self.keys[expression]))
        if expression in self.constants:
            return self.text(self.constants[expression], depth + 1)
        if expression.startswith("JSON.stringify("):
            return self.json(next(javascript.calls(expression, "JSON.stringify"), [""])[0], depth + 1)
        if (wrapped := _WRAPPED.match(expression)) is not None:
            return self.text(wrapped[1] or wrapped[2] or "", depth + 1)
        if (otherwise := _ELSE.search(expression)) is not None:
            return self.text(otherwise[1], depth + 1)
        return Rendered(expression) if _NUMBER.match(expression) else None

    def _filled(self, template: str, depth: int) -> Rendered | None:
        pieces = _HOLE.split(template)
        return _joined(
            [
                Rendered(piece) if at % 2 == 0 else self.text(piece, depth + 1)
                for at, piece in enumerate(pieces)
            ]
        )

    def json(self, expression: str, depth: int = 0) -> Rendered | None:
        """What JSON.stringify makes of it."""
        expression = expression.strip()
        if depth > DEEPEST:
            return None
        if expression in self.constants and expression not in self.keys:
            return self.json(self.constants[expression], depth + 1)
        if not expression.startswith("{"):
            inside = self.text(expression, depth + 1)
            quoted = _QUOTED.match(expression) is not None
            return _joined([Rendered('"'), inside, Rendered('"')]) if quoted else inside
        parts: list[Rendered | None] = []
        for member in javascript.split(expression[1:].removesuffix("}")):
            named = _PROPERTY.match(member)
            if named is None:
                return None
            parts += [
                Rendered(f'{"," if parts else ""}"{named[1]}":'),
                self.json(named[2] or named[1], depth + 1),
            ]
        return _joined([Rendered("{"), *parts, Rendered("}")])


def mean_digits(keys: int) -> float:
    """How many digits a number from 1 to `keys` has on average."""
    digits, below, total = 1, 1, 0
    while below <= keys:
        total += digits * (min(keys, below * 10 - 1) - below + 1)
        digits, below = digits + 1, below * 10
    return total / max(keys, 1)


def _joined(parts: list[Rendered | None]) -> Rendered | None:
    whole = Rendered("")
    for part in parts:
        if part is None:
            return None
        whole += part
    return whole
