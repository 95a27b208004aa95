"""The tools that are compared: how each makes the same load, and what CPU it took."""

import os
import resource
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass, replace

from target import GENERATOR_CORE, ROOT, Target, pinned

SCRIPTS = ROOT / "benchmarks/scripts"
OWN = ROOT / ".bench"


@dataclass(frozen=True)
class Load:
    """What is asked for: connections, a pause in seconds after each request, for how long; or so many
    requests a second, whatever the server does."""

    connections: int
    pause: float
    seconds: float
    rate: float | None = None


@dataclass(frozen=True)
class Tool:
    """`command(load, url)` is its command line, or None when it cannot do that."""

    name: str
    command: Callable[[Load, str], list[str] | None]


@dataclass(frozen=True)
class Figure:
    """One run: CPU µs a request, requests a second, how busy the target was."""

    cpu_us: float
    per_second: float
    target_share: float


def _sonagi(load: Load, _url: str) -> list[str]:
    if load.rate:
        return [sys.executable, "-m", "sonagi", "run", str(SCRIPTS / "arrive.py"), "--quiet", "--no-color"]
    flags = ["--vus", str(load.connections), "--duration", f"{load.seconds}s", "--quiet", "--no-color"]
    return [sys.executable, "-m", "sonagi", "run", str(SCRIPTS / "get.py"), *flags]


def _sonagi_hit(load: Load, url: str) -> list[str] | None:
    if load.pause or load.rate:
        return None
    flags = ["-c", str(load.connections), "-d", f"{load.seconds}s", "--quiet", "--no-color"]
    return [sys.executable, "-m", "sonagi", "hit", url, *flags]


def _wrk(load: Load, url: str) -> list[str] | None:
    if load.rate:
        return None
    script = ["-s", str(SCRIPTS / "pause.lua")] if load.pause else []
    return ["wrk", "-t1", f"-c{load.connections}", f"-d{max(1, round(load.seconds))}s", *script, url]


def _wrk2(load: Load, url: str) -> list[str] | None:
    if not load.rate:
        return None
    flags = ["-t1", f"-c{load.connections}", f"-d{max(1, round(load.seconds))}s", f"-R{load.rate:g}"]
    return ["wrk2", *flags, url]


def _hey(load: Load, url: str) -> list[str] | None:
    if load.pause or load.rate:
        return None
    return ["hey", "-cpus", "1", "-c", str(load.connections), "-z", f"{load.seconds}s", url]


def _locust(load: Load, url: str) -> list[str] | None:
    if load.rate:
        return None
    users = [
        "-u",
        str(load.connections),
        "-r",
        str(load.connections),
        "-t",
        f"{max(1, round(load.seconds))}s",
    ]
    where = ["-f", str(SCRIPTS / "locustfile.py"), "--host", url.rstrip("/")]
    return [
        str(OWN / "locust/bin/locust"),
        "--headless",
        "--only-summary",
        "--loglevel",
        "ERROR",
        *where,
        *users,
    ]


def _k6(load: Load, _url: str) -> list[str]:
    if load.rate:
        return ["k6", "run", "--no-usage-report", "--quiet", str(SCRIPTS / "arrive.js")]
    flags = ["--vus", str(load.connections), "--duration", f"{load.seconds}s", "--quiet"]
    return ["k6", "run", "--no-usage-report", *flags, str(SCRIPTS / "get.js")]


ALL = [
    Tool("wrk", _wrk),
    Tool("wrk2", _wrk2),
    Tool("sonagi", _sonagi),
    Tool("sonagi hit", _sonagi_hit),
    Tool("hey", _hey),
    Tool("locust", _locust),
    Tool("k6", _k6),
]


def available(*, install: bool) -> list[Tool]:
    """The tools that can be run here; Locust is installed into .bench/ when `install`."""
    if install and not (OWN / "locust/bin/locust").exists():
        venv.create(OWN / "locust", with_pip=True)
        subprocess.run([str(OWN / "locust/bin/pip"), "install", "--quiet", "locust"], check=True)
    found = []
    for tool in ALL:
        binary = {
            "sonagi": sys.executable,
            "sonagi hit": sys.executable,
            "locust": str(OWN / "locust/bin/locust"),
        }.get(tool.name, tool.name)
        if shutil.which(binary):
            found.append(tool)
        else:
            print(f"{tool.name} is not installed and left out")
    return found


def measure(tool: Tool, load: Load) -> Figure | None:
    """Run it twice, for next to no time and for `load.seconds`: the difference is the load's own cost."""
    if tool.command(load, "") is None:
        return None
    idle = _once(tool, replace(load, seconds=1.0))
    full = _once(tool, replace(load, seconds=1.0 + load.seconds))
    requests = full[1] - idle[1]
    cpu_us = (full[0] - idle[0]) / requests * 1e6
    return Figure(cpu_us, requests / load.seconds, (full[2] - idle[2]) / load.seconds)


def variables(load: Load) -> dict[str, str]:
    """What the scripts read."""
    return {
        "PAUSE": str(load.pause),
        "RATE": f"{load.rate or 0:g}",
        "SECONDS": f"{load.seconds:g}",
        "ARRIVALS": "uniform",
    }


def _once(tool: Tool, load: Load) -> tuple[float, int, float]:
    """(CPU seconds of the tool, requests the target counted, CPU seconds of the target)."""
    with Target() as target:
        command = tool.command(load, target.url) or []
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            pinned(command, GENERATOR_CORE),
            env={**os.environ, **variables(load), "TARGET": target.url},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"{tool.name}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, target.served.requests, target.served.cpu_seconds


__all__ = ["Figure", "Load", "Tool", "available", "measure"]
