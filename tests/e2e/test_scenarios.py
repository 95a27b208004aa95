"""Several scenarios and functions of one script, in a worker process of its own."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
from sonagi import ConstantVUs, Counter, Mix, Options, PerVUIterations, RampingVUs, sleep

browsed, bought, logins, logouts = (Counter(name) for name in ("browsed", "bought", "logins", "logouts"))

def vu_setup(vu):
    vu.state["token"] = f"token of {vu.id}"
    logins.add(1)

async def vu_teardown(vu):
    assert vu.state["token"]
    logouts.add(1)

async def browse(vu):
    browsed.add(1)
    await sleep(0.001)

async def buy(vu):
    bought.add(1)
    await sleep(0.001)

async def idle(vu):
    await sleep(0.01)

options = Options(scenarios={
    "shop": PerVUIterations(vus=4, iterations=10, exec=Mix({browse: 7, buy: 3})),
    "later": RampingVUs(start_vus=1, stages=[("200ms", 3), ("200ms", 0)], exec="idle", start_after="shop"),
})
"""


def test_a_mix_ramped_users_and_setups_of_users_in_one_run(tmp_path: Path) -> None:
    script, export = tmp_path / "shop.py", tmp_path / "out.json"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", "run", str(script), "--summary-export", str(export), "--no-color"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    metrics = json.loads(export.read_text())["metrics"]
    counts = {name: metrics[name]["values"]["count"] for name in ("browsed", "bought", "logins", "logouts")}
    assert counts == {"browsed": 28, "bought": 12, "logins": 7, "logouts": 7}
    assert "up to 3 users over 400ms in 2 stages" in done.stderr
