"""What fails from the first iteration on and always is the script's; what begins later is not."""

from dataclasses import replace

from cases import NAME, healthy, trend

from sonagi.diagnose.rules.validity.c09_script_error import look
from sonagi.model.finding import Verdict
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Answers, Check, Endpoint, FailureKind, Failures, Trend


def refused(count: int, status: int, total: int = 5940) -> dict[str, object]:
    return {
        "failed": count,
        "endpoints": (Endpoint("GET", NAME, total, count, trend(10.0)),),
        "failures": (Failures(FailureKind.STATUS, "GET", NAME, count, status=status),),
    }


CASE = healthy(**refused(5940, 404))
# Half of them: the data, or the server, but not the request as such.
COUNTER = healthy(**refused(3000, 404))


def test_a_run_of_nothing_but_404_is_invalid_and_names_the_request() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    assert finding.scope == f"GET {NAME}"
    assert finding.action.key == "validity.c09_action_path"


def test_a_server_that_is_busy_or_broken_is_not_the_script() -> None:
    assert look(healthy(**refused(5940, 429))) is None
    assert look(healthy(**refused(5940, 500))) is None


def test_a_status_that_the_script_expects_is_no_failure() -> None:
    gone = Answers("GET", NAME, 404, 5940)
    assert look(healthy(answers=(gone,))) is None
    assert look(healthy(answers=(gone,), endpoints=(Endpoint("GET", NAME, 5940, 5940),))) is not None


def test_one_request_of_several_leaves_the_others_figures() -> None:
    finding = look(healthy(**refused(600, 401, 600)))
    assert finding is not None
    assert finding.verdict is Verdict.SUSPECT
    assert finding.action.key == "validity.c09_action_rights"


def test_exceptions_in_each_iteration_make_a_run_invalid_and_few_do_not() -> None:
    finding = look(healthy(requests=0, exceptions=(("KeyError: 'id' (shop.py:12)", 5940),)))
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    assert finding.evidence[0].said.values["what"].startswith("KeyError")
    some = look(healthy(exceptions=(("KeyError: 'id' (shop.py:12)", 119),)))
    assert some is not None
    assert some.verdict is Verdict.VALID
    assert look(healthy(exceptions=(("KeyError: 'id' (shop.py:12)", 3),))) is None


def test_another_tool_logs_what_its_script_threw() -> None:
    thrown = ((1.0, "TypeError: Cannot read property 'id' of undefined at file:///t.js:9"),) * 900
    finding = look(healthy(iterations=1000, warnings=thrown))
    assert finding is not None
    assert finding.verdict is Verdict.INVALID


def test_a_check_that_never_holds_while_requests_succeed_is_told() -> None:
    finding = look(healthy(checks=(Check("status is 201", 0, 5940),)))
    assert finding is not None
    assert finding.title.values["check"] == "status is 201"
    assert look(healthy(checks=(Check("status is 201", 1, 5939),))) is None


def test_a_summary_in_which_every_request_was_answered_with_an_error_is_a_suspicion() -> None:
    receiving = Trend(min=Reading(0.02, 0.02, 0.03))
    run = healthy(failed=5940, failures=(), endpoints=())
    run = replace(run, trends={**run.trends, "http_req_receiving": receiving})
    finding = look(run)
    assert finding is not None
    assert finding.verdict is Verdict.SUSPECT
    assert finding.confidence < 0.6
    nothing_came = replace(run, trends={**run.trends, "http_req_receiving": Trend(min=Reading.exact(0.0))})
    assert look(nothing_came) is None


def test_of_half_a_summary_nobody_knows_how_many_requests_succeeded() -> None:
    never = (Check("status is 200", 0, 1221),)
    assert look(healthy(requests=None, failed=None, checks=never)) is None
    assert look(healthy(checks=never)) is not None
