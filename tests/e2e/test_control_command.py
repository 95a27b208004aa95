"""Steering a run from outside, with the installed command and two workers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from stalling import NEVER, stalling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SONAGI = [sys.executable, "-m", "sonagi"]
ENV = {**os.environ, "SONAGI_LANG": "en"}

SCRIPT = """
from sonagi import ConstantArrivalRate, ConstantVUs, Options, http, sleep

options = Options(scenarios={
    "visit": ConstantArrivalRate(rate=20, duration="60s"),
    "browse": ConstantVUs(vus=4, duration="60s", graceful_stop="1s"),
})

async def visit():
    await http.get("URL", name="visit")

async def browse():
    await http.get("URL", name="browse")
    await sleep(0.1)
"""


def control(store: Path, *words: str, become: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*become, *SONAGI, "control", *words, "--store", str(store)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=ENV, check=False)


@contextmanager
def running(folder: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A run that would go on for a minute, and the store that keeps it; its load has begun."""
    script, store = folder / "shop.py", folder / "store"
    with stalling([NEVER]) as [port]:
        script.write_text(SCRIPT.replace("URL", f"http://127.0.0.1:{port}/"))
        command = [*SONAGI, "run", str(script), "--store", str(store), "--watch", "none", "--no-color"]
        with subprocess.Popen(
            [*command, "--workers", "2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENV
        ) as run:
            try:
                until = time.monotonic() + 30
                while control(store, "last", "vus", "4", "--scenario", "browse").returncode != 0:
                    assert time.monotonic() < until, "no load within 30 s"
                    time.sleep(0.1)
                yield store, run
            finally:
                run.kill()


@pytest.fixture(scope="module")
def steered(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[int, str]], str, list[str]]:
    """What was answered to each of ORDERS, what the run said in the end, and what was listed while it went on."""
    with running(tmp_path_factory.mktemp("control")) as (store, run):
        listed = control(store).stdout.split()
        answers = []
        for order in ORDERS:
            done = control(store, "last", *order)
            answers.append((done.returncode, done.stdout + done.stderr))
            if order[0] == "rate":
                time.sleep(2)
        said, _ = run.communicate(timeout=30)
        assert control(store).stdout.startswith("no run goes on")
        assert not list(store.glob("*.sock"))
    return answers, said, listed


ORDERS = [
    ("pause",),
    ("pause",),
    ("resume",),
    ("vus", "9"),
    ("rate", "200"),
    ("rate", "5", "--scenario", "browse"),
    ("rate", "5", "--scenario", "vissit"),
    ("vus", "1000000000"),
    ("vus", "none"),
    ("fly",),
    ("note", "deploy", "of", "1.2"),
    ("stop",),
]


@pytest.mark.parametrize(
    ("order", "code", "told"),
    [
        (0, 0, "shop"),
        (1, 255, "it is paused already"),
        (2, 0, "resumed"),
        (3, 0, 'scenario "browse": 9 users'),
        (4, 0, "scenario 'visit': 200 iterations each 1s from here on"),
        (5, 255, "browse has no rate, or it is over; only rates of arrivals"),
        (6, 255, 'did you mean "visit"?'),
        (7, 255, "more than this machine has descriptors for"),
        (8, 104, "none is no number of users"),
        (9, 104, 'a run cannot be asked to "fly"'),
        (10, 0, "noted"),
        (11, 0, "stopping"),
    ],
)
def test_each_order_is_obeyed_or_refused_with_the_reason(
    steered: tuple[list[tuple[int, str]], str, list[str]], order: int, code: int, told: str
) -> None:
    answers, _, _ = steered
    assert answers[order][0] == code, answers[order]
    assert told in answers[order][1]


def test_what_was_steered_is_in_the_runs_own_record(
    steered: tuple[list[tuple[int, str]], str, list[str]],
) -> None:
    _, said, listed = steered
    assert len(listed) == 1
    summary = said.split("TOTAL RESULTS")[1]
    for line in ("browse has 9 users from here on, by hand", "visit begins 200 iterations", "deploy of 1.2"):
        assert line in summary
    vus_max = next(line for line in summary.splitlines() if "vus_max" in line)
    assert int(vus_max.split("max=")[1]) >= 9


def test_a_changed_rate_is_kept_by_both_workers_together(
    steered: tuple[list[tuple[int, str]], str, list[str]],
) -> None:
    # Two seconds at 200 a second: far more than the plan's 20 would have come to.
    _, said, _ = steered
    count = next(
        line for line in said.splitlines() if line.strip().startswith("iterations....") and "/s" in line
    )
    assert int(count.split(":")[1].split()[0]) > 350


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root")
def test_another_user_may_not_steer_and_is_told_whose_run_it_is(tmp_path: Path) -> None:
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    with running(tmp_path) as (store, run):
        store.chmod(0o755)
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        done = control(store, "last", "stop", become=nobody)
        assert done.returncode == 255, done.stdout
        assert "run, and only root (or root) may steer it" in done.stderr
        assert run.poll() is None
        [path] = store.glob("*.sock")
        assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_no_order_is_answered_and_the_run_goes_on(tmp_path: Path) -> None:
    with running(tmp_path) as (store, run):
        [path] = store.glob("*.sock")
        for bytes_ in (
            b"",
            b"\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"\xff" * 100_000,
            b'{"does": "stop", "now": 1}\n',
        ):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(path))
                line.sendall(bytes_)
                line.shutdown(socket.SHUT_WR)
                line.settimeout(10)
                answer = line.recv(1000)
            assert not answer or b'"ok": false' in answer
        assert control(store, "last", "note", "still there").returncode == 0
        assert run.poll() is None


def test_a_run_that_was_killed_is_over(tmp_path: Path) -> None:
    with running(tmp_path) as (store, run):
        run.kill()
        run.wait()
        done = control(store, "last", "stop")
    assert done.returncode == 255
    assert "no run goes on that could be steered" in done.stderr


def test_a_second_stop_changes_nothing_unless_it_says_now(tmp_path: Path) -> None:
    script = """
from sonagi import ConstantVUs, Options, sleep

options = Options(scenarios={"long": ConstantVUs(vus=2, duration="60s", graceful_stop="50s", start="together")})

async def long():
    await sleep(40)
"""
    store, path = tmp_path / "store", tmp_path / "long.py"
    path.write_text(script)
    command = [*SONAGI, "run", str(path), "--store", str(store), "--watch", "none", "--no-color"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENV
    ) as run:
        until = time.monotonic() + 30
        while control(store, "last", "vus", "2").returncode != 0:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert control(store, "last", "stop").returncode == 0
        again = control(store, "last", "stop")
        assert (again.returncode, "stopping already" in again.stderr) == (255, True)
        assert run.poll() is None
        assert "interrupted" in control(store, "last", "stop", "now").stdout
        said, _ = run.communicate(timeout=20)
    assert "0 iterations complete, 2 interrupted" in said


def test_an_order_without_a_run_is_told_how_it_is_written(tmp_path: Path) -> None:
    done = control(tmp_path, "rate", "40")
    assert done.returncode == 104
    assert "sonagi control last rate 40" in done.stderr
