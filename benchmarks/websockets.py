"""WebSocket messages echoed per CPU second, beside k6 in the same rounds on the same core."""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys

from record import record
from target import GENERATOR_CORE, ROOT, TARGET_CORE, build, pinned

SCRIPTS = ROOT / "benchmarks/scripts"
HEAD = ["users", "tool", "messages a CPU second (min / median / max)", "ratio to k6 (median)"]

Tools = dict[str, list[str]]


def tools(users: int) -> Tools:
    """What is installed here, and how it is started."""
    quiet = ["--vus", str(users), "--iterations", str(users), "--quiet"]
    ours = [sys.executable, "-m", "sonagi", "run", str(SCRIPTS / "echo.py"), "--no-color", *quiet]
    found = {"sonagi": ours}
    if shutil.which("k6"):
        for name, script in (("k6", "echo.js"), ("k6, older module", "echo-ws.js")):
            found[name] = ["k6", "run", "--no-usage-report", *quiet, str(SCRIPTS / script)]
    else:
        print("k6 is not installed and left out")
    return found


def once(command: list[str], seconds: float) -> tuple[float, int]:
    """(CPU seconds of the tool, messages the server counted)."""
    server = subprocess.Popen(
        pinned([str(ROOT / "core/target/release/examples/echo")], TARGET_CORE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    port = server.stdout.readline().split()[-1]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "TARGET": f"ws://127.0.0.1:{port}/", "SECONDS": str(seconds)}
    subprocess.run(pinned(command, GENERATOR_CORE), env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told, _ = server.communicate()
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, json.loads(told)["messages"]


def rate(command: list[str], seconds: float) -> float:
    """Messages a CPU second; what starting and ending costs is taken off by a short run."""
    short, full = once(command, 0.5), once(command, 0.5 + seconds)
    return (full[1] - short[1]) / (full[0] - short[0])


def main() -> int:
    """Measure, print, and record when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, for CI")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    options = parser.parse_args()
    build("echo")
    rows = []
    for users in (100,) if options.quick else (100, 1000):
        commands = tools(users)
        rates: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(1 if options.quick else options.repeats):
            for name, command in commands.items():
                rates[name].append(rate(command, 1.0 if options.quick else options.seconds))
        for name, mine in rates.items():
            ratios = [one / other for one, other in zip(mine, rates.get("k6", []), strict=False)]
            spread = f"{min(mine):.0f} / {statistics.median(mine):.0f} / {max(mine):.0f}"
            rows.append([str(users), name, spread, f"{statistics.median(ratios):.2f}" if ratios else "-"])
            print("  ".join(rows[-1]), flush=True)
    if options.record:
        record("WebSockets", "python benchmarks/websockets.py", HEAD, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
