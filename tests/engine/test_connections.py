"""Connections: kept, closed under us, aborted, one for each request at a time."""

import asyncio
import threading

from wire import OK, Peer, answering, forever, play, server

from sonagi import Options, http

LEFTOVER = OK + "HTTP/1.1 200 OK\r\n"


async def twice(url: str, method: str = "GET") -> list[http.Response]:
    """Two requests, one after the other."""
    return [await http.request(method, url), await http.request(method, url)]


def test_a_user_keeps_its_connection_over_iterations() -> None:
    with server(forever(OK)) as served:
        _, result = play(lambda: http.get(served.url), iterations=5)
    assert served.connections == 1
    connecting = result.measurements.trend("http_req_connecting")
    assert connecting is not None
    assert connecting.count == 5
    assert connecting.percentile(75) == 0


def test_no_connection_reuse_makes_a_new_one_each_time() -> None:
    with server(forever(OK)) as served:
        play(lambda: http.get(served.url), iterations=3, options=Options(no_connection_reuse=True))
    assert served.connections == 3


def test_bytes_left_over_close_the_connection() -> None:
    with server(forever(LEFTOVER)) as served:
        [responses], _ = play(lambda: twice(served.url))
    assert [response.status_code for response in responses] == [200, 200]
    assert served.connections == 2


def test_connection_close_is_respected() -> None:
    with server(forever("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")) as served:
        play(lambda: twice(served.url))
    assert served.connections == 2


def test_a_kept_connection_that_the_server_closed_is_not_used_again() -> None:
    closed = threading.Event()

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.sock.close()
        closed.set()

    async def ask() -> list[http.Response]:
        first = await http.post(served.url)
        await asyncio.to_thread(closed.wait, 2)
        await asyncio.sleep(0.05)
        return [first, await http.post(served.url)]

    with server(behave, forever(OK)) as served:
        [responses], result = play(ask)
    assert [response.status_code for response in responses] == [200, 200]
    assert result.count("http_reqs_retried") == 0


def closes_on_the_second(peer: Peer) -> None:
    """Answer once; read the next request and close without a word."""
    peer.request()
    peer.send(OK)
    peer.request()


def test_a_get_is_tried_once_more_when_its_kept_connection_closes_under_it() -> None:
    with server(closes_on_the_second, forever(OK)) as served:
        [responses], result = play(lambda: twice(served.url))
    assert [response.status_code for response in responses] == [200, 200]
    assert result.count("http_reqs_retried") == 1
    assert result.count("http_reqs") == 2


def test_a_post_is_not_tried_again() -> None:
    with server(closes_on_the_second, forever(OK)) as served:
        [responses], result = play(lambda: twice(served.url, "POST"))
    assert responses[1].error_code == 1000
    assert result.count("http_reqs_retried") == 0
    assert served.connections == 1


def test_a_new_connection_that_closes_is_a_failure_at_once() -> None:
    with server(answering("")) as served:
        [response], result = play(lambda: http.get(served.url))
    assert response.error_code == 1000
    assert result.count("http_reqs_retried") == 0


def test_five_at_once_have_a_connection_each() -> None:
    async def ask() -> list[http.Response]:
        return await asyncio.gather(*(http.get(served.url) for _ in range(5)))

    barrier = threading.Barrier(5)

    def behave(peer: Peer) -> None:
        peer.request()
        barrier.wait(2)
        peer.send(OK)

    with server(behave) as served:
        [responses], _ = play(ask)
    assert [response.status_code for response in responses] == [200] * 5
    assert served.connections == 5


def test_tasks_and_wait_for_take_a_request_as_it_is() -> None:
    async def ask() -> list[http.Response]:
        task = asyncio.create_task(http.get(served.url))
        return [await task, await asyncio.wait_for(http.get(served.url), 2)]

    with server(forever(OK)) as served:
        [responses], _ = play(ask)
    assert [response.status_code for response in responses] == [200, 200]


def test_a_cancelled_request_ends_its_connection_and_is_counted_apart() -> None:
    left = threading.Event()

    def behave(peer: Peer) -> None:
        peer.request()
        if peer.sock.recv(1) == b"":
            left.set()

    async def ask() -> str:
        try:
            async with asyncio.timeout(0.1):
                await http.get(served.url)
        except TimeoutError:
            return (await http.get(served.url)).text
        return "not cancelled"

    with server(behave, forever(OK)) as served:
        [text], result = play(ask)
        assert left.wait(2)
    assert text == "ok"
    assert served.connections == 2
    assert result.count("http_reqs_interrupted") == 1
    assert result.count("http_reqs") == 1


def test_a_request_that_is_never_awaited_is_never_sent() -> None:
    async def ask() -> None:
        http.get(served.url)

    with server(forever(OK)) as served:
        play(ask)
    assert served.connections == 0
