"""Few different values, asked for again and again."""

from cases import NAME, healthy
from k6_report import SEATS

from sonagi.diagnose.rules.validity.c18_narrow_data import look
from sonagi.model.evidence import ScriptFacts
from sonagi.model.finding import Verdict
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Answers, Trend

CASE = healthy(script=ScriptFacts(keys={"concertId": 20}))
COUNTER = healthy(script=ScriptFacts(keys={"concertId": 2000, "scheduleId": 9999}))


def same(least: float, most: float, kinds: int = 1, name: str = NAME) -> Answers:
    sizes = Trend(min=Reading.exact(least), max=Reading.exact(most))
    return Answers("GET", name, 200, 5940, sizes, kinds=kinds)


def test_how_often_each_was_asked_for_is_told() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.values["each"].value == 297
    assert finding.verdict is Verdict.VALID


def test_few_requests_of_few_values_are_no_repetition() -> None:
    assert look(healthy(requests=600, script=ScriptFacts(keys={"concertId": 20}))) is None


def test_independent_keys_make_many_things() -> None:
    assert look(SEATS) is None
    assert look(healthy(script=ScriptFacts(keys={"concertId": 20, "scheduleId": 20}))) is None


def test_answers_that_are_one_to_the_byte_are_a_weak_sign_where_ids_were_asked_for() -> None:
    finding = look(healthy(answers=(same(640, 640),)))
    assert finding is not None
    assert finding.confidence < 0.5
    for other in (same(640, 655), same(640, 640, kinds=3), same(640, 640, name="/concerts/")):
        assert look(healthy(answers=(other,))) is None
