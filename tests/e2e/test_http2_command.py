"""HTTP/2, end to end: the command, a script, and what is written of its requests."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme
from http2_server import Frames, Heard, answering_all, speaking, wrapping
from wire import server

SCRIPT = """
import asyncio

from sonagi import Options, PerVUIterations, check, http

options = Options(
    scenarios={"pages": PerVUIterations(vus=3, iterations=10)},
    extra_ca="ca.pem",
    thresholds={"checks": ["rate==1"]},
)


async def default(vu):
    pages = await asyncio.gather(*(http.get(f"URL?page={page}") for page in range(4)))
    check(pages, {"all came over HTTP/2": lambda all: {r.http_version for r in all} == {"HTTP/2"}})
"""


def sonagi(*arguments: str, where: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sonagi", *arguments, "--no-color", "--no-store", "--watch", "none"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=where)


def test_a_script_speaks_http_2_over_tls_with_a_connection_for_each_user(tmp_path: Path) -> None:
    authority, heard = trustme.CA(), Heard()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    wrap = wrapping(authority.issue_cert("localhost"), "h2", "http/1.1")
    with server(speaking(answering_all, heard), wrap=wrap) as served:
        url = f"https://localhost:{served.port}/"
        (tmp_path / "script.py").write_text(SCRIPT.replace("URL", url))
        done = sonagi("run", "script.py", "--out", "json=samples.json", where=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert served.connections == 3 and len(heard.asked) == 120
    lines = [json.loads(line) for line in (tmp_path / "samples.json").read_text().splitlines()]
    tags = [
        line["data"]["tags"] for line in lines if line["type"] == "Point" and line["metric"] == "http_reqs"
    ]
    assert len(tags) == 120 and {tag["proto"] for tag in tags} == {"HTTP/2.0"}


STOPPED = """
import os

from sonagi import Options, http

options = Options(vus=1, iterations=1, http_version="2")


async def default(vu):
    await http.get("URL", headers={"pid": str(os.getpid())}, name="warm")
    await http.get("URL", headers={"pid": str(os.getpid())}, name="stopped")
"""


@pytest.mark.needs_linux
def test_an_answer_came_when_the_kernel_got_it_and_not_when_a_busy_generator_found_the_time(
    tmp_path: Path,
) -> None:
    def behave(frames: Frames) -> None:
        for number, asked in enumerate(frames.requests()):
            if number == 0:
                frames.answer(asked)
                continue
            os.kill(int(asked["pid"]), signal.SIGSTOP)
            time.sleep(0.05)
            frames.answer(asked)
            time.sleep(0.5)
            os.kill(int(asked["pid"]), signal.SIGCONT)

    with server(speaking(behave)) as served:
        (tmp_path / "script.py").write_text(STOPPED.replace("URL", served.url))
        done = sonagi("run", "script.py", "--out", "json=samples.json", where=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in (tmp_path / "samples.json").read_text().splitlines()]
    [duration] = [
        line["data"]["value"]
        for line in lines
        if line["metric"] == "http_req_duration"
        and line["type"] == "Point"
        and line["data"]["tags"]["name"] == "stopped"
    ]
    assert 50 <= duration < 500


def test_a_hit_speaks_it_without_tls_when_it_is_asked_to(tmp_path: Path) -> None:
    heard = Heard()
    with server(speaking(answering_all, heard)) as served:
        done = sonagi("hit", served.url, "--http-version", "2", "-n", "40", "-c", "4", where=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert served.connections == 4 and len(heard.asked) == 40


def test_a_version_that_is_none_is_told_with_those_that_are(tmp_path: Path) -> None:
    done = sonagi("hit", "http://localhost/", "--http-version", "3", where=tmp_path)
    assert done.returncode == 104
    assert done.stderr == 'sonagi: --http-version: there is no "3"; there are 1.1, 2, auto\n'
