"""One request at a time."""

from dataclasses import replace

from cases import constant, healthy, per_second
from failed import line

from sonagi.diagnose.rules.failures.s30_serialised import look

GROWING = {
    "load.vus": per_second(lambda second: 10 + 2 * second),
    "load.ok": per_second(lambda second: 50 + second % 2),
    "load.p50": per_second(lambda second: 20 * (10 + 2 * second)),
}
ONE_CORE = {"process.cpu": constant(1.0), "process.busiest_thread": constant(0.98)}

CASE = healthy(signals=GROWING | ONE_CORE)
# All cores are busy: that is work, not a lock.
COUNTER = healthy(signals=GROWING | {"process.cpu": constant(3.9), "process.busiest_thread": constant(0.98)})


def test_more_users_who_only_wait_longer_and_one_busy_core() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.key == "shape.s30_core_title"
    assert finding.confidence > 0.8
    assert finding.title.values["done"].unit == "per_s"
    said = {proof.said.key: proof.said.values for proof in finding.evidence}["shape.s30_no_more"]
    assert abs(said["flat"].value) < 0.1
    assert 0.9 < said["linear"].value < 1.1


def test_a_server_that_may_use_one_core_only_is_just_busy() -> None:
    assert look(healthy(signals=GROWING | ONE_CORE | {"process.cores": constant(1)})) is None


def test_a_core_shared_by_many_threads_is_no_lock() -> None:
    assert look(healthy(signals=GROWING | ONE_CORE | {"process.busiest_thread": constant(0.1)})) is None


def test_a_busy_core_on_which_nobody_waits_is_no_trouble() -> None:
    assert look(healthy(signals=ONE_CORE)) is None


def test_throughput_that_still_grows_is_not_serialised() -> None:
    growing = {"load.ok": per_second(lambda second: 10 + 2 * second)}
    assert look(healthy(signals=GROWING | ONE_CORE | growing)) is None


def test_a_loop_that_lags_is_blocked_though_no_core_is_busy() -> None:
    lagging = healthy(
        signals=GROWING | {"loop.lag": constant(400)},
        log=(line("asyncio", 50, "Executing <Handle …> took 0.200 seconds"),),
    )
    finding = look(lagging)
    assert finding is not None
    assert finding.title.key == "shape.s30_loop_title"


def test_with_its_host_alone_it_is_less_sure() -> None:
    finding = look(replace(CASE, seen=frozenset({"client", "seconds", "host", "process"})))
    assert finding is not None
    assert finding.confidence <= 0.8
