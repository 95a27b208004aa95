"""Bytes into a file, without the run ever waiting for it."""

import os
import threading
from pathlib import Path

import pytest

from sonagi.sinks import stream
from sonagi.sinks.stream import Stream


def test_what_a_slow_reader_does_not_take_is_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "WAITING", 100_000)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Open for reading and for writing, so that neither end waits for the other.
    reader = os.open(pipe, os.O_RDWR)
    output = Stream(str(pipe))
    output.begin()
    for _ in range(100):  # 1 MB: the pipe takes 64 KB, what waits is 100 KB
        output.write(b"x" * 10_000)
    assert output.left_out >= 1_000_000 - 100_000 - 65_536 - 10_000
    drained = threading.Thread(target=lambda: _read_all(reader, 1_000_000 - output.left_out))
    drained.start()
    output.close()
    drained.join(timeout=5)
    assert not drained.is_alive()
    assert output.failure is None
    os.close(reader)


def _read_all(reader: int, count: int) -> None:
    while count > 0:
        count -= len(os.read(reader, 65_536))


def test_the_file_is_emptied_when_the_run_begins_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    output = Stream(str(path))
    assert path.read_bytes() == b"old"
    output.begin()
    output.write(b"new\n")
    output.close()
    assert path.read_bytes() == b"new\n"


def test_what_comes_after_a_failure_is_counted_and_no_error() -> None:
    output = Stream("/dev/full")
    output.begin()
    output.write(b"x" * 10)
    output.close()
    output.write(b"y" * 5)
    assert output.failure is not None
    assert output.left_out == 5
