"""What can't be read, and what would do instead."""

from typing import Any

from sonagi.locale import text


class ReadProblem(Exception):
    """One file that gave no run, or not all of one. `key` is a sentence of the catalogue that names the file,
    what it seems to be, and what would do."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(key, values)

    def __str__(self) -> str:
        return text(self.key, **self.values)
