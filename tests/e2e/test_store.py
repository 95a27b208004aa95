"""Runs that are kept: whatever is killed, full or locked, what was measured stays readable."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from test_plan_command import sonagi

from sonagi.store.folder import run_files
from sonagi.store.replay import replay
from sonagi.store.runfile import NoRun

KILLS, AT_ONCE = 20, 5
LOST = 1.0
"""Seconds that may be lost."""
SLACK = 0.5
"""Between an answer and its frame, on a machine that is busy with other runs."""
SCRIPT = """
import os
from sonagi import http, sleep
async def visit():
    await http.get(os.environ["PLACE"])
    await sleep(0.05)
"""


class Counting(BaseHTTPRequestHandler):
    """Remembers when each path was asked for."""

    protocol_version = "HTTP/1.1"
    asked: dict[str, list[float]] = {}  # noqa: RUF012 (one server for all tests)

    def do_GET(self) -> None:
        self.asked.setdefault(self.path, []).append(time.monotonic())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def started(folder: Path, place: str, *flags: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "sonagi",
        "run",
        "visit.py",
        "-u",
        "3",
        "-d",
        "30s",
        "-q",
        "--watch",
        "none",
    ]
    return subprocess.Popen(
        [*command, *flags],
        cwd=folder,
        env={**os.environ, "PLACE": place},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def first_asked(path: str) -> float:
    """When the first request for `path` came."""
    patience = time.monotonic() + 20
    while path not in Counting.asked:
        assert time.monotonic() < patience
        time.sleep(0.02)
    return Counting.asked[path][0]


def worker_of(pid: int) -> int | None:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


@pytest.mark.needs_linux
def test_no_more_than_a_second_is_lost_whatever_is_killed_and_when(url: str, tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    draw = random.Random(20261125)
    for batch in range(KILLS // AT_ONCE):
        runs = []
        for number in range(AT_ONCE):
            name = f"{batch}-{number}"
            runs.append((name, started(tmp_path, f"{url}/{name}", "--store", name)))
        begun = [first_asked(f"/{name}") for name, _ in runs]
        kills = [(at + draw.uniform(0.0, 5.0), draw.random() < 0.5) for at in begun]
        for (moment, whole), (name, process) in sorted(zip(kills, runs, strict=True), key=lambda one: one[0]):
            time.sleep(max(moment - time.monotonic(), 0))
            victim = process.pid if whole else worker_of(process.pid) or process.pid
            os.kill(victim, signal.SIGKILL)
            killed = time.monotonic()
            process.wait(timeout=20)
            kept = replay(run_files(tmp_path / name)[0]).evidence()
            assert sum(kept.signal("load.requests").values) == kept.requests
            asked = Counting.asked[f"/{name}"]
            least = sum(at < killed - LOST - SLACK for at in asked)
            assert least <= (kept.requests or 0) <= len(asked), (name, whole)
            shown = sonagi(tmp_path, "show", "last", "--store", name)
            assert shown.returncode == 0, shown.stderr
            assert ("http_reqs" in shown.stdout) == bool(kept.requests), "none was kept yet"


def test_a_folder_that_nobody_named_and_cannot_be_written_costs_a_line_and_not_the_run(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    (tmp_path / "home").write_text("no folder")
    nowhere = {"SONAGI_STORE": "", "XDG_STATE_HOME": "", "HOME": str(tmp_path / "home")}
    done = sonagi(tmp_path, "run", "visit.py", "-i", "2", "--watch", "none", PLACE=f"{url}/home", **nowhere)
    assert done.returncode == 0, done.stderr
    assert "home/.local/state/sonagi cannot keep this run: Not a directory. It goes on" in done.stderr
    assert len(Counting.asked["/home"]) == 2
    listed = sonagi(tmp_path, "runs", **nowhere)
    assert "no runs are kept" in listed.stdout + listed.stderr


@pytest.mark.needs_linux
def test_a_run_that_is_killed_while_it_begins_leaves_nothing_or_what_can_be_read(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    draw = random.Random(9)
    for number in range(8):
        name = f"begins-{number}"
        process = started(tmp_path, f"{url}/{name}", "--store", name)
        time.sleep(draw.uniform(0.1, 0.9))
        process.kill()
        process.wait(timeout=20)
        for file in run_files(tmp_path / name) if (tmp_path / name).is_dir() else []:
            try:
                assert replay(file).ending is None
            except NoRun as problem:
                assert problem.key == "store.half"
        listed = sonagi(tmp_path, "runs", "--store", name)
        assert "Traceback" not in listed.stderr


def test_a_folder_that_cannot_be_written_is_told_before_the_first_request(url: str, tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    (tmp_path / "file").write_text("")
    done = sonagi(tmp_path, "run", "visit.py", "-i", "1", "--store", "file/runs", PLACE=f"{url}/unwritable")
    assert done.returncode == 104
    assert "file/runs" in done.stderr
    assert "--no-store" in done.stderr
    assert "/unwritable" not in Counting.asked


def test_a_disk_that_is_full_before_the_first_request_is_told_and_nothing_half_is_left(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    line = f"ulimit -f 1; exec {sys.executable} -m sonagi run visit.py -i 1 --store runs"
    env = {**os.environ, "PLACE": f"{url}/no-room"}
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (104, "")
    assert "runs cannot keep this run: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "/no-room" not in Counting.asked
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_disk_that_fills_while_a_run_goes_on_is_told_and_the_run_ends_well(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    # A limit of 64 KiB a file stands for the full disk: enough to begin, and not for each second.
    line = f"ulimit -f 64; exec {sys.executable} -m sonagi run visit.py -u 5 -d 12s --store runs --watch none"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env={**os.environ, "PLACE": f"{url}/full"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "0 interrupted" in done.stdout
    assert "http_reqs" in done.stdout
    kept = replay(run_files(tmp_path / "runs")[0]).evidence()
    assert (kept.requests or 0) > 0
    if kept.requests != len(Counting.asked["/full"]):
        assert "runs" in done.stderr  # said, where anything is missing


def test_runs_are_listed_and_shown_by_the_beginning_of_their_name(url: str, tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    for _ in range(2):
        done = sonagi(tmp_path, "run", "visit.py", "-i", "3", "--store", "runs", PLACE=f"{url}/listed")
        assert done.returncode == 0, done.stderr
    listed = json.loads(sonagi(tmp_path, "runs", "--store", "runs", "--json").stdout)
    assert [run["requests"] for run in listed] == [3, 3]
    shown = sonagi(tmp_path, "show", listed[0]["id"], "--store", "runs")
    assert "http_reqs" in shown.stdout
    wrong = sonagi(tmp_path, "show", "20200101-xy", "--store", "runs")
    assert wrong.returncode == 255
    assert len(wrong.stderr.splitlines()) == 1


def test_a_foreign_and_a_half_file_are_named_and_the_others_listed(url: str, tmp_path: Path) -> None:
    (tmp_path / "visit.py").write_text(SCRIPT)
    done = sonagi(tmp_path, "run", "visit.py", "-i", "3", "--store", "runs", PLACE=f"{url}/half")
    assert done.returncode == 0, done.stderr
    whole = run_files(tmp_path / "runs")[0]
    (tmp_path / "runs/20200101-0000-foreign-aa.db").write_bytes(b"no database at all")
    (tmp_path / "runs/20200101-0001-half-bb.db").write_bytes(whole.read_bytes()[:5000])
    (tmp_path / "runs/20200101-0002-noise-cc.db").write_bytes(
        b"SQLite format 3\0" + random.Random(1).randbytes(9000)
    )
    (tmp_path / "runs/20200101-0003-empty-dd.db").touch()
    with sqlite3.connect(tmp_path / "runs/20200101-0004-other-ee.db") as base:
        base.execute("CREATE TABLE heard (a)")
    base.close()
    (tmp_path / "runs/runs.db").write_bytes(b"damaged")
    listed = sonagi(tmp_path, "runs", "--store", "runs")
    assert listed.returncode == 0
    assert whole.stem in listed.stdout
    for bad in ("foreign", "half", "noise", "empty", "other"):
        assert bad in listed.stderr
    assert len(listed.stderr.splitlines()) == 5
    for bad in (tmp_path / "runs").glob("2020*.db"):
        shown = sonagi(tmp_path, "show", str(bad))
        assert (shown.returncode, shown.stdout) == (255, "")
        assert len(shown.stderr.splitlines()) == 1
