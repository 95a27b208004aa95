"""A busy generator is no finding; one whose delays are a part of the load, or of the times, is."""

from typing import Any

from cases import constant, healthy, trend

from sonagi.diagnose.rules.validity.c01_generator import look
from sonagi.model.evidence import Evidence, PlannedLoad, ScriptFacts
from sonagi.model.finding import Verdict
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Trend

NO_PAUSE = PlannedLoad("browse", "constant-vus", 100, 60.0, together=False, constant_think=0.0)


def generator(user_cpu: float, lag: float, iteration: float, **changes: Any) -> Evidence:
    """100 users without a pause; answers take 10 ms, iterations `iteration` ms."""
    more = {"loads": (NO_PAUSE,), **changes}
    trends = {"http_req_duration": trend(10.0), "iteration_duration": trend(iteration)}
    signals = {"generator.user_cpu": constant(user_cpu), "generator.lag": constant(lag)}
    return healthy(signals=signals, trends=trends, **more)


CASE = generator(0.98, 20.0, 25.0)
COUNTER = generator(0.98, 0.4, 10.2)


def test_users_who_wait_for_the_generator_make_another_load_than_was_planned() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    assert finding.title.key == "validity.c01_title"
    assert round(finding.title.values["share"].value, 2) == 0.60
    assert "validity.c01_kept" in [proof.said.key for proof in finding.evidence]
    assert "http_req_duration" not in finding.voids


def test_time_that_pauses_explain_is_not_the_generators() -> None:
    load = PlannedLoad("browse", "constant-vus", 100, 60.0, constant_think=0.015)
    assert look(generator(0.98, 5.0, 25.0, loads=(load,))) is None


def test_a_generator_without_cpu_is_told_from_a_busy_one() -> None:
    finding = look(generator(0.15, 85.0, 60.0))
    assert finding is not None
    assert finding.title.key == "validity.c01_title_starved"
    assert finding.verdict is Verdict.INVALID


def test_delays_are_in_the_times_where_the_kernel_does_not_stamp_them() -> None:
    finding = look(generator(0.98, 6.0, 10.5, stamps="thread"))
    assert finding is not None
    assert "http_req_duration" in finding.voids
    assert look(generator(0.98, 6.0, 10.5)) is None


def test_the_line_that_blocks_is_named() -> None:
    blocked = (("shop.py:12", 40.0), ("shop.py:31", 900.0))
    finding = look(generator(0.98, 20.0, 25.0, blocked=blocked))
    assert finding is not None
    said = next(proof.said for proof in finding.evidence if proof.said.key == "validity.c01_blocked")
    assert said.values["line"] == "shop.py:31"
    assert finding.action.key == "validity.c01_action_script"


def test_starts_that_come_late_although_users_are_free_are_the_generators() -> None:
    load = PlannedLoad("browse", "constant-arrival-rate", 500, 60.0, rate=100.0)
    changes = {"loads": (load,), "vus": (100, 100, 200), "dropped": 0}
    signals = {"generator.lag": constant(30.0), "load.late": constant(30)}
    trends = {"http_req_duration": trend(10.0), "iteration_duration": trend(1010.0)}
    finding = look(healthy(signals=signals, trends=trends, **changes))
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    full = {**changes, "vus": (500, 500, 500)}
    busy = look(healthy(signals=signals, trends=trends, **full))
    assert busy is None or busy.verdict is Verdict.SUSPECT


def of_another_tool(iteration: float) -> Evidence:
    pace = Reading(iteration, iteration, iteration + 10)
    return healthy(
        loads=(PlannedLoad("browse", "constant-vus", 100, 60.0),),
        script=ScriptFacts(think=1.0),
        trends={"http_req_duration": trend(10.0), "iteration_duration": Trend(pace)},
    )


def without_own_clock(evidence: Evidence) -> Evidence:
    from dataclasses import replace

    return replace(evidence, signals={}, stamps="")


def test_another_tools_iterations_tell_what_was_in_no_request() -> None:
    finding = look(without_own_clock(of_another_tool(1300.0)))
    assert finding is not None
    assert finding.confidence <= 0.6
    assert round(finding.title.values["beside"].value) == 290
    assert look(without_own_clock(of_another_tool(1010.0))) is None
