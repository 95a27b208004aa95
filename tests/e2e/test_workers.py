"""Several worker processes: together they do what one would, whoever dies meanwhile."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

SONAGI = [sys.executable, "-m", "sonagi"]
HEAD = """
import asyncio, os, time
from sonagi import ConstantVUs, Options, PerVUIterations, SharedIterations, feed, http, sleep
from sonagi.script.feed import Feed
URL = os.environ["TARGET"]

async def ask(vu, **more):
    more = {"vu": vu.id, "number": vu.iteration_in_test, "pid": os.getpid(), **more}
    await http.get(URL, params=more, name="/")
"""


class Served:
    """What a server was asked, and when."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, dict[str, str]]] = []
        served = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                served.asked.append((time.monotonic(), dict(parse_qsl(urlsplit(self.path).query))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                """Clients that are killed leave connections behind."""

        self.server = Server(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, name: str, since: float = 0.0) -> list[str]:
        """Values of a parameter, of all requests that had it from `since` on."""
        return [asked[name] for at, asked in list(self.asked) if name in asked and at >= since]

    def wait_for(self, count: int) -> None:
        """Until there have been `count` requests from each of two processes."""
        patience = time.monotonic() + 30
        while len(counts := Counter(self.of("pid"))) < 2 or min(counts.values()) < count:
            assert time.monotonic() < patience, "no load was made"
            time.sleep(0.02)


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.server.shutdown()
    made.server.server_close()


def start(folder: Path, served: Served, script: str, *flags: str) -> subprocess.Popen[str]:
    (folder / "t.py").write_text(HEAD + script)
    command = [*SONAGI, "run", "t.py", "--watch", "none", "--summary-export", "out.json", *flags]
    env = {**os.environ, "TARGET": served.url}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    try:
        return process.communicate(timeout=60)
    finally:
        process.kill()


def run(folder: Path, served: Served, script: str, *flags: str, code: int = 0) -> str:
    process = start(folder, served, script, *flags)
    out, err = ended(process)
    assert process.returncode == code, out + err
    return out


def metric(folder: Path, name: str, value: str = "count") -> float:
    values: dict[str, float] = json.loads((folder / "out.json").read_text())["metrics"][name]["values"]
    return values[value]


def workers(pid: int) -> list[int]:
    """The worker processes of a run, the first one first."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    lines = {child: Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0") for child in children}
    found = {child: int(line[-2]) for child, line in lines.items() if b"sonagi.load.worker" in line}
    return sorted(found, key=lambda child: found[child])


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


EACH = "options = Options(scenarios={'s': PerVUIterations(vus=5, iterations=4)})\nasync def s(vu): await ask(vu)\n"


@pytest.mark.parametrize("count", ["1", "2", "3"])
def test_workers_share_out_users_and_iterations_exactly(tmp_path: Path, served: Served, count: str) -> None:
    run(tmp_path, served, EACH, "--workers", count)
    assert Counter(served.of("vu")) == Counter({str(number): 4 for number in range(1, 6)})
    assert sorted(map(int, served.of("number"))) == list(range(20))
    assert len(set(served.of("pid"))) == int(count)
    assert metric(tmp_path, "http_reqs") == metric(tmp_path, "iterations") == 20


def test_there_are_no_more_workers_than_users(tmp_path: Path, served: Served) -> None:
    run(tmp_path, served, "async def default(vu): await ask(vu)\n", "-u", "2", "-i", "8", "--workers", "5")
    assert len(set(served.of("pid"))) == 2


def test_machines_that_know_of_each_other_only_by_their_segments_make_the_whole(
    tmp_path: Path, served: Served
) -> None:
    sequence = ["--execution-segment-sequence", "0,1/3,1"]
    for segment in ("1/3", "1/3:1"):
        run(tmp_path, served, EACH, "--workers", "2", "--execution-segment", segment, *sequence)
    assert Counter(served.of("vu")) == Counter({str(number): 4 for number in range(1, 6)})
    assert sorted(map(int, served.of("number"))) == list(range(20))


def test_setup_and_teardown_run_once_and_their_data_is_everywhere(tmp_path: Path, served: Served) -> None:
    script = """
async def setup():
    await http.get(URL, params={"setup": 1})
    return {"token": "t-1"}
async def teardown(data):
    await http.get(URL, params={"teardown": data["token"]})
async def default(vu):
    await ask(vu, token=vu.data["token"])
"""
    run(tmp_path, served, script, "-u", "4", "-i", "8", "--workers", "2")
    assert served.of("setup") == ["1"] and served.of("teardown") == ["t-1"]
    assert served.of("token") == ["t-1"] * 8
    assert len(set(served.of("pid"))) == 2


def test_no_row_of_test_data_is_dealt_out_twice(tmp_path: Path, served: Served) -> None:
    script = """
rows = Feed([{"n": n} for n in range(40)], "iteration")
options = Options(scenarios={"s": SharedIterations(vus=4, iterations=20)})
async def s(vu):
    await ask(vu, row=rows.take()["n"])
"""
    run(tmp_path, served, script, "--workers", "2")
    assert len(set(served.of("row"))) == 20


def test_as_many_rows_as_iterations_are_enough_where_workers_have_unlike_numbers_of_them(
    tmp_path: Path, served: Served
) -> None:
    script = """
rows = Feed([{"n": n} for n in range(20)], "iteration")
options = Options(scenarios={"s": PerVUIterations(vus=5, iterations=4)})
async def s(vu):
    await ask(vu, row=rows.take()["n"])
"""
    run(tmp_path, served, script, "--workers", "2")
    assert sorted(map(int, served.of("row"))) == list(range(20))
    assert metric(tmp_path, "iterations") == 20


def test_a_scenario_starts_when_the_one_before_has_ended_in_all_workers(
    tmp_path: Path, served: Served
) -> None:
    script = """
options = Options(scenarios={
    "a": PerVUIterations(vus=2, start="together"),
    "b": PerVUIterations(vus=2, start="together", start_after="a"),
})
async def a(vu):
    await sleep(1.2 if vu.id == 1 else 0)
    await ask(vu, scenario="a")
async def b(vu):
    await ask(vu, scenario="b")
"""
    run(tmp_path, served, script, "--workers", "2")
    assert served.of("scenario") == ["a", "a", "b", "b"]
    by_scenario = [{asked["pid"] for _, asked in served.asked if asked["scenario"] == name} for name in "ab"]
    assert len(by_scenario[0]) == 2 and by_scenario[0] == by_scenario[1]


def test_goals_are_those_of_all_workers_together(tmp_path: Path, served: Served) -> None:
    script = """
options = Options(scenarios={"s": ConstantVUs(vus=4, duration="30s")}, thresholds={
    "http_reqs": ["count>1"],
    "vus": ["value>0 over 1s", "value>4 over 1s"],
    "iterations": [{"threshold": "count<60 over 2s", "abort_on_fail": True}],
})
async def s(vu):
    await ask(vu)
    await sleep(0.1)
"""
    out = run(tmp_path, served, script, "--workers", "2", code=99)
    # Either worker alone makes 40 in two seconds.
    assert "is not met, and the run ends with it" in out
    assert "✓ 'count>1'" in out and "✓ 'value>0 over 1s'" in out and "✗ 'value>4 over 1s'" in out
    assert metric(tmp_path, "vus", "max") == 4


LOOP = """
options = Options(scenarios={'s': ConstantVUs(vus=4, duration='%s', graceful_stop='1s')})
async def s(vu):
    await ask(vu)
    await sleep(0.05)
"""


@pytest.mark.needs_linux
@pytest.mark.parametrize("lost", [0, 1])
def test_users_of_a_worker_that_is_killed_go_on_in_the_others(
    tmp_path: Path, served: Served, lost: int
) -> None:
    process = start(tmp_path, served, LOOP % "5s", "--workers", "2")
    served.wait_for(10)
    pids = workers(process.pid)
    os.kill(pids[lost], signal.SIGKILL)
    killed = time.monotonic()
    out, err = ended(process)
    assert process.returncode == 0, out + err
    told = f"worker {lost + 1} of 2 ended (SIGKILL)"
    assert told in err and told in out, "at once, and in the summary"
    assert set(served.of("vu", killed + 1.5)) == {"1", "2", "3", "4"}
    assert set(served.of("pid", killed + 1.5)) == {str(pids[1 - lost])}
    numbers = served.of("number")
    assert len(numbers) == len(set(numbers)), "no number is given to two iterations"
    # Of the killed worker the last second is missing.
    assert len(numbers) - 60 <= metric(tmp_path, "iterations") <= len(numbers)


@pytest.mark.needs_linux
def test_iterations_that_a_killed_worker_had_not_told_of_are_made_by_others(
    tmp_path: Path, served: Served
) -> None:
    script = """
options = Options(scenarios={'s': SharedIterations(vus=4, iterations=200), 'e': PerVUIterations(vus=2, iterations=30)})
async def s(vu):
    await ask(vu, scenario="s")
    await sleep(0.06)
async def e(vu):
    await ask(vu, scenario="e")
    await sleep(0.06)
"""
    process = start(tmp_path, served, script, "--workers", "2")
    served.wait_for(50)
    os.kill(workers(process.pid)[1], signal.SIGKILL)
    out, err = ended(process)
    assert process.returncode == 0, out + err
    assert metric(tmp_path, "iterations") == 260, "each is measured once"
    asked = [request for _, request in served.asked]
    for name, count in (("s", 200), ("e", 60)):
        numbers = {int(request["number"]) for request in asked if request["scenario"] == name}
        assert numbers == set(range(count))


@pytest.mark.needs_linux
def test_what_was_measured_is_known_before_a_share_has_ended(tmp_path: Path, served: Served) -> None:
    script = """
options = Options(
    scenarios={"a": PerVUIterations(vus=2, iterations=5), "s": ConstantVUs(vus=2, duration="2s", graceful_stop=0)},
    thresholds={"iterations{scenario:a}": ["count==10"]},
)
async def a(vu): await ask(vu, scenario="a")
async def s(vu): await sleep(0.1)
"""
    process = start(tmp_path, served, script, "--workers", "2")
    served.wait_for(5)
    time.sleep(0.15)  # they have ended, and their second has not
    os.kill(workers(process.pid)[1], signal.SIGKILL)
    out, err = ended(process)
    assert process.returncode == 0, out + err


@pytest.mark.needs_linux
@pytest.mark.parametrize("lost", [False, True])
def test_fewer_users_by_hand_make_all_iterations(tmp_path: Path, served: Served, lost: bool) -> None:
    script = """
options = Options(scenarios={'s': SharedIterations(vus=4, iterations=120)})
async def s(vu):
    await ask(vu)
    await sleep(0.03)
"""
    process = start(tmp_path, served, script, "--workers", "2", "--store", "store")
    served.wait_for(5)
    steer = [*SONAGI, "control", "last", "vus", "1", "--store", "store"]
    done = subprocess.run(steer, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if lost:
        os.kill(workers(process.pid)[1], signal.SIGKILL)
    out, err = ended(process)
    assert process.returncode == 0, out + err
    assert metric(tmp_path, "iterations") == 120
    assert set(map(int, served.of("number"))) == set(range(120))


@pytest.mark.needs_linux
@pytest.mark.parametrize("lost", [False, True])
def test_starts_that_are_due_are_made_by_whoever_is_there(tmp_path: Path, served: Served, lost: bool) -> None:
    script = """
from sonagi import ConstantArrivalRate
options = Options(scenarios={"s": ConstantArrivalRate(rate=40, duration="5s", max_vus=20)})
async def s(vu):
    await ask(vu)
"""
    process = start(tmp_path, served, script, "--workers", "2")
    served.wait_for(20)
    if lost:
        os.kill(workers(process.pid)[1], signal.SIGKILL)
    killed = time.monotonic()
    out, err = ended(process)
    assert process.returncode == 0, out + err
    numbers = list(map(int, served.of("number")))
    assert len(numbers) == len(set(numbers)), "no start is made twice"
    if lost:
        # What was due between its death and its being known is nobody's.
        assert set(range(200)) - set(numbers) <= {number for number in range(200) if number % 2}
        assert len(numbers) > 190
        after = [
            number
            for at, number in ((at, int(asked["number"])) for at, asked in served.asked)
            if at > killed + 1
        ]
        assert sorted(after) == list(range(min(after), 200)), "from then on none is left out"
    else:
        assert sorted(numbers) == list(range(200))


@pytest.mark.needs_linux
def test_the_run_ends_with_a_worker_where_that_is_asked_for(tmp_path: Path, served: Served) -> None:
    process = start(tmp_path, served, LOOP % "60s", "--workers", "2", "--on-worker-loss", "stop")
    served.wait_for(5)
    os.kill(workers(process.pid)[1], signal.SIGKILL)
    out, _ = ended(process)
    assert process.returncode == 255
    assert "and the run ends with it (--on-worker-loss stop)" in out
    assert metric(tmp_path, "iterations") > 0


@pytest.mark.needs_linux
def test_a_script_that_kills_every_worker_ends_the_run(tmp_path: Path, served: Served) -> None:
    script = """
options = Options(scenarios={'s': ConstantVUs(vus=2, duration='60s')})
async def s(vu):
    await ask(vu)
    await sleep(0.3)
    os.kill(os.getpid(), 11)
"""
    out = run(tmp_path, served, script, "--workers", "2", code=255)
    assert "ended (SIGSEGV)" in out
    assert "no worker process is left" in out


@pytest.mark.needs_linux
@pytest.mark.parametrize("stuck", [False, True])
def test_no_load_outlives_its_coordinator(tmp_path: Path, served: Served, stuck: bool) -> None:
    body = "    if vu.iteration: \n        while True: pass\n" if stuck else ""
    process = start(tmp_path, served, LOOP % "60s" + body, "--workers", "2")
    served.wait_for(2 if stuck else 5)
    pids = workers(process.pid)
    assert len(pids) == 2
    process.kill()
    killed = time.monotonic()
    process.communicate()
    while any(map(is_alive, pids)) and time.monotonic() < killed + 2:
        time.sleep(0.01)
    assert not any(map(is_alive, pids))
    time.sleep(0.5)
    assert served.of("vu", killed + 2) == []


@pytest.mark.needs_linux
def test_a_worker_that_stands_still_is_told_and_its_numbers_are_true(tmp_path: Path, served: Served) -> None:
    process = start(tmp_path, served, LOOP % "7s", "--workers", "2")
    served.wait_for(10)
    still = workers(process.pid)[1]
    os.kill(still, signal.SIGSTOP)
    time.sleep(3)
    os.kill(still, signal.SIGCONT)
    out, err = ended(process)
    assert process.returncode == 0, out + err
    assert "worker 2 stood still for" in err and "worker 2 stood still for" in out
    assert "blocked its loop" not in out, "that was nobody's line"
    assert metric(tmp_path, "iterations") == len(served.of("vu"))
    assert metric(tmp_path, "http_req_failed", "passes") == 0
    # A request that was on its way meanwhile was answered in time: the kernel knows when.
    assert metric(tmp_path, "http_req_duration", "max") < 2500


@pytest.mark.needs_linux
def test_hit_goes_on_with_those_who_are_left(served: Served) -> None:
    command = [*SONAGI, "hit", served.url, "-c", "4", "-d", "5s", "--workers", "2", "--watch", "none"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    patience = time.monotonic() + 30
    while len(served.asked) < 50:
        assert time.monotonic() < patience
        time.sleep(0.02)
    os.kill(workers(process.pid)[1], signal.SIGKILL)
    killed = time.monotonic()
    out, err = ended(process)
    assert process.returncode == 0, out + err
    assert "worker 2 of 2 ended" in out
    assert "min=2          max=4" not in out, "four users, before and after"
    assert [at for at, _ in served.asked if at > killed + 1.5]


def test_hit_shares_out_its_requests(served: Served) -> None:
    command = [*SONAGI, "hit", served.url, "-c", "3", "-n", "101", "--workers", "2", "--watch", "none"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert len(served.asked) == 101


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--workers", "x"], '--workers: "x" is no number of workers; write auto, or 0 to 1000'),
        (["--workers", "-1"], '--workers: "-1" is no number of workers'),
        (["--workers", "10000"], '--workers: "10000" is no number of workers'),
        (["--on-worker-loss", "restart"], '--on-worker-loss: there is no "restart"'),
        (["--execution-segment", "3/4:1/2"], 'execution_segment: "3/4:1/2" is no share'),
        (["--execution-segment", "1/2:1"], "execution_segment: none of the 1 users of all machines"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(tmp_path: Path, flags: list[str], told: str) -> None:
    (tmp_path / "t.py").write_text("async def default(vu): pass\n")
    done = subprocess.run(
        [*SONAGI, "run", "t.py", *flags],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 104
    assert told in done.stderr and done.stderr.count("\n") == 1
