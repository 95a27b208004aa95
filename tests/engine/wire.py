"""Servers that do as they are told, byte for byte, and a way to ask them one thing."""

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import sonagi
from sonagi import Options, Result
from sonagi.script.http import Response

Behave = Callable[["Peer"], None]


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket, log: list[bytes]) -> None:
        self.sock = sock
        self.log = log

    def request(self) -> bytes:
        """Read one request, head and body; empty when the client has left."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.sock.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += self.sock.recv(65536)
        self.log.append(head + b"\r\n\r\n" + body)
        return self.log[-1]

    def send(self, data: bytes | str) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.sock.close()


@dataclass
class Served:
    """A running server: where it is, how many connections it had, the requests it read."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@contextmanager
def server(
    *behaviours: Behave, wrap: Callable[[socket.socket], socket.socket] | None = None
) -> Iterator[Served]:
    """Connection n is treated by behaviour n; the last one treats all that follow."""
    listener = socket.create_server(("127.0.0.1", 0))
    served = Served(listener.getsockname()[1])
    threads: list[threading.Thread] = []
    open_sockets: list[socket.socket] = []

    def treat(sock: socket.socket, behave: Behave) -> None:
        with sock:
            try:
                with wrap(sock) if wrap else sock as inner:
                    behave(Peer(inner, served.requests))
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            behave = behaviours[min(served.connections, len(behaviours) - 1)]
            served.connections += 1
            open_sockets.append(sock)
            thread = threading.Thread(target=treat, args=(sock, behave), daemon=True)
            thread.start()
            threads.append(thread)

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield served
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for sock in open_sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in [*threads, acceptor]:
            thread.join(timeout=2)


def answering(*answers: bytes | str) -> Behave:
    """Answer request n with answer n, and then close."""

    def behave(peer: Peer) -> None:
        for answer in answers:
            if not peer.request():
                return
            peer.send(answer)

    return behave


def forever(answer: bytes | str) -> Behave:
    """Answer every request alike."""

    def behave(peer: Peer) -> None:
        while peer.request():
            peer.send(answer)

    return behave


OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def play(
    function: Callable[[], Awaitable[Any]], *, iterations: int = 1, options: Options | None = None
) -> tuple[list[Any], Result]:
    """Run `function` as one user in this process; what it returned each time, and the run's result."""
    returned: list[Any] = []

    async def once() -> None:
        returned.append(await function())

    result = sonagi.run(once, iterations=iterations, options=options)
    assert not result.errors, result.errors[0].traceback
    return returned, result


def get(url: str, **keywords: Any) -> tuple[Response, Result]:
    """One GET."""
    options = keywords.pop("options", None)

    async def ask() -> Response:
        return await sonagi.http.get(url, **keywords)

    [response], result = play(ask, options=options)
    assert isinstance(response, Response)
    return response, result
