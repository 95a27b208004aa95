"""CPU per request beside other tools, in the same rounds on the same core: `make bench`."""

import argparse
import statistics
import sys

from record import record
from target import build

from tools import Figure, Load, available, measure

HEAD = ["load", "tool", "CPU µs a request (min / median / max)", "ratio to wrk (median)", "requests a second"]


def loads(seconds: float) -> list[tuple[str, Load]]:
    """The kinds of load."""
    closed = [
        (
            f"{connections} connections, {'50 ms pause' if pause else 'closed loop'}",
            Load(connections, pause, seconds),
        )
        for pause in (0.0, 0.05)
        for connections in (100, 1000)
    ]
    return [*closed, ("open, 5,000 a second", Load(100, 0.0, seconds, rate=5000))]


def row(label: str, name: str, figures: list[Figure], wrk: list[Figure]) -> list[str]:
    """A tool's line: its CPU, its ratio to wrk of the same round, and what it reached."""
    cpu = [figure.cpu_us for figure in figures]
    ratios = [mine.cpu_us / theirs.cpu_us for mine, theirs in zip(figures, wrk, strict=False)]
    busy = max(figure.target_share for figure in figures)
    rate = (
        f"{statistics.median(figure.per_second for figure in figures):.0f}" if busy < 0.9 else "target busy"
    )
    spread = f"{min(cpu):.1f} / {statistics.median(cpu):.1f} / {max(cpu):.1f}"
    return [label, name, spread, f"{statistics.median(ratios):.2f}" if ratios else "-", rate]


def main() -> int:
    """Measure, print, and record when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of what is installed, for CI")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--kind", choices=["closed", "pause", "open"], help="only one kind of load")
    parser.add_argument("--tools", help="only these, separated by commas")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    options = parser.parse_args()
    build()
    tools = available(install=not options.quick)
    if options.tools:
        tools = [tool for tool in tools if tool.name in options.tools.split(",")]
    repeats = 1 if options.quick else options.repeats
    rows = []
    chosen = loads(1.0 if options.quick else options.seconds)
    chosen = [chosen[0], chosen[-1]] if options.quick else chosen
    for label, load in chosen:
        if options.kind not in (None, "open" if load.rate else "pause" if load.pause else "closed"):
            continue
        figures: dict[str, list[Figure]] = {tool.name: [] for tool in tools}
        for _ in range(repeats):
            for tool in tools:
                figure = measure(tool, load)
                if figure is not None:
                    figures[tool.name].append(figure)
        for name, mine in figures.items():
            if mine:
                rows.append(row(label, name, mine, figures.get("wrk", []) or figures.get("wrk2", [])))
                print("  ".join(rows[-1]), flush=True)
    if options.record:
        record("Speed", "make bench", HEAD, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
