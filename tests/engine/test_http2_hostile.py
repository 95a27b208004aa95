"""HTTP/2 servers that break the rules, or use them as a weapon: one clear error each, and no more memory or time than
an honest one gets."""

import asyncio
import resource
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from http2_hostile import HOSTILE, OK_HEAD, forever, goes_in_the_middle, resets_all, wait
from http2_server import (
    DATA,
    END_HEADERS,
    HEADERS,
    WINDOW_UPDATE,
    Frames,
    answering_all,
    at_most,
    frame,
    speaking,
    window,
)
from notes import heard
from wire import Behave, answering, get, play, server

from sonagi import Options, http

KNOWN = Options(http_version="2")
MOST_KIB = 100_000


@pytest.mark.parametrize("way", HOSTILE)
def test_a_server_that(way: str) -> None:
    behave, code, words = HOSTILE[way]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    async def ask() -> Any:
        first = await http.post(served.url, timeout=20)
        return first, await http.get(served.url, timeout=20)

    with server(speaking(behave)) as served:
        response, _ = get(served.url, options=KNOWN, timeout=20)
    assert response.status_code == 0
    assert response.error_code == code, response.error
    assert words in response.error
    # Whoever meets it once is served by an honest one next time.
    if code >= 1650:
        with server(speaking(behave), speaking(answering_all)) as served:
            [(first, second)], _ = play(ask, options=KNOWN)
        assert (first.error_code, second.status_code) == (code, 200)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KIB


def test_data_beyond_the_window_ends_the_connection() -> None:
    """The user does not take the body: its stream's window fills, and the server goes on all the same."""

    async def once() -> Any:
        async with http.stream("GET", served.url) as response:
            pieces = response.aiter_bytes()
            first = await anext(aiter(pieces))
            # The server is cut short by the client's end of the connection.
            assert gone.wait(20)
            with pytest.raises(http.RequestError, match=r"FLOW_CONTROL_ERROR.*16[35]4"):
                async for _ in pieces:
                    pass
        return first[:1]

    gone = threading.Event()
    endless = forever(frame(DATA, 0, 1, b"x" * 16_000), first=frame(HEADERS, END_HEADERS, 1, OK_HEAD))

    def behave(frames: Frames) -> None:
        try:
            endless(frames)
        finally:
            gone.set()

    with server(speaking(behave)) as served:
        returned, result = play(once, options=KNOWN)
    assert returned == [b"x"]
    assert result.share("http_req_failed") == 1


def test_a_window_that_never_opens_ends_with_the_timeout() -> None:
    def behave(frames: Frames) -> None:
        frames.answer(next(frames.requests()))
        wait(frames)

    async def ask() -> Any:
        await http.get(served.url)
        return await http.post(served.url, content=b"x" * 100_000, timeout=0.3)

    with server(speaking(behave, settings=window(0))) as served:
        [response], _ = play(ask, options=KNOWN)
    assert (response.error_code, response.error) == (1050, "request timeout")
    assert response.timings.sending > 200


def open_connections(port: int) -> int:
    """Of clients of this machine, as the system sees them."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    established = "01"
    return sum(line.split()[2].endswith(f":{port:04X}") and line.split()[3] == established for line in lines)


def left_open(port: int) -> int:
    """What is still open after five seconds, if anything is."""
    until = time.monotonic() + 5
    while open_connections(port) and time.monotonic() < until:
        time.sleep(0.05)
    return open_connections(port)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_connection_that_nobody_needs_is_closed_although_its_peer_does_not_read() -> None:
    over = threading.Event()

    def behave(frames: Frames) -> None:
        frames.raw(WINDOW_UPDATE, 0, 0, struct.pack(">I", 2**31 - 1 - 65_535))
        over.wait(20)

    async def ask() -> Any:
        task = asyncio.create_task(http.post(served.url, content=b"x" * 30_000_000, timeout=0.5))
        await asyncio.sleep(0.3)
        before = open_connections(served.port)
        code = (await task).error_code
        return code, before, await asyncio.to_thread(left_open, served.port)

    options = Options(http_version="2", no_connection_reuse=True)
    with server(speaking(behave, settings=window(2**31 - 1))) as served:
        [returned], _ = play(ask, options=options)
        over.set()
    assert returned == (1050, 1, 0)


@pytest.mark.parametrize(
    "answer", ["HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"]
)
def test_a_server_of_http_1_is_named_as_such(answer: str) -> None:
    with server(answering(answer)) as served:
        response, _ = get(served.url, options=KNOWN)
    assert response.error_code == 1652
    assert "it does not speak HTTP/2 here" in response.error


def test_farewells_after_each_request_cost_a_connection_each_and_nothing_else() -> None:
    def behave(frames: Frames) -> None:
        asked = next(frames.requests())
        frames.goaway(asked.stream)
        frames.answer(asked)
        wait(frames)

    with server(speaking(behave)) as served:
        responses, result = play(lambda: http.post(served.url), options=KNOWN, iterations=20)
    assert {response.status_code for response in responses} == {200}
    assert served.connections == 20 and result.count("http_reqs_retried") == 0


def test_farewells_before_anything_is_looked_at_end_some_time() -> None:
    def behave(frames: Frames) -> None:
        next(frames.requests())
        frames.goaway(0)
        wait(frames)

    with server(speaking(behave)) as served:
        response, result = get(served.url, options=KNOWN)
    assert (response.error_code, served.connections) == (1611, 7)
    assert result.count("http_reqs_retried") == 6 and result.count("http_reqs") == 1


def kinds(behave: Behave) -> list[tuple[str, int, str]]:
    with heard() as notes, server(behave) as served:
        play(lambda: http.post(served.url, timeout=1), options=KNOWN)
    return [(note["kind"], note["code"], note["method"]) for note in notes.of("failures")]


def takes_one_at_a_time(frames: Frames) -> None:
    frames.answer(next(frames.requests()))
    wait(frames)


def test_a_request_that_waits_for_room_in_vain_has_run_out_of_time_and_not_of_connections() -> None:
    async def ask() -> Any:
        return await asyncio.gather(*(http.get(served.url, timeout=0.5) for _ in range(3)))

    with heard() as notes, server(speaking(takes_one_at_a_time, settings=at_most(1))) as served:
        [responses], _ = play(ask, options=KNOWN)
    assert sorted(response.error_code for response in responses) == [0, 1050, 1050]
    assert {note["kind"] for note in notes.of("failures")} == {"timeout"}


def test_failures_are_told_by_their_kind() -> None:
    assert kinds(speaking(resets_all)) == [("reset", 1633, "POST")]
    assert kinds(speaking(goes_in_the_middle)) == [("cut_off", 1000, "POST")]
    assert kinds(speaking(wait)) == [("timeout", 1050, "POST")]
    assert kinds(speaking(HOSTILE["sends a frame that is too large"][0])) == [("protocol", 1657, "POST")]
    assert kinds(speaking(HOSTILE["says farewell with an error"][0])) == [("reset", 1622, "POST")]
