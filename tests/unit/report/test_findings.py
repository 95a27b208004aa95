"""A diagnosis as it is shown: in the terminal, as JSON, as Markdown."""

import jsonschema
import pytest

from sonagi import locale
from sonagi.diagnose.diagnosis import arrange
from sonagi.model.finding import Diagnosis, Finding, Proof, Rival, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.report import cells, findings, findings_json, findings_markdown
from sonagi.report.cells import Paint
from sonagi.report.said import quantity

COUNTS = {
    "goal": Quantity(100_000, "count", "goal"),
    "done": Quantity(59_400, "count", "iterations"),
    "dropped": Quantity(40_600, "count", "dropped"),
    "limit": Quantity(600, "s", "plan"),
    "cut": Quantity(0, "count", "interrupted"),
    "needed": Quantity(1011, "s", "x"),
    "users": Quantity(169, "count", "x"),
}
TITLE = Said("validity.c07_title", COUNTS)
ACTION = Said("validity.c07_action", COUNTS)


def finding(cause: str, role: Role = Role.ROOT, **more: object) -> Finding:
    proof = Proof(Said("validity.c07_counts", COUNTS), "process", 1.6)
    fields: dict[str, object] = {
        "confidence": 0.9,
        "title": TITLE,
        "evidence": (proof,),
        "action": ACTION,
        **more,
    }
    return Finding(cause, role, **fields)  # type: ignore[arg-type]


CAUSE = finding(
    "S11",
    onset=1.6,
    explains=("S07",),
    against=(ACTION,),
    rivals=(Rival("S09", ACTION),),
    voids=("http_reqs",),
)
RESULT = finding("S07", onset=2.2)
TEST = finding("C07", Role.VALIDITY, verdict=Verdict.SUSPECT, weight=0.5)
DIAGNOSIS = arrange([RESULT, TEST, CAUSE])


@pytest.fixture(params=locale.LANGUAGES)
def language(request: pytest.FixtureRequest) -> object:
    locale.use(request.param)
    yield request.param
    locale.use(None)


@pytest.mark.parametrize("columns", [76, 116])
def test_no_line_is_wider_than_its_room(language: str, columns: int) -> None:
    for lines in (findings.brief, findings.full):
        assert max(cells.width(line) for line in lines(DIAGNOSIS, columns, Paint(False))) <= columns


def test_a_consequence_stands_below_its_cause_and_not_beside_it() -> None:
    lines = list(findings.brief(DIAGNOSIS, 116, Paint(False)))
    heads = [line for line in lines if "●" in line]
    assert ["ROOT CAUSE" in heads[0], "THE TEST" in heads[1], len(heads)] == [True, True, 2]
    below = next(line for line in lines if "a result, not the cause" in line)
    assert below.strip().startswith("+2.2 s")
    assert lines.index(below) < lines.index(heads[1])


def test_all_is_said_where_all_is_asked_for() -> None:
    lines = "\n".join(findings.full(DIAGNOSIS, 116, Paint(False)))
    for word in ("Against", "Or else   S09", "Void      http_reqs", "A RESULT"):
        assert word in lines


def test_a_cause_that_is_less_likely_than_not_is_called_a_suspicion() -> None:
    assert findings.label(finding("S11", confidence=0.4)) == "SUSPECTED"


def test_a_verdict_names_its_reasons() -> None:
    assert findings.verdict(DIAGNOSIS, Paint(False)) == "suspect (C07)"
    assert findings.verdict(Diagnosis(), Paint(False)) == "valid"


def test_the_json_keeps_to_its_schema_in_every_language(language: str) -> None:
    told = findings_json.as_dict(DIAGNOSIS)
    jsonschema.validate(told, findings_json.SCHEMA)
    assert told["findings"][0]["evidence"][0]["values"]["done"] == {
        "value": 59_400,
        "unit": "count",
        "how": "iterations",
    }
    assert told["measurement"] == {"verdict": "suspect", "reasons": ["C07"]}


def test_markdown_has_a_heading_for_each_finding(language: str) -> None:
    lines = list(findings_markdown.render(DIAGNOSIS, 3))
    assert len([line for line in lines if line.startswith("### ")]) == 3


def test_markdown_says_when_nothing_was_found() -> None:
    assert "Nothing stands out." in list(findings_markdown.render(Diagnosis()))


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Quantity(40_600, "count"), "40,600"),
        (Quantity(1011.0, "s"), "16m 51s"),
        (Quantity(3600, "s"), "1h"),
        (Quantity(2.5, "s"), "2.5s"),
        (Quantity(0, "s"), "0s"),
        (Quantity(0.03, "ms"), "30 µs"),
        (Quantity(11.8, "ms"), "11.8 ms"),
        (Quantity(480.2, "ms"), "480 ms"),
        (Quantity(60_000, "ms"), "1m"),
        (Quantity(93_800_000, "B"), "93.8 MB"),
        (Quantity(121, "B"), "121 B"),
        (Quantity(12_000_000, "B_per_s"), "12 MB/s"),
        (Quantity(0.21, "share"), "21 %"),
        (Quantity(0.0043, "share"), "0.43 %"),
        (Quantity(0.9991, "share"), "99.91 %"),
        (Quantity(1.0, "share"), "100 %"),
        (Quantity(98.6, "per_s"), "98.6/s"),
        (Quantity(1, "cores"), "1 core"),
        (Quantity(1.5, "cores"), "1.5 cores"),
        (Quantity(9.0, "plain"), "9"),
    ],
)
def test_a_quantity_is_written_in_its_unit(amount: Quantity, shown: str) -> None:
    assert quantity(amount) == shown


def test_a_quantity_is_written_in_korean() -> None:
    locale.use("ko")
    try:
        assert quantity(Quantity(1011, "s")) == "16분 51초"
    finally:
        locale.use(None)
