"""A share of failures over time and over load."""

from cases import healthy, per_second

from sonagi.diagnose.share import constant, follows_load, windows
from sonagi.model.series import Series
from sonagi.model.traffic import FailureKind, Failures


def failing(by_second: Series) -> tuple[Failures, ...]:
    return (Failures(FailureKind.STATUS, "GET", "/", 1, by_second=by_second),)


def test_ten_windows_hold_all_requests_and_failures() -> None:
    parts = windows(healthy(), failing(per_second(lambda second: float(second % 2))))
    assert len(parts) == 10
    assert (sum(asked for asked, _ in parts), sum(failed for _, failed in parts)) == (5940, 30)


def test_the_same_share_all_through_is_constant_and_a_step_is_not() -> None:
    assert constant(windows(healthy(), failing(per_second(lambda second: second % 3)))) is True
    assert constant(windows(healthy(), failing(per_second(lambda second: 3 if second > 40 else 0)))) is False
    assert constant(windows(healthy(), ())) is None


def test_a_share_that_grows_with_the_load_follows_it() -> None:
    ramp = healthy(signals={"load.requests": per_second(lambda second: second * 10)})
    steady = failing(per_second(lambda second: second * 0.1))
    growing = failing(per_second(lambda second: second * second * 0.01))
    assert follows_load(windows(ramp, steady)) is False
    assert follows_load(windows(ramp, growing)) is True
    assert follows_load(windows(healthy(), steady)) is None
