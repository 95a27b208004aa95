"""A long run is told as quickly as a short one: the bar is a second for ten minutes."""

import os
import random
import resource
import subprocess
import sys
from pathlib import Path

from runs import BEGAN, ENDING, STARTED, generator, recording, requests, second

from sonagi.model.sight import Sight
from sonagi.model.traffic import LogTemplate
from sonagi.store.runfile import RunFile

MINUTES, NAMES, SIGNALS = 10, 8, 45
LIMIT = 1.0
"""Seconds of CPU, the command's start included."""


def kept(path: Path) -> None:
    """Ten minutes of eight kinds of requests, a server that is watched, and a log with something to say."""
    draw = random.Random(4)
    file = RunFile(path)
    made = recording(file, begins=False)
    file.begin({"id": made.run_id, "plan": made.plan.to_json(), "about": made.about.to_json()})
    made.load_begins(BEGAN, STARTED.timestamp())
    others = {f"prom.series_{number}": 0.0 for number in range(SIGNALS)}
    for number in range(1, MINUTES * 60 + 1):
        times = ([draw.lognormvariate(3, 0.6) for _ in range(40)] for _ in range(NAMES))
        series = [one for at, some in enumerate(times) for one in requests(*some, name=f"/{at}")]
        failed = requests(*([3000.0] * 5), status="503", name="/0") if number > 300 else []
        vus = {"active": 50, "initialized": 50}
        made.frame(second(number, *series, *failed, generator=generator(0.2), vus=vus))
        busy = {
            "process.cpu": draw.random(),
            "process.rss": 1e8 + number * 1e5,
            "process.cores": 2.0,
            "host.cpu": 0.4,
        }
        line = LogTemplate(
            "", "worker <*> is late", 2, BEGAN + number, "worker 7 is late", "WARN", values=(("7",),)
        )
        signals = {**busy, **{name: draw.random() for name in others}}
        made.sight(Sight(BEGAN + number, signals, (line,) if number % 3 == 0 else ()))
    made.load_ends(BEGAN + MINUTES * 60)
    made.end(ENDING)
    made.close()


def test_ten_minutes_are_explained_in_a_second(tmp_path: Path) -> None:
    kept(tmp_path / "20260102-0304-shop-aa.db")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "sonagi", "explain", "last", "--store", str(tmp_path)]
    told = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "SONAGI_LANG": "en"}, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert told.returncode == 0, told.stderr
    assert "20260102-0304-shop-aa" in told.stdout or "shop.py" in told.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= LIMIT
