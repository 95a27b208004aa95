"""What goes over one stream of HTTP/2: bodies and what is behind them, and how a stream ends alone."""

import asyncio
import gzip
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from h2.events import DataReceived, StreamEnded
from http2_server import (
    CANCEL,
    REFUSED_STREAM,
    Frames,
    Heard,
    speaking,
    window,
)
from wire import get, play, server

from sonagi import Options, http

KNOWN = Options(http_version="2")
"""HTTP/2 without TLS."""


def test_bodies_of_many_windows_go_both_ways(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(range(256)) * 20_000)
    big = (tmp_path / "big").read_bytes()
    heard = Heard()

    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            frames.answer(asked, asked.body)

    async def ask() -> Any:
        # Now the server's settings are known; until then RFC 9113 gives 65,535 bytes of room.
        await http.get(served.url)
        whole = http.post(served.url, content=big)
        with (tmp_path / "big").open("rb") as file:
            parts = http.put(served.url, files={"upload": file})
            responses = await asyncio.gather(whole, parts)
        return [response.content for response in responses]

    with server(speaking(behave, heard, window(10_000))) as served:
        [[whole, parts]], result = play(ask, options=KNOWN)
    assert whole == big and big in parts
    assert result.count("data_sent") > 2 * len(big) and result.count("data_received") > 2 * len(big)


def test_a_server_may_answer_while_it_still_reads() -> None:
    """Each piece that it reads it sends back at once, and takes no more before that is read."""

    def behave(frames: Frames) -> None:
        frames.answer(next(frames.requests()))
        begun = False
        for event in frames.events():
            if isinstance(event, DataReceived):
                if not begun:
                    frames.head(event.stream_id)
                    begun = True
                frames.body(event.stream_id, event.data, end=False)
                frames.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if event.stream_ended:
                    frames.body(event.stream_id, b"")

    body = b"x" * 300_000

    async def ask() -> Any:
        await http.get(served.url)
        return (await http.post(served.url, content=body)).content

    with server(speaking(behave, settings=window(1000))) as served:
        assert play(ask, options=KNOWN)[0] == [body]


def test_trailers_are_read_of_whole_and_of_streamed_bodies() -> None:
    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            frames.answer(asked, b"body", trailers={"grpc-status": "0", "x-sum": "a"})

    async def ask() -> Any:
        whole = await http.get(served.url)
        async with http.stream("GET", served.url) as streamed:
            before = dict(streamed.trailers)
            body = await streamed.aread()
        return whole, before, body, streamed.trailers

    with server(speaking(behave)) as served:
        [(whole, before, body, trailers)], result = play(ask, options=KNOWN)
    assert (whole.text, whole.trailers["Grpc-Status"], whole.trailers["x-sum"]) == ("body", "0", "a")
    assert (before, body, trailers["grpc-status"]) == ({}, b"body", "0")
    assert result.count("http_reqs", proto="HTTP/2.0") == 2


def test_events_come_one_by_one_and_a_stream_that_is_left_leaves_its_connection() -> None:
    heard, left = Heard(), threading.Event()

    def behave(frames: Frames) -> None:
        for event in frames.events():
            if isinstance(event, StreamEnded):
                frames.head(event.stream_id, 200, ("content-type", "text/event-stream"))
                frames.body(event.stream_id, b"data: one\n\n", end=False)
                frames.body(event.stream_id, b"data: two\n\n", end=False)
            if heard.resets:
                left.set()

    async def ask() -> Any:
        events = []
        for _ in range(2):
            async with http.stream("GET", served.url) as response:
                async for event in response.aiter_sse():
                    events.append(event.data)
                    if event.data == "two":
                        break
            await asyncio.to_thread(left.wait, 2)
        return events

    with server(speaking(behave, heard)) as served:
        [events], result = play(ask, options=KNOWN)
    assert events == ["one", "two"] * 2
    assert served.connections == 1 and heard.resets[0] == (1, CANCEL)
    assert result.share("http_req_failed") == 0


def test_cookies_redirects_and_packed_bodies_are_as_in_http_1() -> None:
    heard = Heard()

    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            if asked[":path"] == "/":
                frames.answer(asked, b"", 302, ("location", "/there"), ("set-cookie", "who=kim"))
            else:
                frames.answer(asked, gzip.compress(b"plain"), 200, ("content-encoding", "gzip"))

    with server(speaking(behave, heard)) as served:
        response, result = get(served.url, options=KNOWN)
    assert (response.text, response.url, len(response.history)) == ("plain", f"{served.url}there", 1)
    assert response.history[0].http_version == "HTTP/2" and response.history[0].cookies == {"who": "kim"}
    assert heard.asked[1]["cookie"] == "who=kim"
    assert result.count("http_reqs", status="302", proto="HTTP/2.0") == 1
    assert served.connections == 1


def test_heads_before_the_head_are_passed_over_and_some_answers_have_no_body() -> None:
    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            frames.head(asked.stream, 103, ("link", "</style.css>"))
            frames.head(asked.stream, 200, ("content-length", "1234"), end=True)

    with server(speaking(behave)) as served:
        [response], _ = play(lambda: http.head(served.url), options=KNOWN)
    assert (response.status_code, response.headers["content-length"], response.content) == (200, "1234", b"")


def slow_once(heard: Heard) -> Callable[[Frames], None]:
    """Leaves the first request without an answer."""

    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            if asked.stream > 1:
                frames.answer(asked)

    return behave


def test_a_timeout_cuts_off_its_stream_and_not_the_connection() -> None:
    heard = Heard()

    async def ask() -> Any:
        return [await http.get(served.url, timeout=0.1), await http.get(served.url)]

    with server(speaking(slow_once(heard), heard)) as served:
        [(late, fine)], _ = play(ask, options=KNOWN)
    assert (late.error_code, late.error, fine.status_code) == (1050, "request timeout", 200)
    assert served.connections == 1 and heard.resets == [(1, CANCEL)]


def test_a_request_that_nobody_waits_for_any_more_is_cut_off_and_counted_apart() -> None:
    heard = Heard()

    async def ask() -> Any:
        try:
            async with asyncio.timeout(0.1):
                await http.get(served.url)
        except TimeoutError:
            return (await http.get(served.url)).status_code

    with server(speaking(slow_once(heard), heard)) as served:
        returned, result = play(ask, options=KNOWN)
    assert returned == [200] and served.connections == 1 and heard.resets == [(1, CANCEL)]
    assert result.count("http_reqs_interrupted") == 1 and result.count("http_reqs") == 1


def test_many_that_were_cut_off_and_are_answered_late_disturb_nobody() -> None:
    def behave(frames: Frames) -> None:
        late = []
        for asked in frames.requests():
            if asked[":path"] == "/last":
                for other in late:
                    # The client has cut it off: h2 would not send this.
                    frames.raw(0, 0x1, other.stream, b"late")
                frames.answer(asked)
            late.append(asked)

    async def ask() -> Any:
        await asyncio.gather(*(http.get(served.url, timeout=0.2) for _ in range(150)))
        return await http.get(f"{served.url}last")

    with server(speaking(behave)) as served:
        [response], result = play(ask, options=KNOWN)
    assert response.status_code == 200 and served.connections == 1
    assert result.count("http_reqs", error_code="1050") == 150


def test_a_body_over_the_limit_fails_and_its_stream_is_cut_off() -> None:
    heard = Heard()

    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            frames.answer(asked, b"x" * (200_000 if asked.stream == 1 else 10))

    async def ask() -> Any:
        return [await http.get(served.url), await http.get(served.url)]

    options = Options(http_version="2", max_body_bytes=1000)
    with server(speaking(behave, heard)) as served:
        [(long, short)], _ = play(ask, options=options)
    assert "longer than the limit of 1000 bytes" in long.error
    assert short.status_code == 200 and served.connections == 1


def test_bytes_of_a_body_that_is_left_early_are_counted() -> None:
    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            frames.head(asked.stream)
            frames.body(asked.stream, b"x" * 901_120, end=False)

    async def ask() -> Any:
        taken = 0
        async with http.stream("GET", served.url) as response:
            async for piece in response.aiter_bytes():
                taken += len(piece)
                if taken == 901_120:
                    break

    with server(speaking(behave)) as served:
        _, result = play(ask, options=KNOWN)
    # Nine bytes of each frame of 16 KiB are its head.
    assert 901_120 + 55 * 9 <= result.count("data_received") < 910_000


def beside_a_download(refusals: int) -> Callable[[Frames], None]:
    """The first answer ends when another request is answered; as many as that are refused before."""

    def behave(frames: Frames) -> None:
        for number, asked in enumerate(frames.requests()):
            if number == 0:
                frames.head(asked.stream)
                frames.body(asked.stream, b"x" * 60_000, end=False)
            elif number <= refusals:
                frames.reset(asked.stream, REFUSED_STREAM)
            elif asked[":path"] == "/last":
                frames.body(1, b"x")
                frames.answer(asked)

    return behave


async def take_beside(url: str, neighbour: Callable[[], Any]) -> None:
    """Do something else once 60,000 bytes of a body have come, and then take the last."""
    async with http.stream("GET", url) as response:
        pieces, taken = aiter(response.aiter_bytes()), 0
        while taken < 60_000:
            taken += len(await anext(pieces))
        await neighbour()
        assert b"".join([piece async for piece in pieces]) == b"x"


def test_bytes_of_others_stay_theirs_when_one_is_refused_and_tried_again() -> None:
    with server(speaking(beside_a_download(1))) as served:
        _, result = play(
            lambda: take_beside(served.url, lambda: http.get(f"{served.url}last")), options=KNOWN
        )
    assert result.count("http_reqs_retried") == 1 and result.count("http_reqs") == 2
    assert 60_001 < result.count("data_received") < 61_000


def test_bytes_of_others_stay_theirs_when_nobody_waits_for_one_any_more() -> None:
    async def neighbour() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(http.get(served.url), 0.1)
        await http.get(f"{served.url}last")

    with server(speaking(beside_a_download(0))) as served:
        _, result = play(lambda: take_beside(served.url, neighbour), options=KNOWN)
    assert result.count("http_reqs_interrupted") == 1 and result.count("http_reqs") == 2
    assert 60_001 < result.count("data_received") < 61_000


def test_data_frames_that_bring_nothing_wear_a_connection_out_and_no_request_fails() -> None:
    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            frames.head(asked.stream)
            frames.body(asked.stream, b"", end=False)
            frames.body(asked.stream, b"ok")

    async def ask() -> Any:
        return [(await http.get(served.url)).status_code for _ in range(220)]

    with server(speaking(behave)) as served:
        [statuses], result = play(ask, options=KNOWN)
    assert set(statuses) == {200} and result.count("http_reqs_retried") == 0
    assert served.connections == 5
