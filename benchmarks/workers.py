"""What a second worker is worth to a script that keeps a core busy. Exit code 1 when the limit is missed."""

import argparse
import os
import statistics
import subprocess
import sys

from record import record
from target import ROOT, Target, build

RATIO, SPIN = 1.8, 200
"""At least so many times one worker's requests, with so many µs of Python an iteration."""


def per_second(workers: int, seconds: float) -> float:
    """Requests a second that `workers` workers make on all cores, as the target counted them."""
    with Target() as target:
        script = str(ROOT / "benchmarks/scripts/busy.py")
        command = [sys.executable, "-m", "sonagi", "run", script, "--quiet", "--no-store", "--watch", "none"]
        subprocess.run(
            [*command, "--workers", str(workers), "--vus", "50", "--duration", f"{seconds}s"],
            env={**os.environ, "TARGET": target.url, "SPIN": str(SPIN)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return target.served.requests / seconds


def main() -> int:
    """Measure; 0 when the limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="one short round, for CI; not judged")
    options = parser.parse_args()
    if options.quick:
        options.repeats, options.seconds = 1, 2.0
    build()
    rounds = [[per_second(workers, options.seconds) for workers in (1, 2)] for _ in range(options.repeats)]
    ratios = sorted(two / one for one, two in rounds)
    middle = statistics.median(ratios)
    kept = middle >= RATIO
    one, two = (statistics.median(told) for told in zip(*rounds, strict=True))
    row = [
        f"{SPIN} µs of Python an iteration, 50 users, {os.cpu_count()} cores",
        f"{one:,.0f}",
        f"{two:,.0f}",
        f"{ratios[0]:.2f} / {middle:.2f} / {ratios[-1]:.2f}",
        f"≥ {RATIO}",
        "kept" if kept else "MISSED",
    ]
    print("  ".join(row))
    if options.record:
        head = ["load", "requests a second, one worker", "two", "ratio (min / median / max)", "limit", ""]
        record("Two workers", "python benchmarks/workers.py", head, [row])
    return 0 if options.quick or kept else 1


if __name__ == "__main__":
    sys.exit(main())
