"""Descriptors at their limit stop new connections; many of them open are no cause while some are left."""

from dataclasses import replace

from cases import constant, healthy, per_second
from stories import line

from sonagi.diagnose.rules.server.s16_descriptors import look
from sonagi.model.traffic import FailureKind, Failures

HANGING = (Failures(FailureKind.CONNECT_TIMEOUT, "GET", "/concerts/", 800),)
OPEN = {"process.fd_limit": constant(64), "process.fds": per_second(lambda second: min(20 + 5 * second, 63))}

CASE = healthy(
    failed=800,
    failures=HANGING,
    signals=OPEN,
    log=(line("socket.accept() out of system resource: [Errno 24] Too many open files", 40),),
)
COUNTER = healthy(
    failed=800, failures=HANGING, signals={"process.fd_limit": constant(1024), "process.fds": constant(700)}
)


def test_level_and_log_agree() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.confidence >= 0.95
    assert finding.title.values["limit"].value == 64


def test_the_level_alone_is_less_sure() -> None:
    finding = look(replace(CASE, log=(), seen=frozenset({"client", "process"})))
    assert finding is not None
    assert finding.confidence <= 0.8
