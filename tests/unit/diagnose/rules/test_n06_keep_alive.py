"""Connections closed while a request is on its way."""

from dataclasses import replace

from cases import per_second
from failed import failing, failures, narrow

from sonagi.diagnose.rules.failures.n06_keep_alive import look
from sonagi.model.evidence import PlannedLoad
from sonagi.model.traffic import FailureKind, Failures, Trend

NOW_AND_THEN = per_second(lambda second: second % 10 == 0)


def resets(idle: Trend, age: Trend, **more: object) -> Failures:
    """One every ten seconds, each on a connection that had served before."""
    one = failures(FailureKind.RESET, NOW_AND_THEN, method="POST", reused=6, idle=idle, age=age)
    return replace(one, **more)  # type: ignore[arg-type]


AT_FIVE = resets(narrow(4980, 5020), narrow(6000, 55_000))

CASE = failing(AT_FIVE)
# New connections that are reset are the accept queue's.
COUNTER = failing(resets(narrow(0, 0), narrow(0, 1), reused=0))


def test_resets_after_one_idle_time_are_the_servers_timeout() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.values["idle"].value == 5020
    assert finding.confidence > 0.8
    assert finding.scope.startswith("POST ")


def test_a_timeout_that_is_known_and_fits_makes_it_surer() -> None:
    known = look(failing(AT_FIVE, settings={"keep_alive": "5"}))
    other, unknown = look(failing(AT_FIVE, settings={"keep_alive": "75s"})), look(CASE)
    assert known is not None and other is not None and unknown is not None
    assert known.confidence > unknown.confidence == other.confidence


def test_an_idle_time_that_all_users_have_says_less() -> None:
    thinking = (PlannedLoad("browse", "constant-vus", 100, 60, constant_think=5.0),)
    finding, other = look(failing(AT_FIVE, loads=thinking)), look(CASE)
    assert finding is not None and other is not None
    assert finding.confidence < other.confidence
    assert "network.n06_all_idle" in [said.key for said in finding.against]


def test_an_age_that_all_have_is_told_where_idle_times_differ() -> None:
    finding = look(failing(resets(narrow(10, 900), narrow(29_000, 30_000))))
    assert finding is not None
    assert finding.title.key == "network.n06_age_title"


def test_resets_at_any_age_are_told_with_little_confidence() -> None:
    finding = look(failing(resets(narrow(10, 900), narrow(500, 50_000))))
    assert finding is not None
    assert finding.confidence < 0.5


def test_resets_all_at_one_moment_are_a_restart() -> None:
    moment = per_second(lambda second: 6 if second == 30 else 0)
    assert look(failing(resets(narrow(4980, 5020), narrow(1, 2), by_second=moment))) is None


def test_connections_of_which_nothing_is_known_tell_nothing() -> None:
    assert look(failing(resets(Trend(), Trend(), reused=None))) is None
