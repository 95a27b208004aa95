"""The server's end of an HTTP/2 connection: by the package h2 where it keeps to the rules, and byte by byte
where it does not."""

import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    RequestReceived,
    StreamEnded,
    StreamReset,
)
from h2.settings import SettingCodes, Settings
from wire import Behave, Peer

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    range(10)
)
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4
INTERNAL_ERROR, REFUSED_STREAM, CANCEL = 0x2, 0x7, 0x8


@dataclass
class Asked:
    """A request that has come: its stream, its head as pairs, its body."""

    stream: int
    head: list[tuple[str, str]]
    body: bytes = b""

    def __getitem__(self, name: str) -> str:
        return dict(self.head)[name]


@dataclass
class Heard:
    """What a server was told, over all connections."""

    asked: list[Asked] = field(default_factory=list)
    resets: list[tuple[int, int]] = field(default_factory=list)
    most: int = 0
    """Streams open at a time."""


class Frames:
    """One connection that speaks HTTP/2."""

    def __init__(self, sock: socket.socket, heard: Heard, settings: Mapping[int, int]) -> None:
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.heard = heard
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.h2.local_settings = Settings(client=False, initial_values=dict(settings))
        self.h2.initiate_connection()
        self.open: dict[int, Asked] = {}
        self.waiting: deque[Any] = deque()
        self.flush()

    def flush(self) -> None:
        self.sock.sendall(self.h2.data_to_send())

    def events(self) -> Iterator[Any]:
        """What comes, until the client has left."""
        while self.waiting or self.receive():
            event = self.waiting.popleft()
            if isinstance(event, StreamReset):
                self.heard.resets.append((event.stream_id, int(event.error_code)))
            if isinstance(event, ConnectionTerminated):
                return
            yield event
            self.flush()

    def receive(self) -> bool:
        """Read until something has come; false when the client has left."""
        before = len(self.waiting)
        while len(self.waiting) == before:
            data = self.sock.recv(65536)
            if not data:
                return False
            self.waiting += self.h2.receive_data(data)
            self.flush()
        return True

    def requests(self, *, read: bool = True) -> Iterator[Asked]:
        """Requests that have come whole; with `read` room is given for more of their bodies as they come."""
        for event in self.events():
            match event:
                case RequestReceived():
                    self.open[event.stream_id] = Asked(event.stream_id, list(event.headers))
                    self.heard.most = max(self.heard.most, len(self.open))
                case DataReceived() if event.stream_id in self.open:
                    self.open[event.stream_id].body += event.data
                    if read and event.flow_controlled_length:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case StreamEnded() if event.stream_id in self.open:
                    asked = self.open[event.stream_id]
                    self.heard.asked.append(asked)
                    yield asked

    def head(self, stream: int, status: int = 200, *more: tuple[str, str], end: bool = False) -> None:
        self.h2.send_headers(stream, [(":status", str(status)), *more], end_stream=end)
        self.flush()

    def body(self, stream: int, data: bytes, *, end: bool = True) -> None:
        """As the client gives room."""
        while len(data) > (
            room := min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
        ):
            if room:
                self.h2.send_data(stream, data[:room])
                data = data[room:]
                self.flush()
                continue
            if not self.receive():
                return
        self.h2.send_data(stream, data, end_stream=end)
        self.flush()

    def answer(
        self,
        asked: Asked,
        body: bytes = b"ok",
        status: int = 200,
        *more: tuple[str, str],
        trailers: Mapping[str, str] | None = None,
    ) -> None:
        self.head(asked.stream, status, *more)
        self.body(asked.stream, body, end=not trailers)
        if trailers:
            self.h2.send_headers(asked.stream, list(trailers.items()), end_stream=True)
            self.flush()
        self.open.pop(asked.stream, None)

    def reset(self, stream: int, code: int) -> None:
        self.h2.reset_stream(stream, code)
        self.open.pop(stream, None)
        self.flush()

    def raw(self, kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> None:
        """A frame as it is, whatever the rules say."""
        self.sock.sendall(frame(kind, flags, stream, payload))

    def goaway(self, last: int, code: int = 0) -> None:
        self.raw(GOAWAY, payload=struct.pack(">II", last, code))


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def speaking(
    behave: Callable[[Frames], None], heard: Heard | None = None, settings: Mapping[int, int] | None = None
) -> Behave:
    """A behaviour of `wire.server` that speaks HTTP/2."""
    told = heard if heard is not None else Heard()

    def treat(peer: Peer) -> None:
        behave(Frames(peer.sock, told, settings or {}))

    return treat


def answering_all(frames: Frames) -> None:
    """ "ok" to every request."""
    for asked in frames.requests():
        frames.answer(asked)


def at_most(streams: int) -> dict[int, int]:
    return {SettingCodes.MAX_CONCURRENT_STREAMS: streams}


def window(size: int) -> dict[int, int]:
    """How much of a request's body may come unasked."""
    return {SettingCodes.INITIAL_WINDOW_SIZE: size}


def wrapping(certificate: trustme.LeafCert, *protocols: str) -> Callable[[socket.socket], socket.socket]:
    """TLS that settles on the first of `protocols` which the client offers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(list(protocols))
    certificate.configure_cert(context)
    return lambda sock: context.wrap_socket(sock, server_side=True)
