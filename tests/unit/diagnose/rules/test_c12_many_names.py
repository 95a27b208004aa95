"""Names that follow requests are the generator's load, not the server's."""

from dataclasses import replace

from cases import healthy
from k6_report import SEATS

from sonagi.diagnose.rules.validity.c12_many_names import look
from sonagi.model.finding import Verdict

CASE = SEATS
COUNTER = healthy(names=40, warnings=((3.0, "The flag --foo is deprecated"),))


def test_nine_series_a_request_prove_that_each_had_a_url_of_its_own() -> None:
    finding = look(SEATS)
    assert finding is not None
    assert finding.confidence == 0.97
    assert finding.verdict is Verdict.VALID
    each = next(proof.said for proof in finding.evidence if proof.said.key == "validity.c12_nine")
    assert round(each.values["each"].value, 1) == 9.0


def test_a_warning_whose_growth_is_another_is_told_without_that_proof() -> None:
    finding = look(replace(SEATS, warnings=SEATS.warnings[:1], requests=20_000))
    assert finding is not None
    assert finding.confidence < 0.9


def test_our_own_count_of_names_is_enough() -> None:
    capped = look(healthy(names=5000, series_capped=True))
    many = look(healthy(names=2900))
    assert capped is not None
    assert many is not None
    assert capped.confidence > many.confidence
    assert look(healthy(names=400)) is None
