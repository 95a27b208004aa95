"""Lines that say the same are counted together, by the second in which they were written."""

import pytest

from sonagi.probes.records import Record
from sonagi.probes.templates import MOST, REST, Templates, level


def counted(*texts: str, at: float = 10.0, weight: int = 1) -> list[tuple[str, str, int]]:
    templates = Templates("app.log")
    for text in texts:
        templates.add(Record(text, 0.0, weight), 1000.0 + at, at)
    return [(one.signature, one.text, one.count) for one in templates.take()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-25 20:20:53,001 ERROR [MainThread] x: y", "ERROR"),
        ("2026-11-25T20:20:46.751Z  WARN 8914 --- [exec-3] x : error while sending", "WARN"),
        ("2026-11-25T20:20:46.751Z  INFO 8914 --- [exec-3] x : ERROR page shown", "INFO"),
        ("2026/11/25 20:20:50 [error] 7#7: *1 x", "ERROR"),
        ("2026/11/25 20:20:50 [crit] 7#7: x", "FATAL"),
        ("2026-11-25 20:20:50.453 UTC [7] FATAL:  sorry", "FATAL"),
        ("2026-11-25 20:20:50.453 KST [7] 오류:  그런 테이블 없음", "ERROR"),
        ("2026-11-25T20:20:50Z 8 [Warning] [MY-010] Aborted", "WARN"),
        ('{"level":50,"time":1724335898365,"msg":"x"}', "ERROR"),
        ('{"level":"warn","msg":"x"}', "WARN"),
        ("time=2026 level=error msg=x", "ERROR"),
        ("WARNING:  Exceeded concurrency limit.", "WARN"),
        ("[CRITICAL] WORKER TIMEOUT (pid:31)", "FATAL"),
        ("Error: no seat", "ERROR"),
        ("GET /errors/ERROR 200", ""),
        ("all is well", ""),
    ],
)
def test_a_level_is_what_a_line_names_first(line: str, expected: str) -> None:
    assert level(line) == expected


def test_lines_of_a_signature_are_counted_with_their_values_and_times() -> None:
    templates = Templates("app.log")
    for at, waited in ((10.2, 54955), (10.9, 71286), (12.0, 99)):
        line = f"ERROR HikariPool-1 - Connection is not available, request timed out after {waited}ms (total=10, active=10, idle=0, waiting=1)"
        templates.add(Record(line, 0.0), 1000.0 + at, at)
    first, second = templates.take()
    assert (first.signature, first.count, first.first_at, first.source) == ("hikari", 2, 10.2, "app.log")
    assert first.values == (
        ("HikariPool-1", "54955", "10", "10", "0", "1"),
        ("HikariPool-1", "71286", "10", "10", "0", "1"),
    )
    assert first.stamps == (1010.2, 1010.9)
    assert first.level == "ERROR"
    assert (second.count, second.first_at) == (1, 12.0)
    assert templates.take() == []


def test_an_unknown_warning_is_mined_and_an_unknown_remark_is_not() -> None:
    lines = [f"2026-11-25 20:20:53,001 WARN seat {n} was taken twice" for n in (1, 22)]
    assert counted(*lines, "2026-11-25 20:20:53,001 INFO fine error") == [
        ("", "<*> WARN seat <*> was taken twice", 2)
    ]


def test_a_traceback_is_told_by_its_first_line_and_what_was_raised() -> None:
    text = "ERROR: Exception in ASGI application\nTraceback (most recent call last):\n  File 'x', line 3\nKeyError: 'seat 7'"
    assert counted(text) == [("", "ERROR: Exception in ASGI application … KeyError: <*>", 1)]


def test_a_traceback_without_a_level_is_told_too() -> None:
    text = "Traceback (most recent call last):\n  File 'x', line 3\nValueError: no seat"
    assert counted(text) == [("", "Traceback (most recent call last): … ValueError: no seat", 1)]


def test_what_a_traceback_bears_counts_once_and_is_quoted_below_the_first_line() -> None:
    templates = Templates("app.log")
    text = "ERROR Exception in ASGI application\nTraceback (most recent call last):\n  File 'x'\nMemoryError\nMemoryError"
    templates.add(Record(text, 0.0), 0.0, 0.0)
    [one] = templates.take()
    assert (one.signature, one.count) == ("python-memory", 1)
    assert one.sample == "ERROR Exception in ASGI application\nMemoryError"


def test_a_record_that_says_two_things_counts_for_both() -> None:
    text = "ERROR Unable to acquire JDBC Connection [HikariPool-1 - Connection is not available, request timed out after 5ms]"
    assert [name for name, _, _ in counted(text)] == ["hikari", "spring"]


def test_a_record_that_stands_for_others_counts_for_them() -> None:
    assert counted("ERROR a", weight=5) == [("", "ERROR a", 5)]


def test_beyond_so_many_templates_lines_are_counted_together() -> None:
    def word(number: int) -> str:
        return "".join(chr(97 + int(digit)) for digit in str(number))

    found = counted(*(f"ERROR {word(number)}" for number in range(MOST + 50)))
    assert len(found) == MOST + 1
    assert found[-1] == ("", REST, 50)


def test_the_sample_has_no_secret_and_is_no_longer_than_2_kib() -> None:
    templates = Templates("app.log")
    templates.add(Record("ERROR password=hunter2 " + "x" * 5000, 0.0), 0.0, 0.0)
    [one] = templates.take()
    assert "hunter2" not in one.sample + one.text
    assert len(one.sample) == 2048
