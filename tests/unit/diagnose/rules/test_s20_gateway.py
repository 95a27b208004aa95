"""A gateway that answers in the server's stead."""

from dataclasses import replace

from cases import per_second
from failed import failing, failures, line, narrow

from sonagi.diagnose.rules.failures.s20_gateway import look
from sonagi.model.traffic import Event, FailureKind

SOME = per_second(lambda second: 10 if second > 20 else 0)
LINE = line("nginx", 400, "upstream timed out (110: Connection timed out) while reading response header")

CASE = failing(failures(FailureKind.STATUS, SOME, status=504, duration=narrow(2001, 2030)), log=(LINE,))
# A server that is full says 503 itself.
COUNTER = failing(
    failures(FailureKind.STATUS, SOME, status=503, duration=narrow(1, 2)),
    log=(line("uvicorn", 400, "Exceeded concurrency limit."),),
)


def test_504s_at_one_time_are_the_gateways_timeout_which_began_before() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.values["limit"].value == 2001
    assert round(finding.onset or 0) == 19
    assert finding.confidence > 0.9


def test_a_client_alone_is_less_sure_and_says_what_it_lacks() -> None:
    finding = look(replace(CASE, log=(), seen=frozenset({"client", "seconds"})))
    assert finding is not None
    assert 0.5 < finding.confidence <= 0.6
    assert [said.key for said in finding.against] == ["failures.unseen_log"]


def test_504s_of_all_sorts_of_times_are_no_setting() -> None:
    varying = failing(failures(FailureKind.STATUS, SOME, status=504, duration=narrow(300, 9000)))
    finding = look(varying)
    assert finding is not None
    assert finding.title.key == "failures.s20_title"
    assert finding.confidence < 0.6


def test_502s_that_come_at_once_name_the_restart_behind_them() -> None:
    gone = failing(
        failures(FailureKind.STATUS, SOME, status=502, duration=narrow(1, 3)),
        log=(
            line(
                "nginx-conn", 400, "connect() failed (111: Connection refused) while connecting to upstream"
            ),
        ),
        events=(Event(20.5, "restart", "pid 41 → 57"),),
    )
    finding = look(gone)
    assert finding is not None
    assert {"failures.s20_at_once", "failures.s20_line", "failures.s20_restart"} <= {
        proof.said.key for proof in finding.evidence
    }


def test_503s_without_any_trace_of_a_gateway_are_hardly_its_own() -> None:
    finding = look(failing(failures(FailureKind.STATUS, SOME, status=503, duration=narrow(40, 90))))
    assert finding is None or finding.confidence < 0.2
