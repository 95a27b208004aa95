"""A file, or standard input, as lines: unpacked, of bounded length, in bounded memory."""

import codecs
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sonagi.readers.problem import ReadProblem

STDIN = "-"
HEAD = 1 << 16
"""Bytes by which a file is recognised."""
CHUNK = 1 << 18
LONGEST_LINE = 1 << 20
"""A line's rest beyond this is left out: binary garbage has no lines."""
LARGEST_DOCUMENT = 1 << 26
"""Bytes of a JSON document or script, which are read whole. A summary has some kilobytes."""
_GZIP = b"\x1f\x8b"
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Source:
    """One file while it is read, once. `cut` is true as soon as it ended before it should: a packed file
    that was not written to its end. Raises ReadProblem where it can't be opened or read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.cut = False
        try:
            raw: BinaryIO = sys.stdin.buffer if path == STDIN else Path(path).open("rb")  # noqa: SIM115
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ReadProblem("readers.unreadable", path=path, reason=reason) from None
        self._raw = self._file = raw
        try:
            head = self._read(HEAD)
            if head.startswith(_GZIP):
                self._file = gzip.GzipFile(fileobj=io.BufferedReader(_Again(head, self._file)))  # type: ignore[assignment]
                head = self._read(HEAD)
        except ReadProblem:
            self.close()
            raise
        self._decoder = _wide_decoder(head)
        self.head = self._narrow(head).removeprefix(codecs.BOM_UTF8)

    @property
    def name(self) -> str:
        """As it stands in sentences."""
        return "stdin" if self.path == STDIN else self.path

    def lines(self) -> Iterator[bytes]:
        """Its lines without their ends. Can be asked for once."""
        rest, skipping = b"", False
        for chunk in self.chunks():
            *whole, rest = (rest + chunk).split(b"\n")
            if skipping and whole:
                del whole[0]
                skipping = False
            for line in whole:
                yield line.removesuffix(b"\r") if len(line) <= LONGEST_LINE else line[:LONGEST_LINE]
            if skipping:
                rest = b""
            elif len(rest) > LONGEST_LINE:
                yield rest[:LONGEST_LINE]
                rest, skipping = b"", True
        if rest and not skipping:
            yield rest.removesuffix(b"\r")

    def texts(self) -> Iterator[str]:
        """Its lines as text, whatever its encoding."""
        return map(decoded, self.lines())

    def whole(self) -> bytes:
        """All of it. Raises ReadProblem when it is too large for a document."""
        parts, size = [], 0
        for chunk in self.chunks():
            parts.append(chunk)
            size += len(chunk)
            if size > LARGEST_DOCUMENT:
                raise ReadProblem("readers.too_large", path=self.name, megabytes=LARGEST_DOCUMENT >> 20)
        return b"".join(parts)

    def close(self) -> None:
        """Give the file back; standard input stays open."""
        if self.path != STDIN:
            self._file.close()
            self._raw.close()

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, some at a time. Can be asked for once, instead of lines."""
        yield self.head
        while chunk := self._read(CHUNK):
            yield self._narrow(chunk)

    def _read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.cut = True
            return b""
        except OSError as error:
            raise ReadProblem("readers.unreadable", path=self.name, reason=error.strerror or error) from None

    def _narrow(self, data: bytes) -> bytes:
        """Windows' shells write UTF-16 into files; all else looks for ASCII."""
        return data if self._decoder is None else self._decoder.decode(data).encode("utf-8", "replace")


class _Again(io.RawIOBase):
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _wide_decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    encoding = _WIDE.get(head[:2])
    return codecs.getincrementaldecoder(encoding)("replace") if encoding else None


def decoded(line: bytes) -> str:
    """A line as text: UTF-8, else CP949 as Korean Windows writes it, else what of it is UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        pass
    try:
        return line.decode("cp949")
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace")
