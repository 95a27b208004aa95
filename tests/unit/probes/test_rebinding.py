"""A server that opens its port anew is still the same server."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from sonagi.probes.asked import Asked
from sonagi.probes.probe import Seen
from sonagi.probes.process import Process

SERVER = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
print(port, flush=True)
while input():
    listener.close()
    listener = socket.create_server(("127.0.0.1", port))
    print("again", flush=True)
"""


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def test_a_port_that_is_opened_anew_is_no_restart_and_nobody_else_s(
    server: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = server
    assert process.stdin is not None and process.stdout is not None
    probe = Process(Asked("port", str(port)))
    seen = Seen(time.monotonic(), time.time())
    probe.look(seen)
    assert probe.found is not None and probe.found.pid == process.pid
    before = probe.found.sockets
    process.stdin.write("anew\n")
    process.stdin.flush()
    process.stdout.readline()
    for second in (1, 2):
        probe.look(seen := Seen(seen.at + second, time.time()))
        assert (seen.unseen, seen.events, seen.signals["process.restarts"]) == ([], [], 0.0)
    assert probe.found.pid == process.pid
    assert probe.found.sockets and probe.found.sockets != before
    assert seen.signals["process.listening"] == 1.0
    probe.close()
