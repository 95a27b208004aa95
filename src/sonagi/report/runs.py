"""`sonagi runs`: the runs that were kept, a line each."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sonagi.locale import text
from sonagi.plan.duration import format_duration
from sonagi.report import cells
from sonagi.report import format as fmt
from sonagi.store.index import OVER, Row

COLUMNS = ("id", "when", "script", "length", "requests", "failed", "p95", "exit", "verdict")
NUMBERS = frozenset(["length", "requests", "failed", "p95", "exit"])
SCRIPT = 32
"""Columns of a script's path at most."""


def render(rows: Sequence[Row]) -> str:
    """The table."""
    table = [[text(f"store.{name}") for name in COLUMNS], *map(_cells, rows)]
    widths = [max(map(cells.width, column)) for column in zip(*table, strict=True)]
    lines = []
    for row in table:
        padded = [
            cells.pad_left(cell, width) if name in NUMBERS else cells.pad(cell, width)
            for name, cell, width in zip(COLUMNS, row, widths, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> str:
    """The same for programs: times in seconds since 1970, seconds and ms."""
    return json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)


def _cells(row: Row) -> list[str]:
    verdict = text(f"findings.verdict_{row.verdict}") if row.verdict else "-"
    return [
        row.id,
        f"{datetime.fromtimestamp(row.started).astimezone():%Y-%m-%d %H:%M}",
        cells.shorten(row.script, SCRIPT),
        format_duration(round(row.seconds)),
        str(row.requests),
        fmt.percent(row.failed / row.requests) if row.requests else "-",
        "-" if row.p95 is None else fmt.duration(row.p95),
        str(row.exit_code) if row.state == OVER else text(f"store.{row.state}"),
        f"{verdict} · {row.cause}" if row.cause else verdict,
    ]
