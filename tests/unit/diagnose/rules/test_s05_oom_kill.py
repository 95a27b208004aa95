"""The kernel's word, its counters or an end at the limit tell of a kill; one that hit somebody else does not."""

from dataclasses import replace

from cases import constant, healthy, per_second
from stories import line

from sonagi.diagnose.rules.server.s05_oom_kill import look
from sonagi.model.traffic import Event, FailureKind, Failures

KERNEL = "Memory cgroup out of memory: Killed process 4711 (java) total-vm:812345kB, anon-rss:65000kB"
REFUSED = (
    Failures(FailureKind.RESET, "GET", "/concerts/", 80),
    Failures(FailureKind.REFUSED, "GET", "/concerts/", 1920),
)
GONE = {
    "process.alive": per_second(lambda second: 0 if 30 <= second < 36 else 1),
    "process.restarts": per_second(lambda second: 1 if second >= 36 else 0),
    "process.rss": per_second(lambda second: min(60e6 + 1.5e6 * second, 64e6) if second < 30 else 40e6),
    "process.memory_limit": constant(64e6),
    "load.failed": per_second(lambda second: 99 if 30 <= second < 50 else 0),
}

CASE = healthy(
    failed=2000,
    failures=REFUSED,
    signals={**GONE, "cgroup.oom_kills": per_second(lambda second: second >= 30)},
    log=(line(KERNEL, 1, at=30.0, signature="oom"),),
    events=(Event(30.0, "oom_kill", KERNEL, "kernel"),),
)
# The kernel killed somebody else's process: ours lives on.
COUNTER = healthy(
    signals={"host.oom_kills": per_second(lambda second: second >= 30)},
    log=(replace(line(KERNEL, 1, at=30.0, signature="oom"), source="kernel"),),
)


def test_the_kernel_s_word_is_as_sure_as_it_gets() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.confidence >= 0.95
    assert finding.onset == 30.0
    assert "S28" in finding.explains
    keys = [proof.said.key for proof in finding.evidence]
    assert {"server.log_lines", "memory.s05_counted", "memory.s05_at_limit", "memory.s05_restarts"} <= set(
        keys
    )


def test_an_end_at_the_limit_says_it_without_the_kernel() -> None:
    finding = look(
        replace(
            CASE,
            log=(),
            events=(),
            seen=frozenset({"client", "seconds", "process"}),
            signals=_without_kills(),
        )
    )
    assert finding is not None
    assert 0.6 <= finding.confidence <= 0.8


def test_an_end_far_from_the_limit_is_a_crash_of_another_kind() -> None:
    signals = {**_without_kills(), "process.rss": constant(30e6)}
    assert look(replace(CASE, log=(), events=(), signals=signals)) is None


def test_a_kill_before_the_load_is_not_this_run_s() -> None:
    before = replace(line(KERNEL, 1, at=-40.0), first_at=-40.0)
    assert look(healthy(log=(before,))) is None


def _without_kills() -> dict[str, object]:
    return {name: series for name, series in CASE.signals.items() if name != "cgroup.oom_kills"}
