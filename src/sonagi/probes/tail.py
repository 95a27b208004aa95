"""A log file followed as it grows, through rotation and truncation."""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

BUDGET = 5_000_000
"""Bytes of one look that are read at most."""
HEAD_SHARE = 0.8
"""Of a look that has more, the beginning; the rest is the end of what there is."""
MARK = 64
"""Bytes before the place that are kept, to know the file again."""


@dataclass
class Grown:
    """What was written since the look before. `left_out`: bytes between its parts that were not read."""

    parts: list[bytes] = field(default_factory=list)
    left_out: int = 0
    rotated: bool = False

    @property
    def size(self) -> int:
        """Bytes that were read."""
        return sum(map(len, self.parts))


class Tail:
    """Begins at the file's end; a file that appears later is read from its beginning. Never blocks: what is
    no regular file is refused with an OSError, as is what can't be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        self._place = 0
        self._mark = b""
        with suppress(FileNotFoundError):
            self._open(at_end=True)

    @property
    def is_there(self) -> bool:
        """Whether there is, or was, a file to follow."""
        return self._file is not None

    def grown(self) -> Grown:
        """What has come since. Raises OSError."""
        found = Grown()
        if self._file is not None:
            self._read(found)
            if not self._was_replaced():
                return found
            self.close()
            found.rotated = True
        with suppress(FileNotFoundError):
            self._open(at_end=False)
            self._read(found)
        return found

    def close(self) -> None:
        """Let go of the file; `grown` would open it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self, *, at_end: bool) -> None:
        # Not to wait for a writer, should it be a pipe.
        file = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            os.close(file)
            raise IsADirectoryError(21, "not a regular file", str(self.path))
        self._file, self._place = file, found.st_size if at_end else 0
        self._mark = os.pread(file, MARK, max(self._place - MARK, 0))[-MARK:] if self._place else b""

    def _was_replaced(self) -> bool:
        """Whether another file has its name; while there is none, the old one is followed."""
        assert self._file is not None
        try:
            there = self.path.stat()
        except OSError:
            return False
        here = os.fstat(self._file)
        return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)

    def _read(self, found: Grown) -> None:
        assert self._file is not None
        size = os.fstat(self._file).st_size
        if size == self._place:
            return
        # Emptied, or emptied and written anew (copytruncate): then other bytes are before the place.
        before = os.pread(self._file, len(self._mark), self._place - len(self._mark))
        if size < self._place or before != self._mark:
            self._place, self._mark, found.rotated = 0, b"", True
        waiting = size - self._place
        if waiting <= BUDGET:
            self._take(found, size)
            return
        self._take(found, self._place + int(BUDGET * HEAD_SHARE))
        end = size - int(BUDGET * (1 - HEAD_SHARE))
        found.left_out += end - self._place
        self._place = end
        found.parts.append(b"\n")
        self._take(found, size)

    def _take(self, found: Grown, end: int) -> None:
        assert self._file is not None
        data = os.pread(self._file, end - self._place, self._place)
        self._place += len(data)
        self._mark = (self._mark + data[-MARK:])[-MARK:] if len(data) < MARK else data[-MARK:]
        if data:
            found.parts.append(data)
