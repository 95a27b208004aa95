"""What the kernel says while there is load: processes it killed for want of memory, tables that were full."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from sonagi.model.traffic import KERNEL
from sonagi.probes.probe import Seen
from sonagi.probes.records import Record
from sonagi.probes.templates import Templates

DEVICE = "/dev/kmsg"
LONGEST = 8192
"""Bytes of a record at most (Documentation/ABI/testing/dev-kmsg)."""
MOST = 1000
"""Records of one look."""


@dataclass
class Kernel:
    """Reads from now on. Where that is not allowed, as for most users with kernel.dmesg_restrict, it sees
    nothing, which is no trouble: what the kernel counts is seen by `Host`."""

    file: int | None = None
    name: str = KERNEL
    _templates: Templates = field(default_factory=lambda: Templates(KERNEL))

    def __post_init__(self) -> None:
        if self.file is None:
            with suppress(OSError):
                self.file = os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                os.lseek(self.file, 0, os.SEEK_END)

    def look(self, seen: Seen) -> None:
        for raw in self._new():
            head, _, rest = raw.decode("utf-8", errors="replace").partition(";")
            fields, line = head.split(","), rest.split("\n", 1)[0]
            if len(fields) < 3 or not fields[2].isdigit():
                continue
            # Its clock is the monotonic one, but for sleep of the whole machine.
            at = min(int(fields[2]) / 1e6, seen.at)
            wall = seen.wall - (seen.at - at)
            self._templates.add(Record(line, wall, 1), wall, at)
        seen.log += self._templates.take()

    def close(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None

    def _new(self) -> Iterator[bytes]:
        """One record each time."""
        for _ in range(MOST if self.file is not None else 0):
            try:
                assert self.file is not None
                yield os.read(self.file, LONGEST)
            except BrokenPipeError:
                continue  # some were overwritten before they were read
            except OSError:
                return
