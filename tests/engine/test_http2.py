"""HTTP/2: agreed on in TLS' handshake or known before, many requests on one connection, and what follows when that
ends."""

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from http2_server import (
    INTERNAL_ERROR,
    REFUSED_STREAM,
    Frames,
    Heard,
    answering_all,
    at_most,
    speaking,
    wrapping,
)
from wire import OK, answering, forever, get, play, server

import sonagi
from sonagi import ConstantArrivalRate, Options, http

KNOWN = Options(http_version="2")
"""HTTP/2 without TLS."""
CLOSING = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def certificate() -> trustme.LeafCert:
    return trustme.CA().issue_cert("localhost")


def test_over_tls_the_server_chooses_and_http_2_is_told(certificate: trustme.LeafCert) -> None:
    heard = Heard()
    with server(speaking(answering_all, heard), wrap=wrapping(certificate, "h2", "http/1.1")) as served:
        url = f"https://localhost:{served.port}/shop?a=1"
        options = Options(insecure_skip_tls_verify=True)
        response, result = get(url, headers={"X-Mine": "1"}, cookies={"c": "2"}, options=options)
    assert (response.status_code, response.text, response.http_version) == (200, "ok", "HTTP/2")
    assert result.count("http_reqs", proto="HTTP/2.0") == 1
    [asked] = heard.asked
    assert asked[":method"] == "GET" and asked[":scheme"] == "https" and asked[":path"] == "/shop?a=1"
    assert asked[":authority"] == f"localhost:{served.port}"
    assert asked["x-mine"] == "1" and asked["cookie"] == "c=2"
    assert {"host", "connection"}.isdisjoint(dict(asked.head))
    timings = response.timings
    assert timings.blocked > timings.tls_handshaking > 0
    assert timings.duration == pytest.approx(timings.sending + timings.waiting + timings.receiving)


@pytest.mark.parametrize(
    ("protocols", "version"), [(["http/1.1"], "auto"), (["h2", "http/1.1"], "1.1"), ([], "auto")]
)
def test_a_server_that_prefers_http_1_gets_it(
    certificate: trustme.LeafCert, protocols: list[str], version: Any
) -> None:
    async def ask() -> Any:
        return await asyncio.gather(*(http.get(f"https://localhost:{served.port}/") for _ in range(3)))

    options = Options(insecure_skip_tls_verify=True, http_version=version)
    with server(forever(OK), wrap=wrapping(certificate, *protocols)) as served:
        returned, _ = play(ask, options=options, iterations=2)
    assert {response.http_version for responses in returned for response in responses} == {"HTTP/1.1"}
    assert {response.status_code for responses in returned for response in responses} == {200}
    assert served.connections == 3


def test_one_server_of_http_1_among_others_does_not_keep_a_user_from_sharing(
    certificate: trustme.LeafCert,
) -> None:
    first, others = wrapping(certificate, "http/1.1"), wrapping(certificate, "h2")
    accepted = itertools.count()

    def wrap(sock: socket.socket) -> socket.socket:
        return first(sock) if next(accepted) == 0 else others(sock)

    async def ask() -> Any:
        return [await http.get(f"https://localhost:{served.port}/") for _ in range(6)]

    options = Options(insecure_skip_tls_verify=True)
    with server(answering(CLOSING), speaking(answering_all), wrap=wrap) as served:
        [responses], _ = play(ask, options=options)
    assert [response.http_version for response in responses] == ["HTTP/1.1"] + ["HTTP/2"] * 5
    assert served.connections == 2


def test_who_asks_for_http_2_only_is_told_when_there_is_none(certificate: trustme.LeafCert) -> None:
    options = Options(insecure_skip_tls_verify=True, http_version="2")
    with server(forever(OK), wrap=wrapping(certificate)) as served:
        response, _ = get(f"https://localhost:{served.port}/", options=options)
    assert response.error_code == 1300
    assert "did not settle on HTTP/2 (ALPN)" in response.error


def test_many_at_a_time_share_one_connection_even_before_there_is_one() -> None:
    heard = Heard()

    async def ask() -> Any:
        return await asyncio.gather(*(http.get(f"{served.url}{number}") for number in range(20)))

    def behave(frames: Frames) -> None:
        waiting = []
        for asked in frames.requests():
            waiting.append(asked)
            if len(waiting) == 20:
                # The last comes first: nobody waits for another's answer.
                for other in reversed(waiting):
                    frames.answer(other, other[":path"].encode())

    with server(speaking(behave, heard)) as served:
        [responses], result = play(ask, options=KNOWN)
    assert [response.text for response in responses] == [f"/{number}" for number in range(20)]
    assert served.connections == 1 and heard.most == 20
    assert result.count("http_reqs", proto="HTTP/2.0") == 20


def test_no_more_streams_than_the_server_takes_and_the_wait_for_room_is_blocked() -> None:
    heard, release = Heard(), threading.Event()

    def behave(frames: Frames) -> None:
        for number, asked in enumerate(frames.requests()):
            if number == 0:
                frames.answer(asked)
                continue
            if not release.is_set() and len(frames.open) == 2:
                release.wait(0.1)
                release.set()
            if release.is_set():
                for other in list(frames.open.values()):
                    frames.answer(other)

    async def ask() -> Any:
        # Now the server's settings are known.
        await http.get(served.url)
        return await asyncio.gather(*(http.get(served.url) for _ in range(6)))

    with server(speaking(behave, heard, at_most(2))) as served:
        [responses], _ = play(ask, options=KNOWN)
    assert [response.status_code for response in responses] == [200] * 6
    assert heard.most == 2
    blocked = sorted(response.timings.blocked for response in responses)
    assert blocked[1] < 100 <= blocked[2]


def test_what_the_server_refused_is_asked_once_more_whatever_the_method() -> None:
    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            if asked.stream == 1:
                frames.reset(asked.stream, REFUSED_STREAM)
            else:
                frames.answer(asked)

    with server(speaking(behave)) as served:
        [response], result = play(lambda: http.post(served.url, content="a"), options=KNOWN)
    assert response.status_code == 200 and served.connections == 1
    assert result.count("http_reqs_retried") == 1 and result.count("http_reqs") == 1


def test_what_the_server_never_looked_at_is_asked_once_more_whatever_the_method() -> None:
    def answer_one(frames: Frames) -> None:
        for asked in frames.requests():
            if asked.stream == 1:
                frames.answer(asked)
            else:
                frames.goaway(1)

    async def ask() -> Any:
        return [await http.post(served.url, content="a"), await http.post(served.url, content="b")]

    with server(speaking(answer_one), speaking(answering_all)) as served:
        [responses], result = play(ask, options=KNOWN)
    assert [response.status_code for response in responses] == [200, 200]
    assert result.count("http_reqs_retried") == 1 and result.count("http_reqs") == 2
    assert served.connections == 2


def test_a_connection_that_ends_under_a_request_is_tried_again_where_that_is_safe() -> None:
    """As in HTTP/1.1: nobody can know whether the server has begun."""

    def answer_one(frames: Frames) -> None:
        for asked in frames.requests():
            if asked.stream > 1:
                return
            frames.answer(asked)

    def twice(method: str) -> Callable[[], Any]:
        async def ask() -> Any:
            return [await http.request(method, served.url), await http.request(method, served.url)]

        return ask

    with server(speaking(answer_one), speaking(answering_all)) as served:
        [responses], result = play(twice("GET"), options=KNOWN)
    assert [response.status_code for response in responses] == [200, 200]
    assert result.count("http_reqs_retried") == 1
    with server(speaking(answer_one), speaking(answering_all)) as served:
        [responses], result = play(twice("POST"), options=KNOWN)
    assert [response.status_code for response in responses] == [200, 0]
    assert result.count("http_reqs_retried") == 0 and served.connections == 1


def test_a_stream_that_the_server_resets_on_a_kept_connection_has_failed_and_is_not_asked_again() -> None:
    heard = Heard()

    def behave(frames: Frames) -> None:
        for asked in frames.requests():
            if asked.stream == 3:
                frames.reset(asked.stream, INTERNAL_ERROR)
            else:
                frames.answer(asked)

    async def ask() -> Any:
        return [await http.get(served.url) for _ in range(3)]

    with server(speaking(behave, heard)) as served:
        [responses], result = play(ask, options=KNOWN)
    assert [response.error_code for response in responses] == [0, 1633, 0]
    assert len(heard.asked) == 3 and served.connections == 1
    assert result.count("http_reqs_retried") == 0 and result.share("http_req_failed") == pytest.approx(1 / 3)


def test_a_kept_connection_that_the_server_ended_is_not_used_again() -> None:
    closed = threading.Event()

    def behave(frames: Frames) -> None:
        frames.answer(next(frames.requests()))
        frames.goaway(1)
        frames.sock.close()
        closed.set()

    async def ask() -> Any:
        first = await http.post(served.url)
        await asyncio.to_thread(closed.wait, 2)
        await asyncio.sleep(0.05)
        return [first, await http.post(served.url)]

    with server(speaking(behave), speaking(answering_all)) as served:
        [responses], result = play(ask, options=KNOWN)
    assert [response.status_code for response in responses] == [200, 200]
    assert result.count("http_reqs_retried") == 0 and served.connections == 2


def test_a_peer_that_has_gone_silent_costs_one_timeout_and_then_a_new_connection() -> None:
    over = threading.Event()

    def goes_silent(frames: Frames) -> None:
        frames.answer(next(frames.requests()))
        over.wait(20)

    async def ask() -> Any:
        first, late = await http.get(served.url), await http.get(served.url, timeout=0.2)
        others = await asyncio.gather(*(http.get(served.url, timeout=10) for _ in range(3)))
        return [first, late, *others]

    with server(speaking(goes_silent), speaking(answering_all)) as served:
        [responses], _ = play(ask, options=KNOWN)
        over.set()
    assert [response.error_code for response in responses] == [0, 1050, 0, 0, 0]
    assert served.connections == 2


def test_a_peer_that_is_there_and_answers_nothing_is_asked_once_and_then_left() -> None:
    def answers_once(frames: Frames) -> None:
        for asked in frames.requests():
            if asked.stream == 1:
                frames.answer(asked)

    async def ask() -> Any:
        return [await http.get(served.url, timeout=0.4 if at else 10) for at in range(4)]

    with server(speaking(answers_once)) as served:
        [responses], _ = play(ask, options=KNOWN)
    assert [response.error_code for response in responses] == [0, 1050, 1050, 0]
    assert served.connections == 2


def test_no_connection_reuse_makes_a_new_one_each_time() -> None:
    async def ask() -> Any:
        return await asyncio.gather(*(http.get(served.url) for _ in range(3)))

    options = Options(http_version="2", no_connection_reuse=True)
    with server(speaking(answering_all)) as served:
        [responses], _ = play(ask, options=options)
    assert [response.status_code for response in responses] == [200] * 3
    assert served.connections == 3


@pytest.mark.parametrize(("allowed", "made"), [(1, 1), (3, 3)])
def test_a_user_has_as_many_connections_as_are_allowed_and_uses_them_in_turns(
    allowed: int, made: int
) -> None:
    async def ask() -> Any:
        for _ in range(2):
            responses = await asyncio.gather(*(http.get(served.url) for _ in range(6)))
        return responses

    options = Options(http_version="2", http2_connections=allowed)
    with server(speaking(answering_all)) as served:
        [responses], result = play(ask, options=options)
    assert [response.status_code for response in responses] == [200] * 6
    assert result.count("http_reqs") == 12
    assert served.connections == made


def test_who_waits_for_a_connection_whose_maker_gives_up_makes_one_itself(
    certificate: trustme.LeafCert,
) -> None:
    honest, asked = wrapping(certificate, "h2"), []

    def wrap(sock: socket.socket) -> socket.socket:
        asked.append(sock)
        # The first handshake goes no further than the client's hello.
        while len(asked) == 1 and sock.recv(65536):
            pass
        return honest(sock)

    async def ask() -> Any:
        url = f"https://localhost:{served.port}/"
        return await asyncio.gather(http.get(url, timeout=0.2), http.get(url), http.get(url))

    with server(speaking(answering_all), wrap=wrap) as served:
        [(late, *others)], _ = play(ask, options=Options(insecure_skip_tls_verify=True))
    assert late.error_code == 1050
    assert [response.status_code for response in others] == [200, 200] and served.connections == 2


def test_all_who_wait_for_a_connection_that_is_refused_fail_alike() -> None:
    with server(speaking(answering_all)) as served:
        url = served.url

    async def ask() -> Any:
        return await asyncio.gather(*(http.get(url) for _ in range(5)))

    [responses], result = play(ask, options=KNOWN)
    assert [response.error_code for response in responses] == [1212] * 5
    assert result.count("http_reqs") == 5


@pytest.mark.parametrize("cut_off", [False, True])
def test_what_a_visitor_left_behind_does_not_reach_the_next_of_its_number(
    certificate: trustme.LeafCert, cut_off: bool
) -> None:
    """It leaves while a request that it did not await is still connecting."""
    honest, connecting, release = wrapping(certificate, "h2"), threading.Event(), threading.Event()
    accepted, visits, left, statuses = itertools.count(), itertools.count(), [], []

    def wrap(sock: socket.socket) -> socket.socket:
        if next(accepted) == 0:
            connecting.set()
            release.wait(5)
        return honest(sock)

    async def visit() -> None:
        url = f"https://localhost:{served.port}/"
        if next(visits) == 0:
            left.append(asyncio.create_task(http.get(url)))
            assert await asyncio.to_thread(connecting.wait, 5)
            return
        if cut_off:
            statuses.append((await http.get(url)).status_code)
            left[0].cancel()
            await asyncio.wait(left)
        release.set()
        if not cut_off:
            statuses.append((await left[0]).status_code)
        statuses.append((await http.get(url)).status_code)

    rate = ConstantArrivalRate(rate=2, duration=1.2, pre_allocated_vus=1, max_vus=1, sessions=True)
    options = Options(insecure_skip_tls_verify=True, scenarios={"visits": rate})
    with server(speaking(answering_all), wrap=wrap) as served:
        result = sonagi.run(visit, options=options)
    assert not result.errors and next(visits) == 2
    assert statuses == [200, 200] and served.connections == 2
