"""A database that refuses connections says so; without failures, or once, it is no cause."""

from cases import healthy
from stories import line

from sonagi.diagnose.rules.server.s13_connections import look

REFUSAL = "FATAL:  sorry, too many clients already"

CASE = healthy(failed=900, log=(line(REFUSAL, 900, signature="pg"),))
COUNTER = healthy(log=(line(REFUSAL, 5, at=-30.0, signature="pg"),))


def test_the_database_s_refusals_are_counted() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.confidence >= 0.9
    assert finding.title.values["count"].value == 900


def test_mysql_says_it_in_its_own_words() -> None:
    assert look(healthy(failed=900, log=(line("ERROR 1040 (08004): Too many connections", 900),))) is not None
