"""What is heard, as it may be kept: without secrets, and a frame's histograms folded.

Whatever is kept passes here once, before anybody looks at it: what is shown while a run goes on, the
evidence at its end, and what is read from its file later are made of the same.
"""

import json
from typing import Any

from sonagi._core import fold, mask
from sonagi.model.secrecy import without_secrets


def clean(value: Any) -> Any:
    """JSON data with secrets blotted out of all its texts."""
    if isinstance(value, str):
        return without_secrets(mask(value))
    if isinstance(value, (list, tuple)):
        return [clean(entry) for entry in value]
    if isinstance(value, dict):
        return {clean(key): clean(entry) for key, entry in value.items()}
    return value


def clean_frame(frame: bytes) -> bytes:
    """A frame at the precision at which seconds are kept (0.4 %), its tags and notes without secrets. Raises
    ValueError for what is no frame."""
    folded = fold(frame)
    at = 1
    for _ in range(4):  # worker, sequence, both clocks
        _, at = _uint(folded, at)
    begin = at
    count, at = _uint(folded, at)
    if count == 0:
        return folded
    notes = bytearray()
    for _ in range(count):
        kind, at = _text(folded, at)
        note, at = _text(folded, at)
        notes += _put_text(kind) + _put_text(json.dumps(clean(json.loads(note)), ensure_ascii=False).encode())
    return folded[:begin] + _put_uint(count) + bytes(notes) + folded[at:]


# A frame's own encoding, core/src/stats/wire.rs: LEB128 integers, text behind its length.


def _uint(data: bytes, at: int) -> tuple[int, int]:
    """An integer, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = _uint(data, at)
    return data[at : at + length], at + length


def _put_uint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _put_text(text: bytes) -> bytes:
    return _put_uint(len(text)) + text
