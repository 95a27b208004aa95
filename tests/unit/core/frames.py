"""Frames written byte by byte, as `core/src/stats/frame.rs` describes them: for tests of what is read that do
not trust what is written."""

import struct
from collections.abc import Mapping

from sonagi._core import Histogram

KINDS = ("counter", "gauge", "rate", "trend")
CONTAINS = ("default", "time", "data")


def uint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def text(value: str) -> bytes:
    return uint(len(value.encode())) + value.encode()


def floats(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


def delta(metric: str, kind: str, data: bytes, contains: str = "default", /, **tags: str) -> bytes:
    pairs = b"".join(text(key) + text(value) for key, value in sorted(tags.items()))
    head = b"\1" + text(metric) + bytes([KINDS.index(kind), CONTAINS.index(contains)])
    return head + uint(len(tags)) + pairs + data


def frame(
    *deltas: bytes,
    worker: int = 0,
    sequence: int = 0,
    wall_ns: int = 0,
    monotonic_ns: int = 7,
    notes: Mapping[str, str] | None = None,
) -> bytes:
    notes = notes or {}
    numbers = b"".join(map(uint, (worker, sequence, monotonic_ns, wall_ns, len(notes))))
    return b"\2" + numbers + b"".join(map(text, sum(notes.items(), ()))) + b"".join(deltas) + b"\0"


def trend(*values: float) -> bytes:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram.encode()
