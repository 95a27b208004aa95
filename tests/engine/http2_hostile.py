"""Servers that break the rules of HTTP/2, or use them as a weapon; with the code and words that each ends in."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from http2_server import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PING,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Frames,
    frame,
)

OK_HEAD = b"\x88"
""":status 200, as HPACK's static table has it (RFC 7541, appendix A)."""
Hostile = Callable[[Frames], None]


def after_a_request(*frames_of: tuple[int, int, int, bytes]) -> Hostile:
    """These frames instead of an answer, and then nothing until the client leaves."""

    def behave(frames: Frames) -> None:
        next(frames.requests())
        for one in frames_of:
            frames.raw(*one)
        wait(frames)

    return behave


def leave(frames: Frames) -> None:
    """Close, and not with a reset, which unread bytes would make of it."""
    frames.sock.shutdown(socket.SHUT_WR)
    wait(frames)


def wait(frames: Frames) -> None:
    with suppress(OSError):
        while frames.sock.recv(65536):
            pass


def forever(*parts: bytes, first: bytes = b"") -> Hostile:
    """These bytes again and again, as long as the client takes them."""

    def behave(frames: Frames) -> None:
        next(frames.requests())
        frames.sock.sendall(first)
        chunk = b"".join(parts) * (1 + 65536 // sum(map(len, parts)))
        drain = threading.Thread(target=wait, args=(frames,), daemon=True)
        drain.start()
        while True:
            frames.sock.sendall(chunk)

    return behave


def goes_in_the_middle(frames: Frames) -> None:
    next(frames.requests())
    frames.raw(HEADERS, END_HEADERS, 1, OK_HEAD)
    frames.raw(DATA, 0, 1, b"half")
    leave(frames)


def leaves_half_a_frame(frames: Frames) -> None:
    next(frames.requests())
    frames.sock.sendall(frame(HEADERS, END_HEADERS | END_STREAM, 1, OK_HEAD)[:-1])
    leave(frames)


def resets_all(frames: Frames) -> None:
    for asked in frames.requests():
        frames.reset(asked.stream, 0x2)


def refuses_all(frames: Frames) -> None:
    for asked in frames.requests():
        frames.reset(asked.stream, 0x7)


def bomb(fields: int, size: int) -> bytes:
    """A long field into the table, and then again and again an index of one byte that means it."""
    value = b"x" * size
    # RFC 7541, 5.1: an integer that does not fit into seven bits.
    length = b"\x7f" + bytes([(size - 127) & 0x7F | 0x80, (size - 127) >> 7])
    return OK_HEAD + b"\x40\x01a" + length + value + b"\xbe" * fields


def in_blocks(block: bytes) -> bytes:
    """A header block over as many frames as it needs."""
    parts = [block[at : at + 16_000] for at in range(0, len(block), 16_000)]
    first, rest = parts[0], parts[1:]
    head = frame(HEADERS, 0 if rest else END_HEADERS, 1, first)
    ends = [0] * (len(rest) - 1) + [END_HEADERS]
    return head + b"".join(frame(CONTINUATION, end, 1, part) for end, part in zip(ends, rest, strict=False))


def sends(data: bytes) -> Hostile:
    def behave(frames: Frames) -> None:
        next(frames.requests())
        frames.sock.sendall(data)
        wait(frames)

    return behave


LITERAL = b"\x00\x01b\x7f\x81\x7c" + b"v" * 16_000
"""A field of 16,000 bytes that goes into no table."""

HOSTILE: dict[str, tuple[Hostile, int, str]] = {
    "resets each stream": (resets_all, 1633, "the server reset the stream: INTERNAL_ERROR"),
    "refuses each stream": (refuses_all, 1638, "the server reset the stream: REFUSED_STREAM"),
    "resets with an unknown code": (
        after_a_request((RST_STREAM, 0, 1, struct.pack(">I", 0xBEEF))),
        1630,
        "the server reset the stream: error 0xbeef",
    ),
    "says farewell with an error": (
        after_a_request((GOAWAY, 0, 0, struct.pack(">II", 0, 0xB) + b"too much")),
        1622,
        "(GOAWAY): ENHANCE_YOUR_CALM",
    ),
    "goes in the middle of a body": (goes_in_the_middle, 1000, "unexpected EOF"),
    "goes in the middle of a frame": (leaves_half_a_frame, 1000, "EOF"),
    "sends CONTINUATION without end": (
        forever(frame(CONTINUATION, 0, 1, b""), first=frame(HEADERS, 0, 1, OK_HEAD)),
        1662,
        "connection error: ENHANCE_YOUR_CALM (too_many_continuations)",
    ),
    "sends SETTINGS without end": (
        forever(frame(SETTINGS)),
        1662,
        "floods us with frames that carry nothing",
    ),
    "sends PING without end": (forever(frame(PING, 0, 0, b"8 octets")), 1662, "floods us with frames"),
    "sends empty DATA without end": (
        forever(frame(DATA, 0, 1, b""), first=frame(HEADERS, END_HEADERS, 1, OK_HEAD)),
        1662,
        "ENHANCE_YOUR_CALM",
    ),
    "sends 1xx heads without end": (
        forever(frame(HEADERS, END_HEADERS, 1, b"\x48\x03103")),
        1662,
        "floods us with frames that carry nothing",
    ),
    "sends unknown frames without end": (forever(frame(0x42, 0, 0, b"?")), 1662, "floods us with frames"),
    "opens windows without end": (
        forever(frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1))),
        1662,
        "floods us with frames that carry nothing",
    ),
    "opens a window beyond its size": (
        after_a_request((WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7FFFFFFF))),
        1654,
        "connection error: FLOW_CONTROL_ERROR",
    ),
    "sends a head over the limit": (
        sends(in_blocks(OK_HEAD + LITERAL * 20)),
        1632,
        "or its head is too long",
    ),
    "sends a head far over the limit": (
        sends(in_blocks(OK_HEAD + LITERAL * 100)),
        1662,
        "connection error: ENHANCE_YOUR_CALM (too_many_continuations)",
    ),
    "sends a bomb of indexed fields": (
        sends(in_blocks(bomb(200_000, 4000))),
        1662,
        "connection error: ENHANCE_YOUR_CALM (header_list_way_too_large)",
    ),
    "sends a head that cannot be unpacked": (
        after_a_request((HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\xff\xff\xff\xff\xff")),
        1652,
        "connection error: PROTOCOL_ERROR",
    ),
    "sends a head without a status": (
        after_a_request((HEADERS, END_HEADERS | END_STREAM, 1, b"\x00\x01a\x01b")),
        1632,
        "the answer breaks the rules: PROTOCOL_ERROR",
    ),
    "sends a frame that is too large": (
        after_a_request((DATA, 0, 1, b"x" * 20_000)),
        1657,
        "connection error: FRAME_SIZE_ERROR",
    ),
    "sends more than its Content-Length": (
        after_a_request((HEADERS, END_HEADERS, 1, OK_HEAD + b"\x5c\x011"), (DATA, END_STREAM, 1, b"two")),
        1632,
        "the answer breaks the rules: PROTOCOL_ERROR",
    ),
    "sends DATA on a stream that is none": (
        after_a_request((DATA, 0, 77, b"x")),
        1652,
        "connection error: PROTOCOL_ERROR",
    ),
    "pushes what nobody asked for": (
        after_a_request((PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + b"\x82\x84\x87\x41\x01a")),
        1652,
        "connection error: PROTOCOL_ERROR",
    ),
}
