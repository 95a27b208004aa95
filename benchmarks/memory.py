"""Memory of users, and how soon they start. Exit code 1 when a limit is missed."""

import argparse
import os
import statistics
import subprocess
import sys
import time

import cpu
import sonagi_run
from record import record
from target import ROOT, Target, build

IDLE_KB, KEPT_KB = 6.0, 16.0
START_S, HELP_MS, FIRST_S = 2.0, 120.0, 0.7
FLAT_MB = 5.0


def pss_of(users: int, *, keep: bool) -> tuple[int, float]:
    """(PSS of the process tree in KB with `users` users, seconds until all had started)."""
    with Target(log=True) as target:
        command = [sys.executable, "-m", "sonagi", "run", str(ROOT / "benchmarks/scripts/idle.py"), "--quiet"]
        process = subprocess.Popen(
            [*command, "--vus", str(users), "--duration", "60s"],
            env={**os.environ, "TARGET": target.url, "KEEP": "1" if keep else "0"},
            stdout=subprocess.DEVNULL,
        )
        time.sleep(8)
        pss = cpu.proportional_kb(process.pid)
        for pid in reversed(cpu.tree(process.pid)):
            os.kill(pid, 9)
        process.wait()
    arrivals = [arrival for arrival, _ in target.served.times]
    return pss, (max(arrivals) - min(arrivals)) / 1e9 if arrivals else 0.0


def help_ms() -> float:
    """Wall time of `sonagi --help`, the median of ten."""
    times = []
    for _ in range(10):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sonagi", "--help"], stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def first_request_s() -> float:
    """From starting the command to the first request's arrival at the server, the median of five."""
    times = []
    for _ in range(5):
        with Target(log=True) as target:
            began = time.time()
            sonagi_run.run("get.py", target.url, "--vus", "1", "--iterations", "1")
        times.append(target.served.times[0][0] / 1e9 - began)
    return statistics.median(times)


def growth_mb(requests: int) -> float:
    """How much the process tree grew between a tenth of `requests` and all of them."""
    with Target() as target:
        command = [sys.executable, "-m", "sonagi", "run", str(ROOT / "benchmarks/scripts/get.py"), "--quiet"]
        process = subprocess.Popen(
            [*command, "--vus", "100", "--iterations", str(requests)],
            env={**os.environ, "TARGET": target.url},
            stdout=subprocess.DEVNULL,
        )
        samples = []
        while process.poll() is None:
            samples.append(cpu.resident_kb(process.pid))
            time.sleep(0.5)
    # The last second holds the end of the run, the first ones its start.
    steady = samples[len(samples) // 10 + 2 : -3]
    return (steady[-1] - steady[0]) / 1024 if len(steady) > 1 else 0.0


def main() -> int:
    """Measure everything; 0 when every limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=5_000_000)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="few users and requests, for CI; not judged")
    options = parser.parse_args()
    if options.quick:
        options.users, options.requests = 200, 50_000
    build()
    rows: list[list[str]] = []

    def judge(what: str, value: float, limit: float, unit: str) -> None:
        rows.append(
            [what, f"{value:.2f} {unit}", f"≤ {limit:g} {unit}", "kept" if value <= limit else "MISSED"]
        )
        print("  ".join(rows[-1]), flush=True)

    users = options.users
    one, _ = pss_of(1, keep=False)
    idle, _ = pss_of(users, keep=False)
    judge(f"an idle user, of {users}", (idle - one) / users, IDLE_KB, "KB")
    kept, spread = pss_of(users, keep=True)
    judge(f"a user with a kept connection, of {users}", (kept - one) / users, KEPT_KB, "KB")
    judge(f"{users} users started within", spread, START_S, "s")
    judge("sonagi --help", help_ms(), HELP_MS, "ms")
    judge("first request after the command", first_request_s(), FIRST_S, "s")
    judge(f"growth over {options.requests} requests", growth_mb(options.requests), FLAT_MB, "MB")
    if options.record:
        head = ["what", "measured", "limit", ""]
        record("Memory and start", "python benchmarks/memory.py", head, rows)
    return 0 if options.quick or all(row[-1] == "kept" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
