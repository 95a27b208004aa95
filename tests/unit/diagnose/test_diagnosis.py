"""Findings in their causal order."""

from dataclasses import replace

from sonagi.diagnose.diagnosis import arrange
from sonagi.model.finding import Finding, Rival, Role, Said, Verdict

NOTHING = Said("validity.c07_action")


def finding(cause: str, confidence: float = 0.8, role: Role = Role.ROOT, **more: object) -> Finding:
    return replace(Finding(cause, role, confidence, NOTHING, (), NOTHING), **more)  # type: ignore[arg-type]


def test_what_follows_from_a_cause_that_began_no_later_is_its_symptom() -> None:
    pool = finding("S07", 0.9, onset=3.0)
    rows = finding("S11", 0.8, onset=2.0, explains=("S03",))
    heap = finding("S03", 0.8, onset=2.5, explains=("S07",))
    diagnosis = arrange([pool, heap, rows])
    assert {one.cause: one.role for one in diagnosis.findings} == {
        "S11": Role.ROOT,
        "S03": Role.SYMPTOM,
        "S07": Role.SYMPTOM,
    }
    assert diagnosis.findings[0].cause == "S11"


def test_a_cause_cannot_begin_after_its_consequence() -> None:
    diagnosis = arrange([finding("S07", onset=1.0), finding("S09", onset=30.0, explains=("S07",))])
    assert all(one.role is Role.ROOT for one in diagnosis.findings)


def test_an_unlikely_cause_does_not_make_a_sure_one_its_symptom() -> None:
    diagnosis = arrange([finding("S07", 0.95), finding("S09", 0.3, explains=("S07",))])
    assert diagnosis.findings[0].role is Role.ROOT


def test_a_measurement_that_is_not_to_be_believed_casts_doubt_on_the_server_being_at_fault() -> None:
    saturated = finding("C01", 0.9, Role.VALIDITY, verdict=Verdict.INVALID)
    diagnosis = arrange([finding("S01", 0.9), saturated])
    assert diagnosis.verdict is Verdict.INVALID
    assert diagnosis.reasons == ("C01",)
    assert [one.cause for one in diagnosis.findings] == ["C01", "S01"]
    assert diagnosis.findings[1].confidence == 0.3


def test_two_rivals_too_close_to_tell_apart_are_left_undecided() -> None:
    rivals = (Rival("S10", NOTHING),)
    close = arrange([finding("S09", 0.6, rivals=rivals), finding("S10", 0.55)])
    clear = arrange([finding("S09", 0.8, rivals=rivals), finding("S10", 0.4)])
    assert close.undecided == ("S09", "S10")
    assert clear.undecided == ()


def test_what_is_hardly_likely_is_not_said() -> None:
    assert arrange([finding("S09", 0.1)]).findings == ()
