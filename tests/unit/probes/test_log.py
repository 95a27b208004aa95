"""A log is followed through whatever happens to its file, and read at its own pace."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sonagi.model.unseen import parts
from sonagi.probes.log import Log
from sonagi.probes.probe import Seen
from sonagi.probes.tail import BUDGET

FULL = "2026-11-26 01:02:03,456 ERROR pool is full, request {} was turned away\n"


def look(log: Log) -> Seen:
    seen = Seen(1000.0, time.time())
    log.finish(seen)
    return seen


def counted(seen: Seen) -> int:
    return sum(one.count for one in seen.log)


def write(path: Path, lines: int, mode: str = "a") -> None:
    with path.open(mode, encoding="utf-8") as file:
        file.writelines(FULL.format(number) for number in range(lines))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    write(path, 50)
    return path


def renamed(path: Path) -> None:
    path.rename(path.with_suffix(".log.1"))
    write(path, 3)


def emptied(path: Path) -> None:
    write(path, 3, "w")


def emptied_and_filled(path: Path) -> None:
    """As logrotate's copytruncate, and by the next look it is longer than it was."""
    path.write_text("2026-11-26 01:02:03,456 INFO a new file begins\n" * 400, encoding="utf-8")
    write(path, 3)


def test_what_was_there_before_is_not_read(log: Path) -> None:
    probe = Log(log)
    assert counted(look(probe)) == 0
    write(log, 4)
    seen = look(probe)
    assert counted(seen) == 4
    assert seen.log[0].text.startswith("<*> ERROR pool is full, request <*>")
    probe.close()


@pytest.mark.parametrize("happens", [renamed, emptied, emptied_and_filled])
def test_nothing_is_lost_when_the_file_is_rotated(log: Path, happens: Callable[[Path], None]) -> None:
    probe = Log(log)
    look(probe)
    happens(log)
    seen = look(probe)
    assert counted(seen) == 3
    assert [event.kind for event in seen.events] == ["log_rotated"]
    write(log, 2)
    assert counted(look(probe)) == 2
    probe.close()


def test_a_file_that_was_emptied_is_followed_on_from_its_first_byte(log: Path) -> None:
    probe = Log(log)
    look(probe)
    log.write_bytes(b"")
    assert [event.kind for event in look(probe).events] == ["log_rotated"]
    log.write_bytes(b"short\n")
    assert look(probe).unseen == []
    write(log, 2)
    assert counted(look(probe)) == 2
    probe.close()


def test_lines_that_were_written_to_the_old_file_before_it_was_replaced_count_too(log: Path) -> None:
    probe = Log(log)
    look(probe)
    write(log, 5)
    renamed(log)
    assert counted(look(probe)) == 8
    probe.close()


def test_a_file_that_is_not_there_yet_is_read_from_its_beginning(tmp_path: Path) -> None:
    probe = Log(tmp_path / "later.log")
    first = look(probe)
    assert counted(first) == 0
    assert parts(first.unseen[0])[0] == "unseen.log_missing"
    write(tmp_path / "later.log", 6)
    assert counted(look(probe)) == 6
    probe.close()


def test_a_log_of_two_gigabytes_is_not_read_and_what_comes_to_it_is(tmp_path: Path) -> None:
    path = tmp_path / "huge.log"
    path.touch()
    os.truncate(path, 2 << 30)  # takes no room on the disk
    began = time.process_time()
    probe = Log(path)
    look(probe)
    write(path, 7)
    assert counted(look(probe)) == 7
    assert time.process_time() - began < 0.5
    probe.close()


def test_of_an_outburst_a_part_stands_for_all_and_that_is_told(log: Path) -> None:
    probe = Log(log)
    look(probe)
    lines = 3 * BUDGET // len(FULL)
    write(log, lines)
    seen = look(probe)
    assert counted(seen) == pytest.approx(lines, rel=0.1)
    assert [parts(note)[0] for note in seen.unseen] == ["unseen.log_sampled"]
    probe.close()


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_korean_is_read_in_both_encodings(log: Path, encoding: str) -> None:
    probe = Log(log)
    look(probe)
    with log.open("ab") as file:
        file.write("2026-11-26 01:02:03,456 ERROR 커넥션을 얻지 못했습니다\n".encode(encoding))
    (line,) = look(probe).log
    assert "커넥션을 얻지 못했습니다" in line.sample
    probe.close()


def test_binary_garbage_between_lines_loses_none_of_them(log: Path) -> None:
    probe = Log(log)
    look(probe)
    with log.open("ab") as file:
        file.write(bytes(range(256)) * 400 + b"\n")
    write(log, 2)
    assert counted(look(probe)) == 2
    probe.close()


def test_a_pipe_is_refused_in_a_sentence_and_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.log"
    os.mkfifo(pipe)
    probe = Log(pipe)
    (told,) = look(probe).unseen
    assert parts(told)[1]["reason"] == "not a regular file"
    assert look(probe).unseen == []
    probe.close()
