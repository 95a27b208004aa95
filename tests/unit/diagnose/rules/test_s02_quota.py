"""A quota that stops the server in most periods is the cause; a few throttled periods are not."""

from dataclasses import replace

from cases import constant, healthy
from stories import saturated

from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.server.s02_quota import look

QUOTA = {
    "cgroup.throttled": constant(0.97),
    "cgroup.cpu_limit": constant(0.3),
    "process.cpu": constant(0.3),
    "host.cpu": constant(0.2),
}

CASE = saturated(50, 900, 12, signals=QUOTA)
COUNTER = healthy(signals={"cgroup.throttled": constant(0.06), "cgroup.cpu_limit": constant(2)})


def test_the_quota_and_not_the_processors_is_the_root() -> None:
    diagnosis = diagnose(CASE)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S02"
    assert diagnosis.root.confidence >= 0.85
    assert "S01" not in {finding.cause for finding in diagnosis.findings}
    assert diagnosis.root.title.values["limit"].value == 0.3


def test_throttling_that_hurts_nobody_is_not_told() -> None:
    assert look(healthy(signals={"cgroup.throttled": constant(0.4)})) is None


def test_with_the_host_alone_it_is_less_sure() -> None:
    finding = look(replace(CASE, seen=frozenset({"client", "seconds", "host"})))
    assert finding is not None
    assert finding.confidence == 0.8


def test_a_limit_that_was_not_seen_is_not_named() -> None:
    signals = {name: series for name, series in CASE.signals.items() if name != "cgroup.cpu_limit"}
    finding = look(replace(CASE, signals=signals))
    assert finding is not None
    assert "limit" not in finding.title.values
