"""An accept queue that overflows: connects come late by steps, or never."""

from dataclasses import replace

import pytest
import reported
from cases import constant, healthy, per_second, trend
from failed import failing, failures

from sonagi.diagnose.rules.failures.s17_accept_queue import look
from sonagi.model.evidence import Evidence, ScriptFacts
from sonagi.model.traffic import FailureKind

LATE = {
    "load.connect_p95": per_second(lambda second: {1: 40, 2: 1032, 4: 3048}.get(second, 0)),
    "host.listen_overflows": per_second(lambda second: 120 if second <= 3 else 0),
}
CONNECTING = healthy().trends | {"http_req_connecting": trend(12.0, low=0.0, high=3055.0)}

CASE = healthy(signals=LATE, trends=CONNECTING)
# The same connects on a host that counted no overflow: packets were lost elsewhere.
COUNTER = healthy(signals=LATE | {"host.listen_overflows": constant(0)}, trends=CONNECTING)


def test_connects_that_took_the_steps_of_retransmission_and_overflows_are_told_together() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.confidence > 0.9
    assert finding.onset == 1.0
    said = {proof.said.key: proof.said.values for proof in finding.evidence}
    assert said["failures.s17_overflows"]["count"].value == 360
    assert said["failures.s17_steps"]["last"].value == 3055.0


def test_a_queue_as_long_as_it_may_be_is_as_good_as_overflows() -> None:
    queue = {"process.listen_queue": constant(9), "process.listen_backlog": constant(8)}
    finding = look(healthy(signals=LATE | queue | {"host.listen_overflows": constant(0)}, trends=CONNECTING))
    assert finding is not None
    assert "failures.s17_queue" in [proof.said.key for proof in finding.evidence]


def test_connects_that_timed_out_were_begun_a_timeout_before() -> None:
    lost = failing(failures(FailureKind.CONNECT_TIMEOUT, per_second(lambda second: 5 if second > 45 else 0)))
    finding = look(replace(lost, seen=frozenset({"client", "seconds"}), signals={}))
    assert finding is not None
    assert finding.onset == 16.0
    assert 0.5 < finding.confidence <= 0.6
    assert finding.title.values["share"].value == pytest.approx(75 / 5940)


def test_late_connects_alone_are_the_servers_queue_only_when_they_form_steps() -> None:
    client = frozenset({"client", "seconds"})
    alone = replace(CASE, seen=client, signals={"load.connect_p95": LATE["load.connect_p95"]})
    finding = look(alone)
    assert finding is not None
    assert finding.confidence <= 0.6
    assert look(replace(alone, signals={"load.connect_p95": constant(700)}, trends=healthy().trends)) is None
    once = per_second(lambda second: 1010 if second == 30 else 0)
    assert look(replace(alone, signals={"load.connect_p95": once}, trends=healthy().trends)) is None


def test_one_step_is_enough_when_connects_take_it_again_and_again() -> None:
    client = frozenset({"client", "seconds"})
    often = per_second(lambda second: 1020 + second if second % 10 == 0 else 2)
    finding = look(replace(healthy(), seen=client, signals={"load.connect_p95": often}))
    assert finding is not None
    assert finding.confidence <= 0.6
    assert [proof.said.key for proof in finding.evidence] == ["failures.s17_step"]


def test_a_server_to_which_every_connect_takes_a_second_is_only_far_away() -> None:
    client = frozenset({"client", "seconds"})
    far = healthy().trends | {"http_req_connecting": trend(1020.0, low=1002.0, high=1100.0)}
    late = {"load.connect_p95": constant(1050)}
    assert look(replace(healthy(), seen=client, signals=late, trends=far)) is None


def test_a_summarys_missing_time_is_that_of_connects() -> None:
    finding = look(reported.UNPAGED)
    assert finding is not None
    assert finding.title.values["count"].value == 224
    assert finding.confidence <= 0.6
    assert [proof.said.key for proof in finding.evidence] == ["failures.s17_missing", "failures.s17_rest"]


def test_bytes_that_were_never_written_tell_of_refusals_too() -> None:
    finding = look(replace(reported.UNPAGED, script=ScriptFacts(1.0, request_bytes=87)))
    assert finding is not None
    assert round(finding.title.values["share"].value, 2) == 0.21


def test_an_opening_burst_is_a_hypothesis_and_no_more() -> None:
    finding = look(reported.TWO_HUNDRED)
    assert finding is not None
    assert finding.confidence == 0.4
    assert [rival.cause for rival in finding.rivals] == ["N06"]


@pytest.mark.parametrize("run", [reported.ONE_USER, reported.SCHEDULES, reported.SEATS, reported.TOKENS])
def test_runs_without_a_lost_connect_have_no_full_queue(run: Evidence) -> None:
    assert look(run) is None
