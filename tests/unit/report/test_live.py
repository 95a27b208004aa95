"""What is shown while a run goes on."""

import io
from dataclasses import replace
from typing import Any

import pytest

from sonagi.model.result import ScenarioInfo
from sonagi.model.watcher import LiveSample
from sonagi.report.live import Live, progress


def scenario(name: str = "shop", **changes: Any) -> ScenarioInfo:
    usual: dict[str, Any] = {
        "executor": "constant-vus",
        "vus": 5,
        "iterations": None,
        "duration": 10.0,
        "max_duration": None,
        "graceful_stop": 30.0,
    }
    return ScenarioInfo(name, **{**usual, **changes})


def sample(elapsed: float = 5.0, **done: int) -> LiveSample:
    return LiveSample(
        elapsed=elapsed,
        total=40.0,
        vus=5,
        iterations=sum(done.values()),
        iterations_total=None,
        iterations_by_scenario=done,
        requests_per_second=12.0,
        p95_ms=3.5,
        failed_share=0.25,
    )


@pytest.mark.parametrize(
    ("changes", "elapsed", "done", "share"),
    [
        ({}, 5.0, 9, 0.5),
        ({}, 99.0, 9, 1.0),
        ({"starts_at": 4.0}, 2.0, 0, 0.0),
        ({"starts_at": 4.0}, 9.0, 0, 0.5),
        ({"duration": None, "max_duration": 100.0, "iterations_asked": 20}, 5.0, 15, 0.75),
        ({"duration": None, "max_duration": 10.0, "iterations_asked": 100}, 9.0, 1, 0.9),
    ],
)
def test_a_scenario_has_come_as_far_as_its_time_or_its_iterations(
    changes: dict[str, Any], elapsed: float, done: int, share: float
) -> None:
    assert progress(scenario(**changes), sample(elapsed, shop=done)) == pytest.approx(share)


def test_each_scenario_has_a_bar_and_wide_names_stay_aligned() -> None:
    live = Live(out=io.StringIO())
    live.started("shop.py", (scenario("shop"), scenario("예매", duration=20.0)))
    lines = live._block(sample(5.0, shop=7, 예매=3)).splitlines()
    assert lines == [
        "  shop  ████████████░░░░░░░░░░░░  50%  7 iterations",
        "  예매  ██████░░░░░░░░░░░░░░░░░░  25%  3 iterations",
        "  00m05s / 00m20s  5 users · 10 iterations · 12 requests/s · p95 3.5ms",
        "  failed 25.00%",
    ]


def test_a_pause_and_the_keys_are_told_below() -> None:
    live = Live(out=io.StringIO(), keys=True)
    live.started("shop.py", (scenario("shop"),))
    assert "paused" not in live._block(sample(5.0))
    *_, pause, keys = live._block(replace(sample(5.0), held=True)).splitlines()
    assert pause == "  paused: no iteration begins until p is pressed again"
    assert keys == "  p pause · + and - users · q end"


def test_elsewhere_than_in_a_terminal_there_is_a_line_each_five_seconds() -> None:
    out = io.StringIO()
    live = Live(out=out)
    live.started("shop.py", (scenario(),))
    for second in range(1, 12):
        live.second(sample(float(second), shop=second))
    lines = [line for line in out.getvalue().splitlines() if "requests/s" in line]
    assert [line.split("  ")[0] for line in lines] == ["00m05s / 00m10s", "00m10s / 00m10s"]
