"""Descriptors of the generator, not of the server."""

from cases import constant, healthy

from sonagi.diagnose.rules.validity.c03_descriptors import look
from sonagi.model.finding import Verdict
from sonagi.model.traffic import FailureKind, Failures, LogTemplate

CASE = healthy(
    failed=4000,
    failures=(Failures(FailureKind.LOCAL, "GET", "/", 4000, errno=24),),
    signals={"generator.fds": constant(64), "generator.fd_limit": constant(64)},
)
# The server's own log says the same words.
COUNTER = healthy(
    failed=4000,
    failures=(Failures(FailureKind.RESET, "GET", "/", 4000, errno=104),),
    log=(
        LogTemplate(
            "emfile", "accept failed: Too many open files", 12, 3.0, "accept failed: Too many open files"
        ),
    ),
)


def test_use_and_limit_are_told() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    usage = finding.evidence[-1].said
    assert usage.key == "validity.c03_used"
    assert (usage.values["used"].value, usage.values["most"].value) == (64, 64)


def test_the_systems_own_table_counts_too() -> None:
    assert look(healthy(failures=(Failures(FailureKind.LOCAL, "GET", "/", 9, errno=23),))) is not None
