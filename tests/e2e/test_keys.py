"""Keys that steer a run, in a real terminal."""

import json
import os
import pty
import re
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sonagi.cli.keys import press

SCRIPT = """
from sonagi import ConstantVUs, Options, PerVUIterations, SharedIterations, sleep
async def tick(vu):
    await sleep(0.02)
"""
CONSTANT = 'options = Options(scenarios={"tick": ConstantVUs(vus=20, duration="30s")})'
SHARED = (
    'options = Options(scenarios={"tick": SharedIterations(vus=20, iterations=100000, max_duration="30s")})'
)
PER_USER = (
    'options = Options(scenarios={"tick": PerVUIterations(vus=2, iterations=100000, max_duration="30s")})'
)


class Session:
    """`sonagi run` in a terminal of its own; `text` is what it has written."""

    def __init__(self, folder: Path, options: str, *flags: str) -> None:
        (folder / "t.py").write_text(SCRIPT + options)
        self.controller, self.terminal = pty.openpty()
        self.before = termios.tcgetattr(self.terminal)
        self.text = ""
        # A session of its own with this terminal in the foreground, as a shell makes it.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sonagi", "run", "t.py", *flags],
            cwd=folder,
            stdin=self.terminal,
            stdout=self.terminal,
            stderr=self.terminal,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.controller, 65536)
            except OSError:
                return
            self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode(errors="replace"))

    def press(self, key: str, then: str) -> None:
        """Press `key`, and wait until `then` is seen."""
        os.write(self.controller, key.encode())
        self.see(then)

    def see(self, words: str) -> None:
        patience = time.monotonic() + 15
        while not re.search(words, self.text):
            assert time.monotonic() < patience, f"{words!r} is not in {self.text!r}"
            time.sleep(0.02)

    def end(self) -> int:
        """Press q; the exit code."""
        self.press("q", "stopping")
        return self.process.wait(15)


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    started: list[Session] = []
    yield started
    for session in started:
        session.process.kill()
        session.process.wait()
        os.close(session.terminal)
        session.reader.join(timeout=2)
        os.close(session.controller)


def points(file: Path, metric: str) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in file.read_text().splitlines())
    return [line["data"] for line in lines if line["type"] == "Point" and line["metric"] == metric]


def test_p_pauses_and_resumes_and_q_ends(tmp_path: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, CONSTANT, "-o", "json=out.json")
    sessions.append(session)
    session.see(r"p pause .* q end")
    session.see("20 users ·")  # all have begun
    session.press("p", "paused: no iteration begins")
    time.sleep(1.5)
    session.press("p", r"resumed at \d+s")
    session.see(r"(?s)resumed at .*% .*% ")
    time.sleep(1.2)  # until all are back
    assert session.end() == 105
    moments = sorted(point["time"] for point in points(tmp_path / "out.json", "iterations"))
    seconds = [int(moment[14:16]) * 60 + float(moment[17:-1]) for moment in moments]
    gap = max(after - before for before, after in pairwise(seconds))
    assert gap > 1.4
    # After the pause the users come back over a second, not as one convoy.
    resumed = next(after for before, after in pairwise(seconds) if after - before == gap)
    first_tenth = sum(resumed <= second < resumed + 0.1 for second in seconds)
    assert first_tenth < 20 * 5 / 2
    assert termios.tcgetattr(session.terminal) == session.before


@pytest.mark.parametrize("options", [CONSTANT, SHARED])
def test_plus_and_minus_change_the_users_by_a_tenth(
    tmp_path: Path, sessions: list[Session], options: str
) -> None:
    session = Session(tmp_path, options, "-o", "json=out.json")
    sessions.append(session)
    session.see(r"q end")
    session.press("+", "tick has 22 users")
    session.see("22 users ·")
    session.press("-", "tick has 20 users")
    session.press("-", "tick has 18 users")
    session.see("18 users ·")
    assert session.end() == 105
    assert "0 interrupted" in session.text
    assert max(point["value"] for point in points(tmp_path / "out.json", "vus")) == 22


def test_the_last_user_stays_and_what_the_plan_fixes_is_said(tmp_path: Path, sessions: list[Session]) -> None:
    session = Session(tmp_path, CONSTANT.replace("20", "2"))
    sessions.append(session)
    session.see(r"q end")
    session.press("-", "tick has 1 users")
    os.write(session.controller, b"--")
    time.sleep(0.5)
    assert "0 users from here" not in session.text
    fixed = Session(tmp_path, PER_USER)
    sessions.append(fixed)
    fixed.see(r"q end")
    fixed.press("+", "is fixed by the plan")


def test_other_keys_and_the_bytes_of_an_arrow_do_nothing() -> None:
    pressed: list[str] = []

    class Run:
        def stop(self) -> None:
            pressed.append("stop")

        def hold(self) -> None:
            pressed.append("hold")

        def change_users(self, tenths: int) -> None:
            pressed.append(f"{tenths:+}")

    for keys in (b"x", b"\x1b[A", b"\x1bp", b"", b"p+-=q "):
        press(Run(), keys)
    assert pressed == ["hold", "+1", "-1", "+1", "stop", "hold"]


def test_without_a_terminal_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "sonagi", "run", "t.py", "-i", "3"]
    done = subprocess.run(
        command, cwd=tmp_path, input="qqq", capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0
    assert "q end" not in done.stderr
