"""A log is cut into records, whatever its form, its encoding and the places where reading stopped."""

import pytest

from sonagi.probes import records
from sonagi.probes.records import Records

SPRING = b"""\
2026-11-25T20:20:44.132Z  INFO 8914 --- [exec-1] com.zaxxer.hikari.HikariDataSource       : HikariPool-1 - Starting...
2026-11-25T20:20:45.837Z ERROR 8914 --- [exec-2] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : Servlet.service() threw exception [Request processing failed] with root cause

java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 1004ms (total=3, active=3, idle=0, waiting=0)
\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686) ~[HikariCP-5.1.0.jar!/:na]
\tat x.App.one(App.java:12) ~[!/:na]

2026-11-25T20:20:46.769Z  INFO 8914 --- [Hook] com.zaxxer.hikari.HikariDataSource       : HikariPool-1 - Shutdown initiated...
"""
PYTHON = b"""\
2026-11-25 20:20:50,453 INFO [MainThread] uvicorn.error: Application startup complete.
2026-11-25 20:20:53,001 ERROR [MainThread] uvicorn.error: Exception in ASGI application
Traceback (most recent call last):
  File "/srv/app.py", line 3, in concerts
    return list(rows)
           ^^^^^^^^^^
MemoryError
2026-11-25 20:20:53,002 INFO [MainThread] uvicorn.error: next
"""
UVICORN = b"""\
INFO:     127.0.0.1:40112 - "GET /a HTTP/1.1" 200 OK
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "/srv/app.py", line 3, in concerts
    raise KeyError("seat")
KeyError: 'seat'
INFO:     127.0.0.1:40112 - "GET /b HTTP/1.1" 200 OK
"""
BARE = b"""\
started
Traceback (most recent call last):
  File "/srv/app.py", line 3, in <module>
    main()
ValueError: no such seat
going on
"""


def fed(data: bytes, *cuts: int) -> list[str]:
    """Texts of the records, read in parts."""
    reader, found, last = Records(), [], 0
    for cut in (*cuts, len(data)):
        found += reader.feed(data[last:cut], float(cut))
        last = cut
    found += reader.feed(b"", float(last), last=True)
    return [record.text for record in found]


@pytest.mark.parametrize(
    ("log", "first", "end"),
    [
        (SPRING, "2026-11-25T20:20:45.837Z ERROR", "\tat x.App.one(App.java:12) ~[!/:na]"),
        (PYTHON, "2026-11-25 20:20:53,001 ERROR", "MemoryError"),
        (UVICORN, "ERROR:    Exception in ASGI", "KeyError: 'seat'"),
        (BARE, "Traceback (most recent", "ValueError: no such seat"),
    ],
    ids=["spring", "python", "uvicorn", "bare"],
)
def test_a_traceback_belongs_to_its_first_line_wherever_reading_stopped(
    log: bytes, first: str, end: str
) -> None:
    lines = [at + 1 for at, byte in enumerate(log) if byte == 10]
    for cuts in ((), *((line,) for line in lines), *((line - 7,) for line in lines)):
        [text] = fed(log, *cuts)
        assert text.startswith(first)
        assert text.rstrip().endswith(end)


def test_a_record_at_the_end_waits_for_more_but_once_only() -> None:
    reader = Records()
    assert reader.feed(b"2026-11-25 20:20:53,001 ERROR a\n", 10.0) == []
    [record] = reader.feed(b"", 11.0)
    assert (record.text, record.read_at) == ("2026-11-25 20:20:53,001 ERROR a", 10.0)
    assert reader.feed(b"", 12.0) == []


def test_what_comes_behind_a_record_that_waited_is_read_later() -> None:
    reader = Records()
    reader.feed(b"2026-11-25 20:20:53,001 ERROR a\n", 10.0)
    found = reader.feed(b"2026-11-25 20:20:54,001 ERROR b\n2026-11-25 20:20:54,002 INFO c\n", 11.0)
    assert [(one.text[-1], one.read_at) for one in found] == [("a", 10.0), ("b", 11.0)]


def test_ordinary_lines_are_no_records() -> None:
    assert fed(b"2026-11-25 20:20:50,453 INFO [MainThread] x: fine\n" * 100) == []


def test_a_half_line_waits_for_its_end() -> None:
    reader = Records()
    assert reader.feed(b"2026-11-25 20:20:53,001 ERR", 10.0) == []
    assert reader.feed(b"OR seat", 11.0) == []
    [record] = reader.feed(b"s\n2026-11-25 20:20:54,001 INFO\n", 12.0)
    assert record.text.endswith("ERROR seats")


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_korean_is_read_in_both_encodings(encoding: str) -> None:
    line = "2026-11-25 20:20:53 오류:  좌석을 찾을 수 없습니다\n"
    assert fed(line.encode(encoding)) == [line.rstrip()]


def test_binary_garbage_is_survived() -> None:
    garbage = bytes(range(256)) * 1000
    assert all("\0" not in text for text in fed(garbage + b"\n2026-11-25 20:20:53 ERROR a\n" + garbage))
    assert any("ERROR a" in text for text in fed(garbage + b"\n2026-11-25 20:20:53 ERROR a\n" + garbage))


def test_a_line_without_end_is_not_kept_forever() -> None:
    reader = Records()
    for at in range(40):
        reader.feed(b"ERROR x" * 10_000, float(at))
    assert len(reader._rest) <= records.LONGEST_LINE * 3


def test_of_an_outburst_some_records_stand_for_all() -> None:
    reader = Records()
    line = b"2026-11-25 20:20:53,001 ERROR no seat\n"
    found = reader.feed(line * 10_000 + b"2026-11-25 20:20:54,001 INFO\n", 10.0)
    assert len(found) <= records.MOST
    assert sum(one.weight for one in found) == 10_000


def test_a_record_longer_than_is_looked_at_is_one() -> None:
    deep = b"\tat com.shop.Seats.find(NoSuchElementException.java:1)\n" * 1024
    [text] = fed(b"2026-11-25 20:20:53 ERROR StackOverflow\njava.lang.StackOverflowError\n" + deep)
    assert text.startswith("2026-11-25 20:20:53 ERROR StackOverflow\njava.lang.StackOverflowError")
