"""`sonagi hit`, end to end."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SONAGI = [sys.executable, "-m", "sonagi", "hit"]


class Echo(BaseHTTPRequestHandler):
    """Remembers what it was asked; /slow takes its time."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str], bytes]] = []  # noqa: RUF012 (one server a test)
    clients: set[tuple[str, int]] = set()  # noqa: RUF012

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.command, self.path, dict(self.headers), body))
        self.clients.add(self.client_address)
        if self.path == "/slow":
            time.sleep(2)
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = answer  # noqa: N815 (http.server's names)
    do_PUT = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Echo.seen, Echo.clients = [], set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def hit(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SONAGI, *arguments, "--no-color"], capture_output=True, text=True, timeout=30, check=False
    )


def test_as_many_requests_as_asked_for_over_as_many_connections(url: str, tmp_path: Path) -> None:
    export = tmp_path / "out.json"
    done = hit(f"{url}/", "-n", "200", "-c", "7", "--watch", "none", "--summary-export", str(export))
    assert done.returncode == 0, done.stderr
    metrics = json.loads(export.read_text())["metrics"]
    assert metrics["http_reqs"]["values"]["count"] == metrics["iterations"]["values"]["count"] == 200
    assert (len(Echo.seen), len(Echo.clients)) == (200, 7)
    assert "200 iterations complete" in done.stdout


def test_a_request_is_made_as_the_flags_say(url: str, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"customerId": 1}')
    done = hit(
        f"{url}/queues/issue",
        "-n",
        "1",
        "-c",
        "1",
        "-m",
        "put",
        "-H",
        "X-City: Seoul",
        "-a",
        "mina:pw",
        "-D",
        f"@{tmp_path}/body.json",
    )
    assert done.returncode == 0, done.stderr
    [(method, path, headers, body)] = Echo.seen
    assert (method, path, body) == ("PUT", "/queues/issue", b'{"customerId": 1}')
    assert headers["X-City"] == "Seoul"
    assert headers["Authorization"] == "Basic bWluYTpwdw=="


def test_a_time_is_kept_and_failures_are_counted(url: str) -> None:
    began = time.monotonic()
    done = hit(f"{url}/none", "-d", "1s", "-c", "3")
    assert 1 < time.monotonic() - began < 4
    assert "http_req_failed..................: 100.00%" in done.stdout
    assert "3        min=3          max=3" in done.stdout or "vus" in done.stdout


def test_requests_that_take_too_long_are_timeouts(url: str) -> None:
    done = hit(f"{url}/slow", "-n", "2", "-c", "2", "-t", "300ms")
    assert "request timeout" in done.stdout
    assert "2 iterations complete" in done.stdout


def test_there_are_no_more_users_than_requests_where_nothing_is_said(url: str) -> None:
    done = hit(f"{url}/", "-n", "3")
    assert done.returncode == 0, done.stderr
    assert "3 iterations complete" in done.stdout


def test_each_request_gets_a_connection_of_its_own_when_asked_to(url: str) -> None:
    hit(f"{url}/", "-n", "6", "-c", "2", "--disable-keepalive")
    assert len(Echo.clients) == 6


def test_ctrl_c_ends_it_with_what_was_measured(url: str) -> None:
    command = [*SONAGI, f"{url}/", "-d", "60s", "-c", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while not Echo.seen:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=15)
    assert process.returncode == 105
    assert "http_reqs" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["localhost:8000"], '"localhost:8000" is no URL'),
        (["http://h/", "-c", "0"], "--connections: 0 is not a whole number of 1 or more"),
        (["http://h/", "-n", "5", "-c", "9"], "5 iterations cannot be shared among 9 users"),
        (["http://h/", "-H", "nothing"], '"nothing" is no header'),
        (["http://h/", "-a", "mina"], "--auth: write USER:PASSWORD"),
        (["http://h/", "-D", "@none.json"], "none.json cannot be read"),
        (["http://h/", "-d", "5"], '"30s" or "500ms"'),
        (["http://h/", "-t", "0"], "--timeout: is 0"),
        (["http://h/", "-c", "x", "-n", "y"], "--requests: 'y' is not a whole number"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_request(arguments: list[str], told: str) -> None:
    done = hit(*arguments)
    assert done.returncode == 104
    assert told in done.stderr
