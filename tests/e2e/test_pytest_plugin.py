"""The fixture `load`, in a pytest of its own."""

import subprocess
import sys
from pathlib import Path

TESTS = """
from sonagi import check, sleep

async def quick():
    check(1, {"one": True})
    await sleep(0.01)

def test_fast_enough(load):
    result = load(quick, vus=3, iterations=9)
    assert result.p(95, "iteration_duration") < 5

def test_too_slow(load):
    assert load(quick, vus=2, iterations=4).p(50, "iteration_duration") < 0.001
"""


def test_a_load_test_that_fails_shows_its_summary(tmp_path: Path) -> None:
    (tmp_path / "test_load.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("load test") == 1
    assert "checks_total.......: 4" in done.stdout
