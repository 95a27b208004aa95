"""Ports that run out are the generator's machine's; a server that cannot be reached is not."""

from cases import constant, healthy

from sonagi.diagnose.rules.validity.c02_ports import look
from sonagi.model.finding import Verdict
from sonagi.model.series import Series
from sonagi.model.traffic import FailureKind, Failures

NO_PORT = Failures(
    FailureKind.LOCAL, "GET", "/", 3000, errno=99, by_second=Series((4.0, 5.0), (1000.0, 2000.0))
)

CASE = healthy(failed=3000, failures=(NO_PORT,))
COUNTER = healthy(failed=3000, failures=(Failures(FailureKind.UNREACHABLE, "GET", "/", 3000, errno=113),))


def test_a_run_that_mostly_met_its_own_limit_is_invalid() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    assert finding.onset == 4.0
    few = look(healthy(failed=30, failures=(Failures(FailureKind.LOCAL, "GET", "/", 30, errno=99),)))
    assert few is not None
    assert few.verdict is Verdict.SUSPECT


def test_another_tools_warnings_tell_it_in_words() -> None:
    text = 'Request Failed error="dial tcp 127.0.0.1:80: connect: cannot assign requested address"'
    finding = look(healthy(warnings=((2.0, text),) * 40))
    assert finding is not None
    assert finding.onset == 2.0


def test_ports_that_nearly_ran_out_are_a_remark() -> None:
    signals = {"generator.ports": constant(28_000), "generator.port_limit": constant(28_232)}
    finding = look(healthy(signals=signals))
    assert finding is not None
    assert finding.verdict is Verdict.VALID
    assert look(healthy(signals={**signals, "generator.ports": constant(1000)})) is None
