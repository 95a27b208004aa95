"""Memory that grows with the requests, or just grows."""

from dataclasses import replace

import pytest
from cases import constant, healthy, per_second

from sonagi.diagnose.rules.failures.s25_leak import look
from sonagi.model.evidence import Evidence
from sonagi.model.series import Series

SECONDS = 180
PER_REQUEST = 10_000


def run(requests: Series, memory: Series, **more: object) -> Evidence:
    """Three minutes."""
    signals = {"load.requests": requests, "load.vus": constant(100, SECONDS), "process.rss": memory}
    return replace(healthy(signals=signals), seconds=float(SECONDS), **more)  # type: ignore[arg-type]


def kept(requests: Series) -> Series:
    """100 MB and 10 kB for each request so far."""
    total, values = 0.0, []
    for count in requests.values:
        total += count
        values.append(100e6 + PER_REQUEST * total + 1e5 * (len(values) % 3))
    return Series(requests.at, tuple(values))


STEADY, CHANGING = constant(99, SECONDS), per_second(lambda second: 40 if second % 60 < 30 else 160, SECONDS)

CASE = run(CHANGING, kept(CHANGING))
# It grows while it warms up, and then no more.
COUNTER = run(
    STEADY, per_second(lambda second: 100e6 + 60e6 * min(second / 50, 1) + 1e5 * (second % 3), SECONDS)
)


def test_growth_that_follows_the_requests_is_a_leak_with_its_size() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.key == "shape.s25_leak_title"
    assert finding.title.values["each"].value == pytest.approx(PER_REQUEST, rel=0.15)
    assert finding.confidence > 0.8


def test_growth_at_one_rate_may_be_a_cache() -> None:
    finding = look(run(STEADY, kept(STEADY)))
    assert finding is not None
    assert finding.title.key == "shape.s25_growth_title"
    assert "shape.s25_one_rate" in [said.key for said in finding.against]
    assert finding.confidence < 0.7


def test_memory_that_stood_still_before_the_load_grows_because_of_it() -> None:
    before = Series(
        tuple(float(at) for at in range(-20, 0)), tuple(100e6 + 1e5 * (at % 3) for at in range(20))
    )
    grown = kept(STEADY)
    finding = look(run(STEADY, Series(before.at + grown.at, before.values + grown.values)))
    assert finding is not None
    # So does a cache that fills: it is told, and is no proof of a leak.
    assert finding.title.key == "shape.s25_growth_title"
    assert finding.confidence < 0.7
    assert "shape.s25_not_idle" in [proof.said.key for proof in finding.evidence]


def test_the_time_until_the_limit_is_projected() -> None:
    finding = look(CASE)
    assert finding is not None
    left = {proof.said.key: proof.said.values for proof in finding.evidence}["shape.s25_left"]["left"]
    assert left.value == pytest.approx((1500e6 - 280e6) / (PER_REQUEST * 100), rel=0.15)


def test_more_users_need_more_memory() -> None:
    users = per_second(lambda second: second, SECONDS)
    memory = per_second(lambda second: 100e6 + second * 1e6, SECONDS)
    grown = run(STEADY, memory)
    assert look(replace(grown, signals=grown.signals | {"load.vus": users})) is None


def test_a_heap_is_judged_by_what_its_collections_leave() -> None:
    sawtooth = per_second(lambda second: 50e6 + 200e6 * (second % 20) / 20, SECONDS)
    leaking = per_second(lambda second: 50e6 + 1e6 * second + 200e6 * (second % 8) / 8, SECONDS)
    grown = run(STEADY, kept(STEADY))
    assert look(replace(grown, signals=grown.signals | {"jvm.heap_used": sawtooth})) is None
    assert look(replace(grown, signals=grown.signals | {"jvm.heap_used": leaking})) is not None


def test_a_heap_that_was_never_collected_tells_nothing() -> None:
    filling = per_second(lambda second: 50e6 + 1e6 * second, SECONDS)
    grown = run(STEADY, kept(STEADY))
    assert look(replace(grown, signals=grown.signals | {"jvm.heap_used": filling})) is None
