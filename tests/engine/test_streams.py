"""Bodies that come piece by piece, and Server-Sent Events."""

import os
import resource
import time
from typing import Any

import pytest
from wire import Peer, answering, forever, play, server

from sonagi import http

CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def in_chunks(*pieces: bytes, end: bool = True) -> bytes:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return CHUNKED.encode() + chunks + (b"0\r\n\r\n" if end else b"")


def test_pieces_come_as_they_are_sent_and_the_request_is_one_request() -> None:
    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(in_chunks(b"one", end=False))
        time.sleep(0.05)
        peer.send(b"3\r\ntwo\r\n0\r\n\r\n")

    async def once() -> Any:
        async with http.stream("GET", served.url, name="feed") as response:
            return response.status_code, [piece async for piece in response.aiter_bytes()]

    with server(behave) as served:
        [returned], result = play(once)
    assert returned == (200, [b"one", b"two"])
    assert result.count("http_reqs", name="feed", status="200") == 1
    assert 0.04 < result.p(50, "http_req_receiving") < 1
    assert b"Accept-Encoding: identity" in served.requests[0]


def test_after_a_whole_body_the_connection_is_used_again() -> None:
    async def once() -> Any:
        bodies = []
        for _ in range(3):
            async with http.stream("GET", served.url) as response:
                bodies.append(await response.aread())
        return bodies

    with server(forever(in_chunks(b"ab", b"cd"))) as served:
        assert play(once)[0] == [[b"abcd"] * 3]
    assert served.connections == 1


def test_two_gigabytes_pass_through_a_few_megabytes() -> None:
    size, piece = 2_000_000_000, os.urandom(1_000_000)

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")
        for _ in range(size // len(piece)):
            peer.send(piece)

    async def once() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        length = 0
        async with http.stream("GET", served.url, timeout=5) as response:
            async for part in response.aiter_bytes():
                length += len(part)
        assert length == size
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    with server(behave) as served:
        [grown], result = play(once)
    assert grown < 30_000  # KiB
    assert result.count("data_received") > size


def test_a_block_that_is_left_early_ends_the_exchange_without_a_failure() -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(CHUNKED)
        while True:
            peer.send("3\r\nabc\r\n")

    async def once() -> Any:
        async with http.stream("GET", served.url) as response:
            async for piece in response.aiter_bytes():
                return piece[:3]
        return b""

    with server(endless) as served:
        [returned], result = play(once)
    assert returned == b"abc"
    assert result.count("http_reqs", status="200") == 1
    assert result.share("http_req_failed") == 0


def test_a_body_that_breaks_off_raises_where_it_is_read_and_counts_as_failed() -> None:
    async def once() -> Any:
        async with http.stream("GET", served.url) as response:
            with pytest.raises(http.RequestError, match="unexpected EOF"):
                await response.aread()
            return response.status_code

    with server(answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")) as served:
        [status], result = play(once)
    assert status == 200
    assert result.share("http_req_failed") == 1


def test_a_request_that_got_no_answer_is_a_response_with_its_error_and_no_body() -> None:
    async def once() -> Any:
        async with http.stream("GET", "http://127.0.0.1:9/") as response:
            return response.status_code, response.error, await response.aread()

    assert play(once)[0] == [(0, "dial: connection refused", b"")]


def test_a_redirect_is_followed_to_the_body_that_is_wanted() -> None:
    async def once() -> Any:
        async with http.stream("GET", served.url) as response:
            assert len(response.history) == 1
            return await response.aread()

    moved = "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
    with server(answering(moved, in_chunks(b"here"))) as served:
        assert play(once)[0] == [b"here"]


def test_a_redirect_that_may_not_be_followed_has_no_body_to_wait_for() -> None:
    async def once() -> Any:
        async with http.stream("GET", served.url, follow_redirects=False) as response:
            return response.status_code, await response.aread()

    moved = "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
    with server(answering(moved)) as served:
        assert play(once)[0] == [(302, b"")]


def test_a_server_that_sends_no_head_in_time_is_a_timeout() -> None:
    async def once() -> Any:
        async with http.stream("GET", served.url, timeout=0.1) as response:
            return response.error

    with server(lambda peer: time.sleep(0.5)) as served:
        assert play(once)[0] == ["request timeout"]


def test_lines_end_as_they_may_wherever_they_are_cut() -> None:
    text = "eins\r\nzwei\n\n드라이\rvier".encode()
    for size in (1, 2, 3, len(text)):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]

        async def once() -> Any:
            async with http.stream("GET", served.url) as response:
                return [line async for line in response.aiter_lines()]

        with server(answering(in_chunks(*pieces))) as served:
            assert play(once)[0] == [["eins", "zwei", "", "드라이", "vier"]]


def test_events_are_read_as_the_standard_says_and_counted() -> None:
    stream = (
        ": a comment\n\n"
        "data: plain\n\n"
        'event: seat\ndata: {"id":\ndata: 7}\nid: 41\nretry: 250\n\n'
        "event: nothing\n\n"
        "data\nid\n\n"
        "data: cut off"
    )

    async def once() -> Any:
        async with http.stream("GET", served.url) as response:
            return [event async for event in response.aiter_sse()]

    with server(answering(in_chunks(*[bytes([byte]) for byte in stream.encode()]))) as served:
        [events], result = play(once)
    assert [(event.event, event.data, event.id, event.retry) for event in events] == [
        ("message", "plain", "", None),
        ("seat", '{"id":\n7}', "41", 250),
        ("message", "", "", None),
    ]
    assert events[1].json() == {"id": 7}
    assert result.count("sse_events") == 3


def test_content_before_the_body_is_there_says_what_to_write() -> None:
    async def once() -> Any:
        async with http.stream("GET", served.url) as response:
            with pytest.raises(AttributeError, match=r"await response.aread\(\)"):
                _ = response.content

    with server(answering(in_chunks(b"x"))) as served:
        play(once)
