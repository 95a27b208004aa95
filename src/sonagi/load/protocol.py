"""Messages between coordinator and worker, on one stream socket per worker.

A message is a little-endian u32 (the length of what follows), one ASCII letter (its kind) and a
payload: JSON, but for frames and samples. `core/src/engine/channel.rs` is the worker's end.

| kind | to | payload |
| --- | --- | --- |
| P | worker | prepare: plan, which worker of how many, script path, env, whether to send samples |
| S T | worker | run setup, run teardown |
| D | worker | setup's data |
| G | worker | load begins at `at_ns` (CLOCK_MONOTONIC): from there on each second is a frame |
| B | worker | carry out a share of a scenario: `run.shares.Share`, and its changed rates |
| W | worker | no share is left: send what was not sent yet |
| X | worker | stop: no new iterations, `grace_s` for those under way |
| H | worker | begin no iterations for now (`on`), or go on |
| U | worker | `by` users more (or fewer) in `scenario`; 0 only asks |
| V | worker | from `at_ns` on `rate` iterations of an open `scenario` begin in each time_unit |
| K Q | worker | end at once; the run is over |
| R E | coordinator | ready (pid, stamps); a failure (message or exception, exit code) |
| s t | coordinator | setup done (data, and what of it may be shown); teardown done |
| e Z | coordinator | a `share` has been carried out, `made` iterations of it; the answer to W |
| u | coordinator | how many `users` a `scenario` has there after U; null where that is fixed |
| F | coordinator | a frame, each second and at the end |
| L | coordinator | samples one by one, where an output wants them: `core/src/stats/samples.rs` |
"""

import json
import struct
from collections.abc import Iterator
from typing import Any

_HEAD = struct.Struct("<IB")
MOST = 256 * 2**20


def encode(kind: str, body: dict[str, Any] | None = None) -> bytes:
    """A message with a JSON payload."""
    payload = json.dumps(body or {}).encode()
    return _HEAD.pack(len(payload) + 1, ord(kind)) + payload


class Decoder:
    """Bytes in, whole messages out."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """The messages that `data` completes. Raises ValueError for what no worker sends."""
        self._pending += data
        while len(self._pending) >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._pending)
            if not 1 <= length <= MOST:
                raise ValueError(f"a message of {length} bytes")
            end = 4 + length
            if len(self._pending) < end:
                return
            payload = bytes(self._pending[_HEAD.size : end])
            del self._pending[:end]
            yield chr(kind), payload
