"""The six runs of the write-up that started it all: what is read of them, and what they really say."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sonagi import locale
from sonagi.diagnose.diagnosis import diagnose
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Diagnosis, Finding, Role
from sonagi.readers import read
from sonagi.report import findings
from sonagi.report.cells import Paint

FOLDER = Path(__file__).resolve().parents[3] / "examples/report"
FILES = sorted(map(str, FOLDER.glob("[1-6]-*.txt")))
OVERLOADED = {"S01", "S02", "S03", "S05", "S06", "S07", "S09", "S11", "S30", "N03", "C01"}


@cache
def write_up() -> tuple[Evidence, ...]:
    """The whole document, log lines and all."""
    return tuple(read([str(FOLDER / "load-test.md")]))


@cache
def alone(number: int) -> Evidence:
    """A run's summary and nothing else."""
    return read([FILES[number - 1]])[0]


def causes(diagnosis: Diagnosis) -> dict[str, Finding]:
    return {finding.cause: finding for finding in diagnosis.findings}


def value(finding: Finding, name: str) -> Any:
    """A number that the finding cites, wherever it stands."""
    said = [finding.title, finding.action, *(proof.said for proof in finding.evidence)]
    return next(one.values[name].value for one in said if name in one.values)


@pytest.mark.parametrize(
    ("number", "requests", "failed", "dropped", "seconds"),
    [
        (1, 1221, 1221, 98_777, 630.0),
        (2, 1, 1, 0, 1.0),
        (3, 59_400, 0, 40_600, 602.4),
        (4, 118_800, 98, 81_200, 600.5),
        (5, 59_400, 32, 40_600, 600.5),
        (6, 59_200, 255, 40_800, 601.0),
    ],
)
def test_counts_are_those_of_the_summary(
    number: int, requests: int, failed: int, dropped: int, seconds: float
) -> None:
    for run in (write_up()[number - 1], alone(number)):
        assert (run.requests, run.failed, run.dropped) == (requests, failed, dropped)
        assert run.seconds == pytest.approx(seconds, abs=0.1)


def test_a_shown_number_keeps_the_bounds_that_its_digits_leave() -> None:
    duration = alone(6).trend("http_req_duration")
    assert duration.avg is not None
    assert duration.avg.low <= 14.61 <= duration.avg.high
    assert 0 < duration.avg.high - duration.avg.low < 0.02
    received = alone(5).received
    assert received is not None
    assert (received.low, received.high) == (14.5e6, 15.5e6)


def test_the_write_up_s_rows_and_log_lines_belong_to_the_first_run() -> None:
    first = write_up()[0]
    assert first.rows == 1_000_016
    assert {template.signature for template in first.log} >= {"hikari", "jvm"}
    assert write_up()[2].log == ()
    assert write_up()[1].before is first


def test_runs_of_the_write_up_are_called_what_it_calls_them() -> None:
    titles = [run.title for run in write_up()]
    assert titles == [
        "콘서트 조회",
        "콘서트 조회",
        "일정 조회",
        "일정 조회",
        "좌석 조회",
        "토큰 발급 및 조회",
    ]


def test_run_1_memory_is_the_root_and_the_pool_a_result() -> None:
    found = causes(diagnose(write_up()[0]))
    assert found["S11"].role is Role.ROOT
    assert found["S11"].confidence >= 0.9
    assert (found["S03"].role, found["S07"].role) == (Role.SYMPTOM, Role.SYMPTOM)
    assert value(found["S03"], "least") >= 86
    assert found["S11"].action.key.endswith("_pool")
    assert 220 <= value(found["S17"], "count") <= 260
    assert {"C06", "C07", "C13"} <= found.keys()
    assert "http_req_duration p(95)" in found["C13"].voids


def test_run_1_from_its_summary_alone_claims_little_about_the_server() -> None:
    found = causes(diagnose(alone(1)))
    blamed = [one for one in found.values() if one.role is Role.ROOT]
    assert all(one.confidence <= 0.6 for one in blamed)
    assert {"C13", "C07"} <= found.keys()


def test_run_2_is_another_failure_and_not_the_same_result() -> None:
    for run in (write_up()[1], alone(2)):
        diagnosis = diagnose(run)
        assert diagnosis.root is not None
        assert diagnosis.root.cause == "S28"
        assert "http_req_duration" in diagnosis.root.voids


@pytest.mark.parametrize("number", [3, 4, 5, 6])
def test_runs_3_to_6_were_limited_by_the_test_and_never_overloaded(number: int) -> None:
    for run in (write_up()[number - 1], alone(number)):
        found = causes(diagnose(run))
        assert {"C06", "C07", "C17"} <= found.keys()
        assert not OVERLOADED & found.keys()
        assert found["C17"].confidence >= 0.9
        assert 0.9 < value(found["C17"], "held") < 2.2


def test_run_3_needed_16_minutes_51() -> None:
    found = causes(diagnose(alone(3)))
    assert value(found["C06"], "needed") == pytest.approx(1011, abs=2)
    assert found["C06"].action.values["users"].value == pytest.approx(169, abs=1)
    assert "dropped_iterations" in found["C07"].voids


def test_run_4_lost_connections_for_a_reason_that_is_only_suspected() -> None:
    found = causes(diagnose(alone(4)))
    assert all(one.confidence <= 0.4 for one in found.values() if one.role is Role.ROOT)


def test_run_5_measured_an_error_page() -> None:
    found = causes(diagnose(alone(5)))
    assert value(found["C10"], "bytes") == pytest.approx(252.5, abs=9)
    assert 0.5 <= found["C10"].confidence <= 0.6
    assert value(found["C12"], "each") == pytest.approx(9.0, abs=0.1)


def test_run_6_failed_by_a_race_and_faster_than_it_succeeded() -> None:
    run = read([FILES[5]], script=str(FOLDER / "load-test.js"))[0]
    bug = causes(diagnose(run))["S29"]
    assert bug.confidence >= 0.7
    assert value(bug, "expected") == pytest.approx(272, rel=0.02)
    assert value(bug, "failed") < value(bug, "good")
    without = causes(diagnose(alone(6)))["S29"]
    assert without.confidence <= 0.5


@pytest.mark.parametrize("number", [3, 4, 5, 6])
def test_tps_is_a_rate_drawn_as_a_time(number: int) -> None:
    assert "tps" in causes(diagnose(alone(number)))["C11"].voids


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_all_of_it_can_be_said_in_both_languages(language: str) -> None:
    locale.use(language)
    try:
        for run in write_up():
            said = "\n".join(findings.full(diagnose(run), 100, Paint(False)))
            assert said
            assert not any(word in said for word in ("Quantity(", "Reading(", "Said("))
    finally:
        locale.use(None)
