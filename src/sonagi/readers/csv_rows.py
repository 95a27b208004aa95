"""Rows of a CSV, whatever it holds."""

import csv
from collections.abc import Iterable, Iterator

from sonagi.readers.source import decoded


def rows(lines: Iterable[bytes], delimiter: str = ",") -> Iterator[list[str]]:
    """Its rows; one that can't be read is [""]."""
    found = csv.reader((f"{decoded(line)}\n" for line in lines), delimiter=delimiter)
    while True:
        try:
            yield next(found)
        except StopIteration:
            return
        except csv.Error:  # a NUL, or a field beyond all bounds
            yield [""]
