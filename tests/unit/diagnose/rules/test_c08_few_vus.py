"""An open model whose users are all in use."""

from dataclasses import replace

from cases import healthy, per_second, trend

from sonagi.diagnose.rules.validity.c08_few_vus import look
from sonagi.model.evidence import PlannedLoad
from sonagi.model.finding import Verdict

OPEN = PlannedLoad("open", "constant-arrival-rate", 50, 60.0, rate=100.0)

CASE = healthy(
    loads=(OPEN,),
    vus=(50, 50, 50),
    iterations=4500,
    dropped=1500,
    trends={"http_req_duration": trend(660.0), "iteration_duration": trend(660.0)},
    signals={"load.late": per_second(lambda second: 25 if second > 3 else 0)},
)
# Users were free: starts came late for another reason.
COUNTER = replace(CASE, vus=(20, 20, 31))


def test_the_users_that_the_rate_takes_are_told() -> None:
    finding = look(CASE)
    assert finding is not None
    slow = CASE.trend("iteration_duration").percentiles[99.0].value
    assert finding.action.values["needed"].value == round(100 * slow / 1000 + 0.5)
    assert finding.verdict is Verdict.SUSPECT
    assert finding.onset == 4.0


def test_a_load_that_was_mostly_left_out_doubts_the_load_and_not_what_is_seen_of_the_server() -> None:
    """More than a server can do is asked on purpose, to see what breaks."""
    finding = look(replace(CASE, iterations=1000, dropped=5000))
    assert finding is not None
    assert finding.weight > 0.8
    assert finding.verdict is Verdict.SUSPECT


def test_iterations_that_a_closed_model_left_over_are_not_this() -> None:
    load = PlannedLoad("goal", "per-vu-iterations", 50, 60.0, 120)
    assert look(replace(CASE, loads=(load,))) is None
