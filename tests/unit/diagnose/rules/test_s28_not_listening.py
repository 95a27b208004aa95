"""Nothing listens: from the first request on, or since a crash."""

from dataclasses import replace

import pytest
import reported
from cases import constant, healthy, per_second
from failed import failing, failures, line

from sonagi.diagnose.rules.failures.s28_not_listening import look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Verdict
from sonagi.model.traffic import Event, FailureKind

NEVER = failing(failures(FailureKind.REFUSED, constant(99)))
CRASHED = failing(
    failures(FailureKind.REFUSED, per_second(lambda second: 99 if second > 40 else 0)),
    signals={"process.alive": per_second(lambda second: second <= 40)},
)

CASE = NEVER
# A full queue may refuse as well, but others are answered meanwhile, and the process lives.
COUNTER = failing(failures(FailureKind.REFUSED, per_second(lambda second: 40 if second > 5 else 0)))


def test_a_run_that_was_refused_from_the_first_request_on_says_nothing_of_the_server() -> None:
    finding = look(NEVER)
    assert finding is not None
    assert (finding.confidence, finding.onset, finding.verdict) == (0.97, 0.0, Verdict.SUSPECT)
    assert finding.voids == ("http_req_duration",)
    assert finding.explains == ()


def test_a_bare_summary_without_a_byte_or_a_millisecond_is_one_that_nobody_listened_to() -> None:
    finding = look(reported.ONE_USER)
    assert finding is not None
    assert finding.confidence == 0.9
    assert [proof.said.key for proof in finding.evidence] == [
        "failures.s28_nothing_sent",
        "failures.s28_vacuous",
    ]
    assert [rival.cause for rival in finding.rivals] == ["N04"]


def test_a_server_that_ran_out_of_memory_in_the_run_before_died_there() -> None:
    before = replace(reported.UNPAGED, log=(line("jvm", 3, "java.lang.OutOfMemoryError: Java heap space"),))
    finding = look(replace(reported.ONE_USER, before=before))
    assert finding is not None
    assert finding.confidence == 0.97
    assert finding.evidence[-1].said.values["lines"].value == 3


def test_a_process_that_ended_in_the_run_before_is_told() -> None:
    before = healthy(events=(Event(30.0, "exited", "exit code 137"),))
    finding = look(replace(NEVER, before=before))
    assert finding is not None
    assert finding.evidence[-1].said.key == "failures.s28_exited_before"


def test_a_crash_begins_with_its_first_refusal_or_with_the_end_of_the_process() -> None:
    finding = look(CRASHED)
    assert finding is not None
    assert (finding.onset, finding.confidence) == (41.0, 0.97)
    assert finding.title.values["count"].value == 20 * 99


def test_a_crash_that_only_clients_saw_is_less_sure() -> None:
    signals = {name: series for name, series in CRASHED.signals.items() if name != "process.alive"}
    finding = look(replace(CRASHED, signals=signals, seen=frozenset({"client", "seconds"})))
    assert finding is not None
    assert finding.confidence == 0.75
    assert {said.key for said in finding.against} == {"failures.unseen_process", "failures.unseen_log"}


def test_the_event_of_its_end_is_quoted() -> None:
    finding = look(replace(CRASHED, events=(Event(40.0, "exited", "signal 11"),)))
    assert finding is not None
    assert {"text": "signal 11"} in [dict(proof.said.values) for proof in finding.evidence]


@pytest.mark.parametrize("run", [reported.UNPAGED, reported.TWO_HUNDRED, reported.TOKENS])
def test_runs_of_which_some_bytes_came_through_had_a_listener(run: Evidence) -> None:
    assert look(run) is None
