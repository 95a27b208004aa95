"""`--out`, and what GitHub Actions is told, end to end."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

SCRIPT = """
from sonagi import Options, check, group
options = Options(thresholds={"checks": ["rate>0.9"], "iterations": ["count==4"], "http_reqs": ["count>0"]})
async def default(vu):
    with group("buy"):
        check(vu.iteration, {"is even": lambda n: n % 2 == 0})
    check(1, {"one": True})
    if vu.iteration == 3:
        raise ValueError("50% of <nothing>")
"""


def run(folder: Path, *flags: str, **env: str) -> subprocess.CompletedProcess[str]:
    (folder / "shop.py").write_text(SCRIPT)
    return subprocess.run(
        [sys.executable, "-m", "sonagi", "run", "shop.py", "-i", "4", "--no-color", *flags],
        cwd=folder,
        env={**os.environ, "GITHUB_ACTIONS": "", **env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_goals_and_checks_become_test_cases(tmp_path: Path) -> None:
    done = run(tmp_path, "--out", "junit=result.xml")
    assert done.returncode == 99, done.stderr
    suite = ElementTree.parse(tmp_path / "result.xml").getroot()[0]
    cases = {case.get("name"): case.find("failure") for case in suite}
    messages = {name: None if failure is None else failure.get("message") for name, failure in cases.items()}
    assert messages == {
        "checks: rate>0.9": "rate=75.00%",
        "iterations: count==4": None,
        "http_reqs: count>0": "no data: nothing was measured, so this goal is not met",
        "buy › is even": "2 out of 4",
        "one": None,
        "shop.py": None,
    }
    assert (suite.get("tests"), suite.get("failures")) == ("6", "3")


def test_github_is_told_what_was_not_met_and_gets_a_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    done = run(tmp_path, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    lines = done.stdout.splitlines()
    assert "::error title=checks::rate>0.9: rate=75.00%25" in lines
    assert any(line.startswith("::warning title=ValueError::shop.py:9 in default") for line in lines)
    told = summary.read_text()
    assert "| ❌ `checks` | `rate>0.9` | 75.00% |" in told
    assert "iterations complete" in told


def test_elsewhere_nobody_is_told(tmp_path: Path) -> None:
    assert "::error" not in run(tmp_path).stdout


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("junit", "which file? write junit=FILE"),
        ("jnuit=a.xml", 'did you mean "junit"?'),
        ("junit=no/such/folder.xml", "no/such/folder.xml cannot be written"),
    ],
)
def test_an_output_that_cannot_be_is_said_before_the_run(tmp_path: Path, flag: str, told: str) -> None:
    done = run(tmp_path, "--out", flag)
    assert (done.returncode, done.stdout) == (104, "")
    assert told in done.stderr


def test_a_disk_that_is_full_at_the_end_is_told_and_the_summary_is_shown(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text("async def default():\n    pass\n")
    (tmp_path / "result.json").write_text("before")
    flags = "--iterations 1 --quiet --no-color --no-store --summary-export result.json"
    # A limit of 1 KiB a file stands for the full disk.
    line = f"ulimit -f 1; exec {sys.executable} -m sonagi run t.py {flags}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 255
    assert "result.json cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert "iterations" in done.stdout
    assert (tmp_path / "result.json").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["result.json", "t.py"]
