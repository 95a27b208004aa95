"""Memory that the process may have, so that a fault can't take the whole machine."""

from __future__ import annotations

import resource
import threading

STACK = 512 * 1024  # bytes a thread; the usual 8 MB count as memory whether used or not
UNITS = {"K": 10**3, "M": 10**6, "G": 10**9}


def parse(written: str) -> int:
    """Bytes from "1500M"; 0 for no limit. Raises ValueError."""
    number, unit = (
        (written[:-1], UNITS[written[-1].upper()]) if written[-1:].upper() in UNITS else (written, 1)
    )
    return int(float(number) * unit)


def hold(limit: int) -> None:
    """From here on an allocation beyond `limit` bytes raises MemoryError. Call it before threads are made."""
    threading.stack_size(STACK)
    if limit:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
