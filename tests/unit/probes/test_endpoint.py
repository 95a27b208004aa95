"""A metrics endpoint is asked for real: with its login, and whatever it answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sonagi.probes.endpoint import Endpoint, NoMetrics, answers, fetch
from sonagi.probes.lookout import Lookout
from sonagi.probes.probe import Seen

METRICS = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 30\r\n\r\nhikaricp_connections_active 3\n"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>hi</html>"
REDIS = b"-ERR unknown command 'GET'\r\n"
CUT = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\nhikaricp_conn"
NOTHING = b""


@contextmanager
def server(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Answers each connection with these bytes and closes it; gives its port and what it was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.parametrize("answer", [REDIS, CUT, NOTHING])
def test_what_speaks_no_http_is_no_answer(answer: bytes) -> None:
    with server(answer) as (port, _):
        with pytest.raises(OSError):
            fetch(f"http://127.0.0.1:{port}/metrics")
        assert answers(f"http://127.0.0.1:{port}/metrics") is None


def test_a_page_is_no_metrics() -> None:
    with server(HTML) as (port, _), pytest.raises(NoMetrics) as why:
        fetch(f"http://127.0.0.1:{port}/metrics")
    assert why.value.note.startswith("unseen.metrics_strange")


def test_user_and_password_are_sent_and_shown_nowhere() -> None:
    with server(METRICS) as (port, asked):
        url = f"http://admin:s3cr%40t@127.0.0.1:{port}/metrics"
        assert "hikaricp" in fetch(url)
        assert b"Authorization: Basic YWRtaW46czNjckB0\r\n" in asked[0]
        assert b"s3cr" not in asked[0]
    probe = Endpoint(url)
    probe.look(seen := Seen(1.0, 1.0))
    probe.close()
    assert seen.unseen and "s3cr" not in repr((probe.name, seen.unseen))


def test_a_look_for_more_that_fails_ends_no_watching() -> None:
    """Whatever is found on a machine: what is watched until then is watched on, and it is said."""
    from sonagi.probes.asked import Asked

    sights = []
    lookout = Lookout([Asked("auto"), Asked("host")], lambda: (), interval=0.05)
    assert lookout.discovery is not None
    lookout.discovery.look = lambda: (_ for _ in ()).throw(ValueError("token=abc"))  # type: ignore[method-assign]
    heard = threading.Event()
    lookout.start(lambda sight: (sights.append(sight), len(sights) > 2 and heard.set()))  # type: ignore[arg-type, return-value]
    assert heard.wait(10)
    lookout.stop()
    told = {note for sight in sights for note in sight.unseen}
    assert "unseen.probe_failed|name=auto|reason=ValueError" in told
    assert "abc" not in repr(told)
    assert any("host.cores" in sight.signals for sight in sights)
