"""Tables of a CSV, whatever it holds."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from sonagi.readers.source import decoded

DELIMITERS = (",", ";", "\t", "|")


def table(lines: Iterable[bytes]) -> tuple[list[str], Iterator[list[str]]]:
    """Names of its columns, and its rows; one that can't be read is [""]. Spreadsheets write it with other
    delimiters than programs, and with blanks around names."""
    lines = iter(lines)
    first = next(lines, b"")
    found = _rows(chain([first], lines), delimiter_of(first))
    return [name.strip() for name in next(found, [])], found


def delimiter_of(head: bytes) -> str:
    """What stands between the columns of a CSV whose first line is `head`."""
    line = decoded(head)
    return max(DELIMITERS, key=line.count)


def _rows(lines: Iterable[bytes], delimiter: str) -> Iterator[list[str]]:
    found = csv.reader((f"{decoded(line)}\n" for line in lines), delimiter=delimiter)
    while True:
        try:
            yield next(found)
        except StopIteration:
            return
        except csv.Error:  # a NUL, or a field beyond all bounds
            yield [""]
