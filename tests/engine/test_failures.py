"""How exchanges fail, told each second: the kind, the reason, and the connection's age and idle time."""

import asyncio
import os
import resource
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from notes import heard
from wire import OK, Behave, Peer, answering, forever, play, server

from sonagi import Options, http, websocket
from sonagi._core import hit, now_ns

HALF = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it"


def unanswered(peer: Peer) -> None:
    """Read the request, and then wait until the client is gone."""
    peer.request()
    peer.request()


def half_and_wait(peer: Peer) -> None:
    peer.request()
    peer.send(HALF)
    peer.request()


def half_and_reset(peer: Peer) -> None:
    peer.request()
    peer.send(HALF)
    peer.reset()


def reset(peer: Peer) -> None:
    peer.request()
    peer.reset()


def failures(
    ask: Callable[[], Awaitable[Any]], *, iterations: int = 1, **options: Any
) -> list[dict[str, Any]]:
    """What is noted while one user asks."""
    with heard() as notes:
        play(ask, iterations=iterations, options=Options(**options))
    return notes.of("failures")


@pytest.mark.parametrize(
    ("behave", "kind", "code"),
    [
        (unanswered, "timeout", 1050),
        (half_and_wait, "cut_off", 1050),
        (answering(HALF), "cut_off", 1000),
        (half_and_reset, "cut_off", 1220),
        (answering(""), "reset", 1000),
        (reset, "reset", 1220),
        (answering("SMTP ready\r\n\r\n"), "protocol", 1000),
        (
            answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nzip"),
            "protocol",
            1701,
        ),
        (answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), "status", 1503),
    ],
)
def test_each_way_of_a_server_to_fail_has_its_kind(behave: Behave, kind: str, code: int) -> None:
    with server(behave) as served:
        [failed] = failures(lambda: http.get(served.url, name="shop", timeout=0.3))
    assert (failed["kind"], failed["code"], failed["count"]) == (kind, code, 1)
    assert (failed["method"], failed["name"]) == ("GET", "shop")
    assert failed["status"] == (503 if kind == "status" else 0)
    assert failed["reused"] == 0
    assert failed["idle_ms"] == []
    [age], [duration] = failed["age_ms"], failed["duration_ms"]
    assert age >= duration > (290 if code == 1050 else 0)


def test_a_refused_connection_never_had_an_age() -> None:
    with server() as served:
        pass
    [failed] = failures(lambda: http.get(served.url), iterations=3)
    assert (failed["kind"], failed["code"], failed["count"]) == ("refused", 1212, 3)
    assert (failed["age_ms"], failed["idle_ms"], len(failed["duration_ms"])) == ([], [], 3)
    assert os.strerror(failed["errno"]) == "Connection refused"


def test_a_name_that_does_not_exist_is_dns() -> None:
    [failed] = failures(lambda: http.get("http://name.invalid/"))
    assert (failed["kind"], failed["code"]) == ("dns", 1101)
    assert "name.invalid" in failed["text"]


def test_a_server_without_tls_is_tls() -> None:
    with server(lambda peer: peer.send("SMTP ready\r\n")) as served:
        [failed] = failures(lambda: http.get(f"https://127.0.0.1:{served.port}/"))
    assert failed["kind"] == "tls"


@pytest.mark.skipif(sys.platform != "linux", reason="others take more connections than their backlog says")
def test_a_server_that_takes_no_connection_is_a_connect_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        filler = [socket.socket() for _ in range(4)]
        for one in filler:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        [failed] = failures(lambda: http.get(url), connect_timeout=0.3)
        for one in filler:
            one.close()
    assert (failed["kind"], failed["code"], failed["age_ms"]) == ("connect_timeout", 1211, [])
    assert failed["duration_ms"][0] > 290


def test_no_descriptor_left_is_the_generators_own_failure() -> None:
    async def ask() -> None:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, limits[1]))
        try:
            await http.get(served.url)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    with server(forever(OK)) as served:
        [failed] = failures(ask)
    assert failed["kind"] == "local"
    assert os.strerror(failed["errno"]) == "Too many open files"


def test_a_kept_connection_that_ends_under_a_post_tells_how_long_it_was_idle() -> None:
    def closes_on_the_second(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.request()

    async def ask() -> None:
        await http.post(served.url)
        await asyncio.sleep(0.3)
        await http.post(served.url)

    with server(closes_on_the_second) as served:
        [failed] = failures(ask)
    assert (failed["kind"], failed["method"], failed["count"], failed["reused"]) == ("reset", "POST", 1, 1)
    [idle], [age] = failed["idle_ms"], failed["age_ms"]
    assert 290 < idle < age < 2000


def test_a_server_that_closes_idle_connections_makes_no_failure_where_that_is_seen_in_time() -> None:
    def closes_when_idle(peer: Peer) -> None:
        peer.sock.settimeout(0.1)
        while peer.request():
            peer.send(OK)

    async def ask() -> None:
        await http.post(served.url)
        await asyncio.sleep(0.3)
        await http.post(served.url)

    with server(closes_when_idle) as served, heard() as notes:
        play(ask)
    assert notes.of("failures") == []
    assert (notes.total("connections", "opened"), notes.total("connections", "reused")) == (2, 0)


def test_the_tool_without_a_script_tells_failures_as_well() -> None:
    with server(answering("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), reset) as served:
        told = failures(lambda: hit(http.get(served.url), 1, now_ns() + 10_000_000_000, 3))
    assert {failed["kind"]: failed["count"] for failed in told} == {"status": 1, "reset": 2}


def test_a_body_that_is_cut_off_while_it_is_streamed() -> None:
    async def ask() -> None:
        async with http.stream("GET", served.url) as response:
            with pytest.raises(http.RequestError):
                await response.aread()

    with server(answering(HALF)) as served:
        [failed] = failures(ask)
    assert (failed["kind"], failed["count"]) == ("cut_off", 1)


@pytest.mark.parametrize(
    ("behave", "kind", "status"),
    [
        (answering("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "status", 403),
        (answering(OK), "protocol", 200),
        (reset, "reset", 0),
    ],
)
def test_a_websocket_that_does_not_open(behave: Behave, kind: str, status: int) -> None:
    async def ask() -> None:
        with pytest.raises(websocket.Error):
            async with websocket.connect(f"ws://127.0.0.1:{served.port}/"):
                pass

    with server(behave) as served:
        [failed] = failures(ask)
    assert (failed["kind"], failed["status"], failed["count"]) == (kind, status, 1)


def test_a_request_that_could_not_be_made_is_told_too() -> None:
    [failed] = failures(lambda: http.get("no-scheme/x"))
    assert (failed["kind"], failed["code"], failed["duration_ms"]) == ("other", 1020, [0.0])
