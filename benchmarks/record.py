"""Figures into docs/benchmarks.md, with date, machine and command."""

import datetime
import os
import platform
from pathlib import Path

from target import ROOT


def machine() -> str:
    """What the figures were taken on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    kernel = platform.release().split("-")[0]
    return f"{os.cpu_count()} cores ({model}), Linux {kernel}, Python {platform.python_version()}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def record(title: str, command: str, head: list[str], rows: list[list[str]], note: str = "") -> None:
    """Append a section."""
    today = datetime.datetime.now(datetime.UTC).date()
    section = f"\n## {title}, {today}\n\n{machine()}; `{command}`\n\n{table(head, rows)}\n"
    with (ROOT / "docs/benchmarks.md").open("a", encoding="utf-8") as file:
        file.write(section + (f"\n{note}\n" if note else ""))
