"""Text in a terminal: width of wide characters, padding, colour."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


def width(text: str) -> int:
    """Columns that `text` takes: Korean syllables take two, colours none."""
    columns = 0
    for character in re.sub("\x1b\\[[0-9;]*m", "", text):
        if unicodedata.combining(character):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def pad(text: str, columns: int, fill: str = " ") -> str:
    """`text` filled up on the right."""
    return text + fill * (columns - width(text))


def pad_left(text: str, columns: int) -> str:
    """`text` filled up on the left, as numbers are."""
    return " " * (columns - width(text)) + text


def shorten(text: str, columns: int) -> str:
    """`text` in at most `columns`, its middle left out where it is too long."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        middle = len(text) // 2
        text = text[:middle] + text[middle + 1 :]
    middle = len(text) // 2
    return f"{text[:middle]}…{text[middle:]}"


def wrapped(text: str, columns: int, indent: str, joint: str = " ") -> list[str]:
    """`text` in lines of at most `columns`, broken at joints; those after the first begin with `indent`. A
    word that is longer stays whole: a terminal breaks it, and it can be copied."""
    lines: list[str] = []
    line = ""
    for word in text.split(joint):
        longer = f"{line}{joint}{word}" if line else word
        if line and width(longer) > columns:
            lines.append(line)
            line = indent + word
        else:
            line = longer
    return [*lines, line]


def table(rows: Sequence[Sequence[str]], gap: str = "  ") -> str:
    """Rows of cells, each column as wide as its widest cell."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = (
        gap.join(pad(cell, columns) for cell, columns in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines)


class Style(Enum):
    """What a piece of text means; its colour follows."""

    GOOD = "32"
    BAD = "31"
    WARN = "33"
    FAINT = "2"
    STRONG = "1"


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text where colours are wanted."""

    on: bool

    def __call__(self, text: str, style: Style) -> str:
        return f"\x1b[{style.value}m{text}\x1b[0m" if self.on else text
