"""A real server on this machine is found, and watched, by where the load goes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonagi import http, run, sleep

SERVER = """
import http.server, logging, sys
logging.basicConfig(filename=sys.argv[1], format="%(asctime)s %(levelname)s %(name)s: %(message)s")
KEPT = []
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/metrics":
            body = b"db_client_connection_count 3\\ndb_client_connection_max 10\\n"
        elif self.path == "/actuator/prometheus":
            return self.send_error(404)
        else:
            body = b"hello"
            KEPT.append(bytearray(1_000_000))
            logging.error("QueuePool limit of size 5 overflow 0 reached, connection timed out, timeout 2.00")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, str(tmp_path / "server.py"), str(tmp_path / "server.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.terminate()


@pytest.mark.needs_linux
def test_process_log_and_metrics_of_a_local_server_are_found_by_themselves(port: int, tmp_path: Path) -> None:
    script = tmp_path / "visit.py"
    script.write_text(
        "from sonagi import http, sleep\n"
        "async def visit():\n"
        f"    await http.get('http://127.0.0.1:{port}/')\n"
        "    await sleep(0.1)\n"
    )
    result = run(script, vus=5, duration=4, watch=["auto"])
    evidence = result.evidence
    assert evidence is not None
    assert {"host", "process", "metrics", "log"} <= evidence.seen
    memory = evidence.signal("process.rss")
    assert (memory.stat("max") or 0) - (memory.stat("first") or 0) > 50e6
    assert evidence.signal("pool.active").stat("last") == 3
    assert evidence.signal("process.alive").stat("min") == 1
    assert evidence.lines("sqlalchemy")[0].count > 50
    assert evidence.lines("sqlalchemy")[0].values[0][0] == "5"


@pytest.mark.needs_linux
def test_nothing_is_watched_and_nothing_asked_where_none_is_wanted(port: int) -> None:
    async def visit() -> None:
        await http.get(f"http://127.0.0.1:{port}/")
        await sleep(0.1)

    result = run(visit, vus=1, duration=1, watch=["none"])
    assert result.evidence is not None
    assert not {"host", "process", "metrics", "log"} & result.evidence.seen


@pytest.mark.needs_linux
def test_a_process_that_ends_is_an_event_and_not_the_end_of_the_run(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(2)"])

    async def idle() -> None:
        await sleep(0.2)

    began = time.monotonic()
    result = run(idle, vus=1, duration=4, watch=[f"pid:{other.pid}"])
    other.wait()
    assert result.evidence is not None
    assert result.exit_code == 0
    assert time.monotonic() - began < 8
    assert "exited" in [event.kind for event in result.evidence.events]
    assert result.evidence.signal("process.alive").stat("last") == 0


@pytest.mark.needs_linux
def test_looking_costs_little() -> None:
    """With a process, its host and a log, a look each second takes no more than 2 % of a core."""
    from sonagi.probes.asked import asked
    from sonagi.probes.lookout import Lookout

    lookout = Lookout(asked([f"pid:{os.getppid()}", "host"]), lambda: ())
    lookout.look()
    began = time.thread_time()
    for _ in range(20):
        lookout.look()
    assert (time.thread_time() - began) / 20 < 0.02
    for probe in lookout.probes:
        probe.close()
