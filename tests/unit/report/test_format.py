"""Numbers as k6 writes them: truncated, not rounded."""

import pytest

from sonagi.report import cells
from sonagi.report import format as fmt


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (0, "0s"),
        (0.00034, "340ns"),
        (0.38693, "386.93µs"),
        (1.14999, "1.14ms"),
        (12.5, "12.5ms"),
        (999.999, "999.99ms"),
        (1000, "1s"),
        (42510, "42.51s"),
        (60000, "1m0s"),
        (61500, "1m1s"),
        (3725000, "1h2m5s"),
        (1.15, "1.15ms"),
    ],
)
def test_times_choose_their_unit(ms: float, written: str) -> None:
    assert fmt.duration(ms) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [(0, "0 B"), (999, "999 B"), (6400, "6.4 kB"), (1234567, "1.2 MB"), (1e15, "1000 TB")],
)
def test_bytes_go_by_thousands(count: float, written: str) -> None:
    assert fmt.size(count) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0.00%"), (1, "100.00%"), (14 / 37, "37.83%"), (0.99999, "99.99%"), (0.29, "29.00%")],
)
def test_shares_are_cut_off_so_that_nearly_all_is_never_all(share: float, written: str) -> None:
    assert fmt.percent(share) == written


@pytest.mark.parametrize(
    ("value", "written"), [(28, "28"), (12.711851, "12.711851"), (0.5, "0.5"), (1e6, "1000000")]
)
def test_plain_numbers_have_no_trailing_zeros(value: float, written: str) -> None:
    assert fmt.number(value) == written


def test_korean_takes_two_columns_a_syllable() -> None:
    assert cells.width("소나기 p95") == 10
    assert cells.pad("소", 4, ".") == "소.."
    assert cells.width(cells.shorten("소나기소나기소나기", 9)) <= 9
