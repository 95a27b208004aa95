"""Which of Locust's files belong together: those whose names differ in their ends only."""

from collections.abc import Iterable
from pathlib import Path

from sonagi.readers.locust import PARTS
from sonagi.readers.source import STDIN


def base_of(path: str, part: str) -> str:
    """What the files of a set have in common; the path itself where it was renamed."""
    return path.removesuffix(f"_{part}.csv")


def siblings(path: str, part: str, given: Iterable[str]) -> list[str]:
    """Other files of the same set, beside `path` or among those `given`."""
    base = base_of(path, part)
    if path == STDIN or base == path:
        return []
    found = [f"{base}_{other}.csv" for other in PARTS if other != part]
    known = set(given)
    return [other for other in found if other in known or Path(other).is_file()]
