"""Bytes into a file while a run goes on, without the run ever waiting for the disk."""

import gzip
import io
import os
import stat
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

WAITING = 256 * 2**20
"""Bytes that wait for a slow disk at most; what is beyond that is left out and counted."""
STDOUT = "-"


class Stream:
    """A file (compressed when it is called `.gz`) or, for "-", standard output, written by a thread.

    What was in the file stays until `begin`. `failure` is what ended it, `left_out` the bytes that came after
    that or were too many. Raises OSError when it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.failure: OSError | None = None
        self.left_out = 0
        self._is_new = path != STDOUT and not Path(path).exists()
        self._file = _opened(path)
        self._packer: gzip.GzipFile | None = None
        self._parts: deque[bytes] = deque()
        self._waiting = 0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write_all, daemon=True, name="sonagi-output")

    def begin(self) -> None:
        """From here on it is written."""
        if stat.S_ISREG(os.fstat(self._file.fileno()).st_mode) and self.path != STDOUT:
            self._file.truncate(0)
        if self.path.endswith(".gz"):
            self._packer = gzip.GzipFile(fileobj=self._file, mode="wb", compresslevel=6)
        self._thread.start()

    def discard(self) -> None:
        """There was no run: leave the file as it was."""
        self._file.close()
        if self._is_new:
            Path(self.path).unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Have `data` written soon. Never waits."""
        with self._changed:
            if self.failure is not None or self._waiting + len(data) > WAITING:
                self.left_out += len(data)
                return
            self._parts.append(data)
            self._waiting += len(data)
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, and close."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _write_all(self) -> None:
        try:
            while (data := self._next()) is not None:
                self._put(data)
            if self._packer is not None:
                self._packer.close()
            self._file.close()
        except OSError as error:
            with self._changed:
                self.failure = error
                self.left_out += self._waiting
                self._parts.clear()
                self._waiting = 0
            with suppress(OSError):
                self._file.close()

    def _put(self, data: bytes) -> None:
        if self._packer is not None:
            self._packer.write(data)
            return
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._parts:
                if self._closing:
                    return None
                self._changed.wait()
            data = self._parts.popleft()
            self._waiting -= len(data)
            return data


def _opened(path: str) -> io.FileIO:
    if path == STDOUT:
        return io.FileIO(os.dup(sys.stdout.fileno()), "wb")
    return io.FileIO(path, "ab")  # appended to until `begin`: a run that is refused empties no file
