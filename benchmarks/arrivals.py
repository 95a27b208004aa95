"""When requests of an open model reach their server, beside when they were due: part of `make fidelity`.

The server (core/examples/truth.rs) has the kernel stamp each arrival; the run's file says when the load began
and the plan when each start was due. The generator has one core. Lateness is from due to arrival at the
server, so it has the way there in it.
"""

import argparse
import math
import sys
import tempfile
from dataclasses import dataclass, replace
from itertools import count, pairwise
from pathlib import Path

import sonagi_run
from record import record
from target import Target, build

from sonagi.plan.arrivals import schedule_of
from sonagi.store.folder import run_files
from sonagi.store.replay import replay

LATE_MS = 1.0
"""p99 of the lateness, at most."""
GAPS = 0.02
"""By so much the gaps of a uniform rate may be off on average."""
KS = 1.628
"""Kolmogorov–Smirnov at 1 %: the largest distance times √n, for n above 35."""


@dataclass(frozen=True)
class Case:
    """One comparison."""

    arrivals: str
    rate: float
    seconds: float

    @property
    def name(self) -> str:
        """As the table shows it."""
        return f"{self.arrivals}, {self.rate:,.0f}/s for {self.seconds:g} s"


HEAD = [
    "arrivals",
    "requests",
    "late p50 / p99 / max, ms",
    "mean gap",
    "distance × √n",
    "generator's core",
    "",
]
CASES = (
    Case("uniform", 5000, 10),
    Case("uniform", 100, 10),
    # Each of 2,000 gaps: of 50,000 any clock is found out.
    Case("poisson", 200, 10),
    Case("poisson", 1000, 2),
    Case("poisson", 5000, 0.4),
)


def compare(case: Case) -> tuple[list[str], bool]:
    """A row of the table, and whether every limit was kept."""
    with tempfile.TemporaryDirectory() as folder, Target("none", log=True) as target:
        env = {"RATE": str(case.rate), "SECONDS": str(case.seconds), "ARRIVALS": case.arrivals}
        export = sonagi_run.run("arrive.py", target.url, "--store", folder, "--watch", "none", env=env)
        [file] = run_files(Path(folder))
        recording = replay(file)
    assert recording.began_wall is not None
    [scenario] = recording.plan.scenarios
    due = [time for _, time in schedule_of(scenario, recording.plan.seed).due(count())]
    seen = sorted(arrival - round(recording.began_wall * 1e9) for arrival, _ in target.served.times)
    late = sorted((came - planned) / 1e6 for came, planned in zip(seen, due, strict=True))
    gap = (seen[-1] - seen[0]) / (due[-1] - due[0])
    distance = (
        kolmogorov([after - before for before, after in pairwise(seen)])
        if case.arrivals == "poisson"
        else None
    )
    kept = at(late, 99) <= LATE_MS and abs(gap - 1) <= GAPS and (distance is None or distance <= KS)
    row = [
        case.name,
        str(len(seen)),
        f"{at(late, 50):.3f} / {at(late, 99):.3f} / {late[-1]:.3f}",
        f"{gap:.5f}",
        "" if distance is None else f"{distance:.2f}",
        f"{export.generator['generator_cpu_share']:.0%}",
        "kept" if kept else "MISSED",
    ]
    return row, kept


def at(ordered: list[float], percent: float) -> float:
    """The nearest order statistic."""
    return ordered[round(percent / 100 * (len(ordered) - 1))]


def kolmogorov(gaps: list[int]) -> float:
    """The largest distance between the gaps' distribution and the exponential one of their mean, × √n."""
    ordered, mean, n = sorted(gaps), sum(gaps) / len(gaps), len(gaps)
    largest = 0.0
    for place, gap in enumerate(ordered):
        expected = 1 - math.exp(-gap / mean)
        largest = max(largest, abs(expected - place / n), abs(expected - (place + 1) / n))
    return largest * math.sqrt(n)


def main() -> int:
    """All cases; 0 when every limit was kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="short, for CI; limits are shown, not judged")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    options = parser.parse_args()
    build()
    cases = [replace(case, seconds=min(case.seconds, 2)) for case in CASES] if options.quick else list(CASES)
    good, rows = True, []
    for case in cases:
        row, kept = compare(case)
        good &= kept
        rows.append(row)
        print("  ".join(row), flush=True)
    if options.record:
        record("Arrivals", "python benchmarks/arrivals.py", HEAD, rows)
    return 0 if good or options.quick else 1


if __name__ == "__main__":
    sys.exit(main())
