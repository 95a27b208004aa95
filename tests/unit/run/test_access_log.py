"""Access logs, read for when requests came."""

import pytest

from sonagi.plan.problems import Problem
from sonagi.run.access_log import arrivals, read_arrivals

MS = 1_000_000
COMBINED = '10.0.0.1 - - [26/Nov/2026:12:00:{:02} +0900] "GET /concerts HTTP/1.1" 200 512 "-" "curl"\n'


def test_requests_of_one_second_are_spread_over_it() -> None:
    lines = [COMBINED.format(second) for second in (1, 1, 1, 1, 3)]
    assert arrivals(lines, "access.log", 2026) == [0, 250 * MS, 500 * MS, 750 * MS, 2000 * MS]


def test_finer_times_stay_as_they_are_and_come_in_order() -> None:
    line = '{{"status": 200, "path": "/{}", "time": "2026-11-26T12:00:{}Z"}}\n'
    lines = [line.format("x" * 200, "01.500"), line.format("y", "01.250"), line.format("z", "02.000")]
    assert arrivals(lines, "access.log", 2026) == [0, 250 * MS, 750 * MS]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "no_arrivals"),
        (["GET / 200\n"], "no_arrivals"),
        ([COMBINED.format(1), "a\n", "b\n"], "few_arrivals"),
    ],
)
def test_what_is_no_access_log_is_told(lines: list[str], code: str) -> None:
    found = arrivals(lines, "notes.txt", 2026)
    assert isinstance(found, Problem)
    assert found.code == code


def test_a_log_that_is_not_there_is_told() -> None:
    found = read_arrivals("access.log", "/nowhere/script.py")
    assert isinstance(found, Problem)
    assert "No such file" in found.values["reason"]


def test_a_lines_own_time_counts_and_not_one_that_it_is_about() -> None:
    asked = (
        '10.0.0.1 - - [26/Nov/2026:12:00:0{} +0900] "GET /list?from=2020-01-01T00:00:0{} HTTP/1.1" 200 5\n'
    )
    assert arrivals([asked.format(1, 5), asked.format(3, 0)], "access.log", 2026) == [0, 2000 * MS]
    ordered = '{{"order":"2019-05-05 10:00:00","ts":1787400698.{}}}\n'
    assert arrivals([ordered.format(250), ordered.format(750)], "access.log", 2026) == [0, 500 * MS]


def test_a_year_that_begins_in_a_log_without_years_is_no_gap() -> None:
    lines = ["Dec 31 23:59:59 web GET /\n", "Jan  1 00:00:01 web GET /\n", "Jan  1 00:00:02 web GET /\n"]
    assert arrivals(lines, "access.log", 2026) == [0, 2000 * MS, 3000 * MS]
