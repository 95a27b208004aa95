"""A line's own time counts where it is near the moment of reading, in any zone; else that moment."""

import pytest

from sonagi.probes.line_times import written

READ = 1724335900.0  # 2024-08-22 14:11:40 UTC, 23:11:40 in Seoul
WROTE = 1724335898.365


@pytest.mark.parametrize(
    "line",
    [
        "2024-08-22T23:11:38.365+09:00 ERROR 43082 --- [exec-804] x : y",
        "2024-08-22T14:11:38.365Z ERROR x",
        "2024-08-22T14:11:38.365000000Z stderr F x",
        "2024-08-22 23:11:38,365 ERROR [MainThread] x",
        "2024-08-22 14:11:38,365 ERROR [MainThread] x",
        "2024-08-22 14:11:38.365 UTC [4711] FATAL:  sorry, too many clients already",
        "[2024-08-22T23:11:38.365+0900] ERROR x",
        "app_1  | 2024-08-22 19:56:38.365 ERROR in Kathmandu",
        '{"level":50,"time":1724335898365,"msg":"x"}',
        '{"ts":1724335898.365,"level":"error"}',
        "1:M 22 Aug 2024 23:11:38.365 # x",
    ],
)
def test_a_time_with_milliseconds_is_understood(line: str) -> None:
    assert written(line, READ) == pytest.approx(WROTE, abs=1e-3)


@pytest.mark.parametrize(
    "line",
    [
        "2024/08/22 23:11:38 [error] 7#7: *1 limiting requests",
        '127.0.0.1 - - [22/Aug/2024:23:11:38 +0900] "GET / HTTP/1.1" 500 12',
        "Aug 22 23:11:38 host app[7]: x",
    ],
)
def test_a_time_with_seconds_is_understood(line: str) -> None:
    assert written(line, READ) == pytest.approx(WROTE - 0.365, abs=1e-3)


@pytest.mark.parametrize(
    "line",
    [
        "no time at all",
        "2024-08-22T23:11:28.365+09:00 ten seconds ago: it waited in a buffer",
        "2024-08-22 20:04:10.000 seven minutes off a quarter of an hour is no time zone",
        "2019-01-01 00:00:00 the clock was never set",
        "2024-13-45 99:99:99 ERROR",
        "Foo 22 23:11:38 x",
        "message " * 20 + "2024-08-22T23:11:38.365+09:00",
    ],
)
def test_else_it_was_written_when_it_was_read(line: str) -> None:
    assert written(line, READ) == READ
