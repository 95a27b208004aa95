"""An answer of all rows is the cause of what it fills and holds up; without sizes, rows or a log it is a guess."""

from dataclasses import replace

import pytest
from cases import healthy
from stories import (
    CONCERTS,
    QUOTED,
    SUMMARY_AND_LOG,
    WHOLE_REPORT,
    million_concerts,
    summary,
)

from sonagi import locale
from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.server.s11_result_set import look
from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.finding import Finding, Role
from sonagi.model.quantity import Reading
from sonagi.model.series import Series
from sonagi.model.traffic import Answers, Endpoint, Trend
from sonagi.report.said import say

CASE = million_concerts()
# A page of a list, and once an export: nobody suffered.
COUNTER = healthy(
    answers=(
        Answers("GET", "/concerts/", 200, 5900, Trend(avg=Reading.exact(2_300), max=Reading.exact(2_400))),
        Answers("GET", "/export", 200, 1, Trend(max=Reading.exact(40e6))),
    )
)


def found(evidence: Evidence) -> Finding:
    finding = look(evidence)
    assert finding is not None
    return finding


def said(finding: Finding, language: str) -> str:
    locale.use(language)
    try:
        parts = [finding.title, *(proof.said for proof in finding.evidence), finding.action]
        return "\n".join(map(say, parts))
    finally:
        locale.use(None)


def test_the_demo_s_list_is_the_root_and_the_rest_follows_from_it() -> None:
    diagnosis = diagnose(CASE)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S11"
    assert diagnosis.root.confidence >= 0.95
    assert diagnosis.root.scope == "GET /concerts/"
    roles = {finding.cause: finding.role for finding in diagnosis.findings}
    assert roles["S03"] is Role.SYMPTOM
    assert roles["S07"] is Role.SYMPTOM
    assert [finding.cause for finding in diagnosis.findings if finding.role is Role.ROOT] == ["S11"]


def test_it_says_rows_bytes_memory_and_that_the_pool_is_a_result() -> None:
    text = said(found(CASE), "en")
    assert "GET /concerts/ reads 1,000,016 rows and sends them all, 93.8 MB." in text
    assert "memory 64 MB → 1.44 GB; its limit is 1.5 GB" in text
    assert "17 × “MemoryError”" in text
    assert "10 of 10 connections in use, requests waiting: up to 90. That is a result, not the cause" in text
    assert "Don't raise the pool" in text


def test_it_says_so_in_korean_with_fitting_particles() -> None:
    text = said(found(CASE), "ko")
    assert "GET /concerts/가 1,000,016건을 모두 읽어 한꺼번에 보냅니다(93.8 MB)." in text
    assert "원인이 아니라 결과입니다" in text


def test_its_onset_is_when_memory_began_to_rise() -> None:
    finding = found(CASE)
    assert finding.onset == 2.0
    times = {proof.said.key: proof.at for proof in finding.evidence}
    assert times["memory.grown"] == 6.0
    assert times["database.pool_is_a_result"] == 2.0


def test_how_many_fit_is_computed_from_a_run_of_one_user_before() -> None:
    before = healthy(
        loads=(PlannedLoad("one", "per-vu-iterations", 1, 60.0, 1),),
        signals={"process.rss": Series((0.0, 1.0, 2.0), (64e6, 500e6, 964e6))},
    )
    action = found(replace(CASE, before=before)).action
    assert action.key == "memory.s11_action_alone"
    assert action.values["many"].value == 2
    assert action.values["each"].value == 900e6


def test_as_many_as_the_pool_lets_in_did_not_fit() -> None:
    action = found(CASE).action
    assert action.key == "memory.s11_action_at_once"
    assert action.values["many"].value == 10


def test_memory_that_rises_steeply_supports_it_before_it_is_full() -> None:
    """A short run ends before the limit is reached, and before anything is in the log."""
    rising = {"process.rss": Series((0.0, 2.0, 4.0, 6.0), (64e6, 335e6, 710e6, 1073e6))}
    short = replace(CASE, log=(), signals={**CASE.signals, **rising})
    finding = found(short)
    assert 0.8 <= finding.confidence < found(CASE).confidence
    assert "memory 64 MB → 1.07 GB" in said(finding, "en")
    assert finding.action.key == "memory.s11_action_pool"
    steady = replace(short, signals={**short.signals, "process.rss": Series((0.0, 6.0), (64e6, 70e6))})
    assert found(steady).confidence < finding.confidence


def test_where_no_answer_was_seen_what_a_request_takes_of_memory_tells_it() -> None:
    """All that came were errors of 71 bytes; 100 users' requests took 1.4 GB."""
    unpooled = {name: series for name, series in CASE.signals.items() if not name.startswith("pool.")}
    diagnosis = diagnose(replace(CASE, answers=CASE.answers[:1], signals=unpooled))
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S11"
    assert 0.6 <= diagnosis.root.confidence <= 0.85
    assert diagnosis.root.title.values["each"].value == pytest.approx((1436e6 - 64e6) / (212 + 100))
    text = said(diagnosis.root, "en")
    assert "GET /concerts/ takes" in text
    assert "Don't raise the pool" in text


def test_no_more_requests_take_memory_at_a_time_than_have_a_connection() -> None:
    finding = found(replace(CASE, answers=CASE.answers[:1]))
    assert finding.title.values["each"].value == pytest.approx((1436e6 - 64e6) / 10)
    assert 0.75 <= finding.confidence <= 0.9
    assert "while 10 requests at a time had a connection: 137 MB each" in said(finding, "en")
    assert "커넥션을 쥔 요청은 한 번에 10건뿐인데" in said(finding, "ko")


def test_memory_that_grew_with_thousands_of_requests_was_not_taken_by_each() -> None:
    many = {"load.requests": Series((1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), (400.0,) * 7)}
    assert look(replace(CASE, answers=(), signals={**CASE.signals, **many})) is None


def test_the_size_of_the_run_before_counts_where_no_answer_came() -> None:
    announced = Answers("GET", CONCERTS, 200, 1, Trend(max=Reading.exact(93.8e6)))
    before = healthy(answers=(announced,))
    finding = found(replace(CASE, answers=(), before=before))
    assert finding.title.values["what"].values["bytes"].how == "before.answers[GET /concerts/ 200].sizes.max"


def test_the_report_s_rows_and_log_make_the_list_the_root() -> None:
    diagnosis = diagnose(WHOLE_REPORT)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S11"
    assert diagnosis.root.confidence == pytest.approx(0.95, abs=0.02)
    assert {finding.cause: finding.role for finding in diagnosis.findings}["S07"] is Role.SYMPTOM
    text = said(diagnosis.root, "en")
    assert "1,000,016 rows" in text
    assert "stood still for at least 1m 26s" in text
    assert "Don't raise the pool" in text


def test_without_rows_and_log_it_is_a_guess_that_asks_for_the_log() -> None:
    finding = found(summary())
    assert finding.confidence <= 0.35
    assert "server's log" in said(finding, "en")
    assert {rival.cause for rival in finding.rivals} >= {"S03", "S07"}


def test_rows_alone_are_capped_as_the_client_s_word() -> None:
    assert 0.35 < found(summary(rows=1_000_016)).confidence <= 0.6


def test_a_log_without_rows_or_sizes_does_not_make_the_answer_the_cause() -> None:
    assert look(SUMMARY_AND_LOG) is None
    assert look(summary(seen=frozenset({"client", "log"}), log=QUOTED[:1])) is None


def test_one_user_who_waits_seconds_for_megabytes_is_told_so_without_failures() -> None:
    times = Trend(Reading.exact(4000), Reading.exact(3900), Reading.exact(4000), Reading.exact(4300))
    receiving = Trend(avg=Reading.exact(2600))
    evidence = healthy(
        requests=12,
        trends={"http_req_duration": times, "http_req_receiving": receiving},
        endpoints=(Endpoint("GET", CONCERTS, 12, 0, times),),
        answers=(
            Answers("GET", CONCERTS, 200, 12, Trend(avg=Reading.exact(93.8e6), max=Reading.exact(93.8e6))),
        ),
    )
    finding = found(evidence)
    assert 0.2 < finding.confidence < 0.5
    assert "65 % of the time went into taking the answer in" in said(finding, "en")
