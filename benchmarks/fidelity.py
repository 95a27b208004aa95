"""Percentiles as Sonagi reports them beside what the server really took: `make fidelity`.

The server (core/examples/truth.rs) draws a service time for each request, stamps arrivals by
the kernel and departures by its clock, and logs both. The generator has a core of its own, idle or
saturated with 60 µs of Python per request. Exit code 1 when a percentile is off by more than 5 %,
when a "busy" generator was not, or when users march in step.
"""

import argparse
import sys
from dataclasses import dataclass

import sonagi_run
from record import record
from target import Target, build

LIMIT = 0.05
BUSY = 0.95
LOCKSTEP = 0.15
PERCENTS = (50, 95, 99)
SERVICES = ("constant:5ms", "exponential:5ms", "bimodal:2ms,20ms,0.9")


@dataclass(frozen=True)
class Case:
    """One comparison."""

    service: str
    script: str
    vus: int
    pause: float = 0.0

    @property
    def name(self) -> str:
        """As the table shows it."""
        load = (
            f"{self.vus} VUs, 60 µs of Python each" if self.script == "busy.py" else f"{self.vus} VUs, idle"
        )
        return f"{self.service.split(':')[0]}, {load}"


def percentile(ordered: list[float], percent: float) -> float:
    """Linear between order statistics, as k6's and ours."""
    rank = percent / 100 * (len(ordered) - 1)
    low = int(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def compare(case: Case, seconds: int) -> tuple[list[str], bool]:
    """A row of the table, and whether every limit was kept."""
    with Target(case.service, log=True) as target:
        flags = ("--vus", str(case.vus), "--duration", f"{seconds}s")
        export = sonagi_run.run(case.script, target.url, *flags, env={"PAUSE": str(case.pause)})
    truth = target.served.service_ms()
    seen = export.values("http_req_duration")
    columns, kept = [], True
    for percent, key in zip(PERCENTS, ("med", "p(95)", "p(99)"), strict=True):
        real = percentile(truth, percent)
        error = seen[key] / real - 1
        kept &= abs(error) <= LIMIT
        columns.append(f"{real:.3f} / {seen[key]:.3f} ({error:+.1%})")
    share = export.generator["generator_cpu_share"]
    if case.script == "busy.py":
        kept &= share >= BUSY
    lag = [
        export.values(f"generator_lag{{phase:{phase}}}").get("p(99)", 0.0) for phase in ("taken", "resumed")
    ]
    row = [case.name, str(len(truth)), f"{share:.0%}", *columns, f"{lag[0]:.2f} / {lag[1]:.2f}"]
    return [*row, "kept" if kept else "MISSED"], kept


def lockstep(seconds: int) -> tuple[float, bool]:
    """The largest share of arrivals in one tenth of the second, 100 users with 1 s of think time."""
    with Target("constant:5ms", log=True) as target:
        flags = ("--vus", "100", "--duration", f"{seconds}s")
        sonagi_run.run("get.py", target.url, *flags, env={"PAUSE": "1"})
    bins = [0] * 10
    for arrival, _ in target.served.times:
        bins[arrival // 100_000_000 % 10] += 1
    index = max(bins) / sum(bins)
    return index, index <= LOCKSTEP


def main() -> int:
    """Run all cases; 0 when every limit was kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="two short cases, for CI; limits are shown, not judged"
    )
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    options = parser.parse_args()
    build()
    cases = [Case(service, "get.py", 100, pause=0.1) for service in SERVICES]
    cases += [Case(service, "busy.py", vus) for vus in (100, 1000) for service in SERVICES]
    seconds = 2 if options.quick else options.seconds
    if options.quick:
        cases = [cases[0], cases[3]]
    head = ["case", "requests", "generator's core", *(f"p{p} true / seen, ms" for p in PERCENTS)]
    head += ["own lag p99, ms (send / resume)", "limits"]
    rows, kept = [], True
    for case in cases:
        row, good = compare(case, seconds)
        rows.append(row)
        kept &= good
        print("  ".join(row), flush=True)
    # Users start over a tenth of the time: of less than 10 s they fill less than their second.
    index, good = lockstep(10 if options.quick else 12)
    print(f"lockstep: {index:.3f} of arrivals in the densest tenth of a second (limit {LOCKSTEP})")
    kept &= good
    if options.record:
        note = f"Lockstep: {index:.3f} of arrivals in the densest tenth of a second (limit {LOCKSTEP})."
        record("Fidelity", "make fidelity", head, rows, note)
    return 0 if kept or options.quick else 1


if __name__ == "__main__":
    sys.exit(main())
