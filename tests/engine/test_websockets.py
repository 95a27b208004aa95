"""WebSockets, against the server of the `websockets` library and against servers that break the rules."""

import asyncio
import base64
import hashlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from wire import Behave, Peer, play, server

import sonagi
from sonagi import ConstantVUs, Options, Result, websocket

Serve = Callable[[ServerConnection], Awaitable[None]]


@contextmanager
def real_server(handler: Serve, **options: Any) -> Iterator[str]:
    """The library's server in a thread of its own; gives its URL."""
    ready = threading.Event()
    port = 0
    halt: Callable[[], object] = ready.set

    async def main() -> None:
        nonlocal port, halt
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        halt = lambda: loop.call_soon_threadsafe(stop.set)  # noqa: E731
        async with serve(handler, "127.0.0.1", 0, **options) as running:
            port = next(iter(running.sockets)).getsockname()[1]
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield f"ws://127.0.0.1:{port}/"
    finally:
        halt()
        thread.join(5)


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


def converse(url: str, talk: Callable[[Any], Awaitable[Any]], **keywords: Any) -> tuple[Any, Result]:
    """One user opens a WebSocket and talks."""

    async def once() -> Any:
        async with websocket.connect(url, **keywords) as socket:
            return await talk(socket)

    [returned], result = play(once)
    return returned, result


def test_messages_come_back_as_they_went_text_as_text_and_bytes_as_bytes() -> None:
    sent = ["", "안녕", "x" * 70_000, b"", b"\x00\xff", b"y" * 300_000]

    async def talk(socket: Any) -> list[str | bytes]:
        back = []
        for message in sent:
            await socket.send(message)
            back.append(await socket.recv())
        return back

    with real_server(echo) as url:
        back, result = converse(url, talk)
    assert back == sent
    counts = {name: result.count(name) for name in ("ws_sessions", "ws_msgs_sent", "ws_msgs_received")}
    assert counts == {"ws_sessions": 1, "ws_msgs_sent": 6, "ws_msgs_received": 6}
    assert result.share("ws_session_failed") == 0
    for trend in ("ws_connecting", "ws_session_duration"):
        assert 0 < result.p(50, trend) < 5
    assert result.count("data_sent") > 370_000


def test_a_large_message_from_the_server_comes_in_parts_and_whole() -> None:
    async def talk_to(connection: ServerConnection) -> None:
        await connection.send(["ab", "cd", "ef"])
        await connection.send(b"z" * (3 << 20))

    async def talk(socket: Any) -> Any:
        return await socket.recv(), len(await socket.recv())

    with real_server(talk_to, max_size=None) as url:
        assert converse(url, talk)[0] == ("abcdef", 3 << 20)


def test_async_for_ends_when_the_server_says_farewell_and_the_code_is_known() -> None:
    async def count_down(connection: ServerConnection) -> None:
        for number in (3, 2, 1):
            await connection.send(str(number))
        await connection.close(4001, "launched")

    async def talk(socket: Any) -> Any:
        heard = [message async for message in socket]
        with pytest.raises(websocket.Closed) as caught:
            await socket.send("more")
        return heard, socket.close_code, socket.close_reason, caught.value.code, caught.value.reason

    with real_server(count_down) as url:
        returned, result = converse(url, talk)
    assert returned == (["3", "2", "1"], 4001, "launched", 4001, "launched")
    assert result.share("ws_session_failed") == 0


def test_a_ping_tells_how_long_the_answer_took() -> None:
    async def talk(socket: Any) -> float:
        await socket.ping()
        return float(await socket.ping())

    with real_server(echo) as url:
        seconds, result = converse(url, talk)
    assert 0 < seconds < 1
    assert 0 < result.p(50, "ws_ping") < 1


def test_the_servers_pings_are_answered_without_a_word_from_user_code() -> None:
    answered: list[bool] = []

    async def ask(connection: ServerConnection) -> None:
        await asyncio.wait_for(await connection.ping(), 2)
        answered.append(True)
        await connection.send("thanks")

    with real_server(ask, ping_interval=None) as url:
        assert converse(url, lambda socket: socket.recv())[0] == "thanks"
    assert answered == [True]


def test_subprotocols_headers_and_cookies_travel_with_the_handshake() -> None:
    asked: dict[str, str | None] = {}

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        asked.update({name: connection.request.headers.get(name) for name in ("X-Room", "Cookie")})
        await connection.send(connection.subprotocol or "")

    async def talk(socket: Any) -> Any:
        return await socket.recv(), socket.response.headers["sec-websocket-protocol"]

    with real_server(look, subprotocols=["chat"]) as url:
        keywords: dict[str, Any] = {"headers": {"X-Room": "7"}, "cookies": {"seat": "3"}}
        returned, _ = converse(url, talk, subprotocols=["soap", "chat"], **keywords)
    assert returned == ("chat", "chat")
    assert asked == {"X-Room": "7", "Cookie": "seat=3"}


def test_recv_gives_up_after_its_timeout_and_the_message_is_not_lost() -> None:
    async def slow(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send("late")
        await connection.wait_closed()

    async def talk(socket: Any) -> Any:
        with pytest.raises(TimeoutError):
            await socket.recv(timeout=0.02)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await socket.recv()
        await socket.send("now")
        return await socket.recv(timeout=5)

    with real_server(slow) as url:
        assert converse(url, talk)[0] == "late"


def test_a_flood_waits_at_the_server_and_not_in_memory() -> None:
    sent = 0

    async def flood(connection: ServerConnection) -> None:
        nonlocal sent
        for _ in range(400):
            await connection.send(b"x" * 100_000)
            sent += 1

    async def talk(socket: Any) -> Any:
        await asyncio.sleep(0.5)
        early = sent
        return early, len([message async for message in socket])

    with real_server(flood) as url:
        (early, heard), _ = converse(url, talk)
    assert early < 150  # 1 MiB of ours, the buffers of both sockets, the library's
    assert heard == 400


def test_who_sends_faster_than_the_server_reads_is_held_back() -> None:
    async def sleepy(connection: ServerConnection) -> None:
        await asyncio.sleep(0.3)
        async for _ in connection:
            pass

    async def talk(socket: Any) -> float:
        began = time.monotonic()
        for _ in range(300):
            await socket.send(b"x" * 100_000)
        return time.monotonic() - began

    with real_server(sleepy, max_size=None) as url:
        seconds, result = converse(url, talk)
    assert seconds > 0.2
    assert result.count("ws_msgs_sent") == 300


def test_a_server_that_will_not_open_is_an_error_with_its_answer() -> None:
    def refuse(peer: Peer) -> None:
        peer.request()
        peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")

    async def once() -> Any:
        with pytest.raises(websocket.Error) as caught:
            await websocket.connect(served.url.replace("http", "ws"))
        return caught.value

    with server(refuse) as served:
        [error], result = play(once)
    assert error.response.status_code == 403 and error.response.text == "no"
    assert "status 403" in str(error)
    assert result.share("ws_session_failed") == 1
    assert result.count("ws_sessions", status="403") == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ws://127.0.0.1:9/", "connection refused"),
        ("http://127.0.0.1:9/", "ws:// or wss://"),
        ("ws:/", "invalid URL"),
    ],
)
def test_what_cannot_be_opened_says_why(url: str, reason: str) -> None:
    async def once() -> Any:
        with pytest.raises(websocket.Error) as caught:
            await websocket.connect(url)
        return str(caught.value)

    assert reason in play(once)[0][0]


def test_a_server_that_refuses_every_websocket_stops_the_run() -> None:
    async def once() -> None:
        with suppress(websocket.Error):
            await websocket.connect("ws://127.0.0.1:9/")
        await sonagi.sleep(0.01)

    result = sonagi.run(once, vus=2, duration="20s")
    assert result.exit_code == 108 and result.seconds < 5


def test_a_websockets_url_given_to_http_says_what_to_write() -> None:
    async def once() -> Any:
        return (await sonagi.http.get("ws://127.0.0.1:9/")).error

    assert "websocket.connect" in play(once)[0][0]


def opening(then: Behave, accept: str | None = None) -> Behave:
    """Shake hands, and then behave."""

    def behave(peer: Peer) -> None:
        head = peer.request().decode()
        key = next(line[19:] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key: "))
        magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        proof = base64.b64encode(hashlib.sha1((key + magic).encode()).digest()).decode()
        peer.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept or proof}\r\n\r\n"
        )
        then(peer)

    return behave


def frame(first: int, payload: bytes) -> bytes:
    return bytes([first, len(payload)]) + payload


@pytest.mark.parametrize(
    ("what", "answer", "reason"),
    [
        ("a masked frame", b"\x81\x80abcd", "masked"),
        ("text that is none", frame(0x81, b"\xff"), "not UTF-8"),
        ("an endless message", b"\x82\x7f" + b"\x7f" + b"\xff" * 7, "longer than the limit"),
        ("a silent end", b"", "without a close frame"),
    ],
)
def test_a_server_that_breaks_the_rules_fails_the_session(what: str, answer: bytes, reason: str) -> None:
    async def talk(socket: Any) -> Any:
        with pytest.raises(websocket.Closed) as caught:
            await socket.recv()
        return str(caught.value)

    with server(opening(lambda peer: peer.send(answer))) as served:
        returned, result = converse(served.url.replace("http", "ws"), talk)
    assert reason in returned, what
    assert result.share("ws_session_failed") == 1


def test_an_answer_to_another_key_opens_nothing() -> None:
    async def once() -> Any:
        with pytest.raises(websocket.Error) as caught:
            await websocket.connect(served.url.replace("http", "ws"))
        return str(caught.value)

    with server(opening(lambda _: None, accept="AAAA")) as served:
        assert "does not fit our key" in play(once)[0][0]


def test_what_comes_right_behind_the_handshake_is_heard() -> None:
    def eager(peer: Peer) -> None:
        peer.send(frame(0x81, b"first") + frame(0x88, b"\x03\xe8"))

    async def talk(socket: Any) -> Any:
        return [message async for message in socket]

    with server(opening(eager)) as served:
        assert converse(served.url.replace("http", "ws"), talk)[0] == ["first"]


def test_a_server_that_never_closes_is_left_when_the_run_ends() -> None:
    def stubborn(peer: Peer) -> None:
        while peer.sock.recv(4096):
            pass

    async def once() -> None:
        async with websocket.connect(served.url.replace("http", "ws")) as socket:
            await socket.recv()

    began = time.monotonic()
    with server(opening(stubborn)) as served:
        scenarios = {"s": ConstantVUs(vus=3, duration="0.3s", graceful_stop="0.1s")}
        result = sonagi.run(once, options=Options(scenarios=scenarios))
    assert time.monotonic() - began < 5
    assert result.count("ws_sessions") == 3
    lasted = result.measurements.trend("ws_session_duration")
    assert lasted is not None and lasted.count == 3


def test_an_exception_out_of_the_block_does_not_wait_for_the_server() -> None:
    def stubborn(peer: Peer) -> None:
        while peer.sock.recv(4096):
            pass

    async def once() -> float:
        began = time.monotonic()
        with pytest.raises(KeyError):
            async with websocket.connect(served.url.replace("http", "ws")):
                raise KeyError
        return time.monotonic() - began

    with server(opening(stubborn)) as served:
        assert play(once)[0][0] < 1
