"""Prints how many lines we ship, per language.

A line counts when it is neither blank nor only a comment. Docstrings count: users read them. Tests are not
shipped: Rust files called `…_tests.rs`, and what stands under `#[cfg(test)]` in others, are left out.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Language:
    """Where a language's shipped files are, and how its comments begin."""

    name: str
    folder: str
    suffixes: tuple[str, ...]
    comment: str


LANGUAGES = (
    Language("Python", "src/sonagi", (".py", ".pyi"), "#"),
    Language("Rust", "core/src", (".rs",), "//"),
)


def shipped(text: str, language: Language) -> int:
    """Lines of one file that count."""
    count = 0
    lines = iter(text.splitlines())
    for line in lines:
        stripped = line.strip()
        if language.name == "Rust" and line == "#[cfg(test)]":
            skip_item(lines)
        elif stripped and not stripped.startswith(language.comment):
            count += 1
    return count


def skip_item(lines: Iterator[str]) -> None:
    """Reads past the item under a top-level attribute: rustfmt ends it with an unindented `}` or `;`."""
    for line in lines:
        if line.startswith("}") or (not line.startswith((" ", "#")) and line.endswith(";")):
            return


def main() -> int:
    """Prints one line a language, and the longest file of each."""
    for language in LANGUAGES:
        files = sorted(
            path
            for path in (ROOT / language.folder).rglob("*")
            if path.suffix in language.suffixes and not path.stem.endswith("_tests")
        )
        counts = {path: shipped(path.read_text(encoding="utf-8"), language) for path in files}
        line = f"{language.name:<8}{sum(counts.values()):>7} shipped lines in {len(files)} files"
        if counts:
            longest = max(counts, key=lambda path: counts[path])
            line += f", the longest {longest.relative_to(ROOT)} with {counts[longest]}"
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
