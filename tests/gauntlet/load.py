"""The load of every scenario; GAUNTLET says what to ask for and how."""

import json
import os
import time

from sonagi import ConstantVUs, Options, PerVUIterations, check, http, sleep

ASKED = json.loads(os.environ["GAUNTLET"])
COMMON = {"vus": ASKED["vus"], "exec": "visit", "start": ASKED.get("start", "spread"), "graceful_stop": 5}

if "iterations" in ASKED:
    scenario = PerVUIterations(iterations=ASKED["iterations"], max_duration=ASKED["seconds"], **COMMON)
else:
    scenario = ConstantVUs(duration=ASKED["seconds"], **COMMON)
options = Options(scenarios={"visitors": scenario}, no_connection_reuse=ASKED.get("fresh", False))


async def visit(vu):
    """Ask for one of the paths, look at the status, think."""
    path = vu.random.choice(ASKED["paths"]).replace(
        "{id}", str(vu.random.randrange(1, ASKED.get("ids", 5000)))
    )
    response = await http.get(ASKED["base"] + path, timeout=ASKED.get("timeout", 10))
    check(response, {"status is 200": lambda r: r.status_code == 200})
    busy(ASKED.get("python_ms", 0.0))
    await sleep(ASKED["think"] * vu.random.uniform(0.7, 1.3) if ASKED.get("jitter", True) else ASKED["think"])


def busy(milliseconds):
    """The script's own work, as parsing large answers is."""
    until = time.thread_time() + milliseconds / 1000
    while time.thread_time() < until:
        json.loads('{"a": [1, 2, 3]}')
