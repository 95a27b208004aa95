"""`sonagi plan`, and where options of the commands come from, end to end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sonagi.report import cells

SCRIPT = """
from sonagi import Options, PerVUIterations, sleep
options = Options(scenarios={"shop": PerVUIterations(vus=100, iterations=1000)}, user_agent="script")
async def shop():
    await sleep(1)
"""


def sonagi(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sonagi", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", **env},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SCRIPT)
    return tmp_path


def test_an_impossible_goal_is_said_before_an_hour_is_spent(folder: Path) -> None:
    done = sonagi(folder, "plan", "shop.py")
    assert done.returncode == 0, done.stderr
    # Users start spread over the first second; the last turns begin up to the tenth minute.
    assert "100000 iterations asked for, but at most 60000 are possible" in done.stdout
    assert "167 users" in done.stdout


def test_a_plan_is_told_in_korean_too(folder: Path) -> None:
    done = sonagi(folder, "plan", "shop.py", "--stage", "10s:5", SONAGI_LANG="ko")
    assert "동시에 최대" in done.stdout


def test_each_option_is_shown_with_where_it_came_from(folder: Path) -> None:
    (folder / "sonagi.toml").write_text('timeout = "5s"\nuser_agent = "file"\n')
    done = sonagi(folder, "run", "shop.py", "--show-options", "--seed", "7", SONAGI_MAX_REDIRECTS="3")
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert lines["timeout"] == ["config", "file", "5.0"]
    assert lines["user_agent"] == ["script", "'script'"]
    assert lines["max_redirects"] == ["environment", "3"]
    assert lines["seed"] == ["flag", "7"]
    assert lines["connect_timeout"] == ["default", "30.0"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_long_options_are_broken_where_the_terminal_ends(folder: Path, language: str) -> None:
    done = sonagi(folder, "run", "shop.py", "--show-options", SONAGI_LANG=language, COLUMNS="80")
    lines = done.stdout.splitlines()
    assert any("scenarios" in line for line in lines)
    assert [line for line in lines if cells.width(line) > 80] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--config", "none.toml"], "none.toml: cannot be read"),
        (["--config", "bad.toml"], "bad.toml: cannot be understood"),
        (["--rps", "5"], "k6's --rps has no place here"),
        (["--tag", "x"], '--tag: "x" is no tag'),
        (["--stage", "5:x"], "no stage"),
        (["--durtion", "5s"], "did you mean --duration?"),
    ],
)
def test_what_is_wrong_with_a_flag_or_file_is_one_line(folder: Path, arguments: list[str], told: str) -> None:
    (folder / "bad.toml").write_text("vus = = 3\n")
    done = sonagi(folder, "run", "shop.py", *arguments)
    assert done.returncode == 104
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_stages_from_the_command_line_are_run(folder: Path) -> None:
    done = sonagi(
        folder, "run", "shop.py", "--stage", "200ms:2,200ms:0", "--summary-mode", "full", "--no-color"
    )
    assert done.returncode == 0, done.stderr
    assert "up to 2 users over 400ms in 2 stages" in done.stderr
