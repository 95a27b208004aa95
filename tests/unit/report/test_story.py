"""Several runs told together, and written up as a document."""

from dataclasses import replace

import pytest
from cases import constant, healthy, trend

from sonagi import locale
from sonagi.diagnose.diagnosis import arrange
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Diagnosis, Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import Endpoint, FailureKind, Failures
from sonagi.report import cells, document, findings, story
from sonagi.report.cells import Paint
from sonagi.report.story import Chapter

COUNTS = {
    name: Quantity(value, "count", name)
    for name, value in {"goal": 100, "done": 60, "dropped": 40, "cut": 0, "users": 3}.items()
} | {"limit": Quantity(60, "s", "plan"), "needed": Quantity(101, "s", "plan")}
ACTION = Said("validity.c07_action", COUNTS)


def found(cause: str, role: Role, verdict: Verdict = Verdict.VALID, **more: object) -> Finding:
    proof = Proof(Said("validity.c07_counts", COUNTS), "process", 1.6)
    finding = Finding(cause, role, 0.9, Said("validity.c07_title", COUNTS), (proof,), ACTION, verdict=verdict)
    return replace(finding, **more)  # type: ignore[arg-type]


def dead(evidence: Evidence) -> Evidence:
    """The same load, and no answer within 3 s; a part of the failures came at once."""
    failures = tuple(
        Failures(kind, "GET", "/concerts/", count, status)
        for kind, count, status in ((FailureKind.TIMEOUT, 4000, 0), (FailureKind.STATUS, 1940, 500))
    )
    return replace(
        evidence,
        failed=5940,
        timeout=3.0,
        failures=failures,
        endpoints=(Endpoint("GET", "http://127.0.0.1:8000/concerts/", 5940, 5940),),
        trends={"http_req_duration": trend(2000.0)},
        signals={**evidence.signals, "process.rss": constant(1500e6), "pool.active": constant(10)},
    )


PAGED = healthy(endpoints=(Endpoint("GET", "http://127.0.0.1:8001/concerts/", 5940, 0),))
UNPAGED = dead(PAGED)
CHAPTERS = [
    Chapter("1 schedules", healthy(), Diagnosis()),
    Chapter(
        "3 concerts, unpaged",
        UNPAGED,
        arrange([found("S11", Role.ROOT, onset=1.0, explains=("S07",)), found("S07", Role.ROOT, onset=2.2)]),
    ),
    Chapter("4 concerts, paged", PAGED, arrange([found("C10", Role.VALIDITY, Verdict.SUSPECT)])),
]


@pytest.fixture(params=locale.LANGUAGES)
def language(request: pytest.FixtureRequest) -> object:
    locale.use(request.param)
    yield request.param
    locale.use(None)


def test_a_table_says_what_is_known_and_a_bound_where_the_time_limit_hides_the_rest() -> None:
    assert list(story.table(CHAPTERS)) == [
        "load                 visits  answered   p50    p95    p99  per s   cpu  memory   pool",
        "1 schedules           5,940   100.0 %  9 ms  20 ms  26 ms   99.0  30 %  100 MB   1/10",
        "3 concerts, unpaged   5,940     0.0 %  ≥ 3s   ≥ 3s   ≥ 3s    0.0  30 %  1.5 GB  10/10",
        "4 concerts, paged     5,940   100.0 %  9 ms  20 ms  26 ms   99.0  30 %  100 MB   1/10",
    ]


def test_a_percentile_that_fast_failures_hide_is_unknown() -> None:
    mixed = replace(UNPAGED, failures=(Failures(FailureKind.STATUS, "GET", "/", 5940, 500),))
    assert story.numbers(mixed)[2:5] == ["–", "–", "–"]


def test_the_run_without_the_cause_is_the_proof() -> None:
    lines = list(story.render(CHAPTERS, 110, Paint(False)))
    proof = next(line for line in lines if line.strip().startswith("Proof"))
    assert "the same load, 4 concerts, paged: 0 of 5,940 → 5,940 of 5,940 answered, p95 20 ms" in proof


def test_a_run_with_other_users_proves_nothing() -> None:
    fewer = replace(CHAPTERS[2], evidence=replace(PAGED, loads=(), vus=(10, 10, 10)))
    assert not story.proven(CHAPTERS[1].diagnosis.findings[0], CHAPTERS[1], [*CHAPTERS[:2], fewer])


def test_another_pause_or_another_rate_is_another_load() -> None:
    unpaged, paged = CHAPTERS[1], CHAPTERS[2]
    (load,) = paged.evidence.loads
    unknown = replace(paged, evidence=replace(paged.evidence, loads=(replace(load, constant_think=None),)))
    assert story.proven(unpaged.diagnosis.findings[0], unpaged, [unpaged, unknown])
    for changed in (replace(load, constant_think=10.0), replace(load, rate=20.0), replace(load, seconds=6.0)):
        other = replace(paged, evidence=replace(paged.evidence, loads=(changed,)))
        paused = replace(load, constant_think=1.0)
        before = replace(unpaged, evidence=replace(unpaged.evidence, loads=(paused,)))
        assert not story.proven(before.diagnosis.findings[0], before, [before, other])


def test_a_run_of_which_nobody_knows_what_it_asked_for_proves_nothing() -> None:
    unnamed = [
        replace(one, evidence=replace(one.evidence, endpoints=(), answers=(), failures=()))
        for one in CHAPTERS
    ]
    assert not story.proven(CHAPTERS[1].diagnosis.findings[0], unnamed[1], unnamed)


def test_of_another_tool_s_generator_nothing_is_told() -> None:
    told = " ".join(story.measurement(CHAPTERS, 110, Paint(False)))
    assert "generator" in told
    foreign = [replace(one, evidence=replace(one.evidence, signals={})) for one in CHAPTERS]
    assert "generator" not in " ".join(story.measurement(foreign, 110, Paint(False)))


def test_what_followed_is_not_told_twice() -> None:
    cause, pool = CHAPTERS[1].diagnosis.findings[0], replace(CHAPTERS[1].diagnosis.findings[0], cause="S07")
    told = replace(cause, evidence=(Proof(Said("database.pool_is_a_result"), "metrics"),))
    symptom = replace(pool, role=Role.SYMPTOM, scope="")
    assert findings.consequences(cause, Diagnosis((cause, symptom))) == [symptom]
    assert findings.consequences(told, Diagnosis((told, symptom))) == []


def test_root_causes_of_all_runs_come_first_and_doubted_runs_are_named() -> None:
    lines = " ".join(" ".join(story.render(CHAPTERS, 110, Paint(False))).split())
    assert lines.index("ROOT CAUSE") < lines.index("THE TEST")
    assert "not to be taken as they are: 4 concerts, paged" in lines
    assert lines.count("●") == 2


def test_nothing_to_say_is_said() -> None:
    lines = list(story.render(CHAPTERS[:1], 110, Paint(False)))
    assert lines[-1] == "Nothing stands out."


def test_the_story_keeps_to_its_width_in_both_languages(language: str) -> None:
    for columns in (96, 116):
        assert max(cells.width(line) for line in story.render(CHAPTERS, columns, Paint(False))) <= columns


def test_a_document_has_a_page_for_whoever_decides_and_a_chapter_for_each_run(language: str) -> None:
    written = document.render("Load test", CHAPTERS)
    headings = [line for line in written.splitlines() if line.startswith("## ")]
    assert headings[1:] == [f"## {chapter.title}" for chapter in CHAPTERS]
    tables = [line for line in written.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} <= {4, 9, 11}
    assert "Quantity(" not in written


def test_only_what_a_cause_explains_is_told_as_its_result() -> None:
    limit = found("S19", Role.ROOT)
    rows = found("S11", Role.ROOT, explains=("S03",))
    memory = found("S03", Role.SYMPTOM, explains=("S07",))
    pool = found("S07", Role.SYMPTOM)
    diagnosis = Diagnosis((limit, rows, memory, pool))
    assert findings.consequences(limit, diagnosis) == []
    assert findings.consequences(rows, diagnosis) == [memory, pool]
