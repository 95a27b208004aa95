"""What answers and failures were like, added up from notes."""

from typing import Any

import pytest
from runs import recording, second

from sonagi.model.traffic import FailureKind
from sonagi.store.traffic import BODIES, KEYS, Traffic


def answers(*bodies: dict[str, Any], **changes: Any) -> dict[str, Any]:
    count = sum(body["count"] for body in bodies) or 1
    note = {"method": "GET", "name": "/", "status": 200, "count": count, "bytes_sum": 10 * count}
    return (
        note
        | {"bytes_min": 10, "bytes_max": 10, "announced": None, "kinds": 1, "bodies": list(bodies)}
        | changes
    )


def body(fingerprint: str, count: int = 1, **changes: Any) -> dict[str, Any]:
    return {"fp": fingerprint, "count": count, "bytes": 10, "items": None, "exact": True} | changes


def failure(**changes: Any) -> dict[str, Any]:
    note = {"kind": "reset", "method": "GET", "name": "/", "status": 0, "code": 1220, "errno": 104}
    return note | {"text": "", "count": 1} | changes


def heard(kind: str, *notes: dict[str, Any]) -> Traffic:
    traffic = Traffic()
    for number, note in enumerate(notes, 1):
        traffic.hear(0, number, [(kind, [note])])
    return traffic


def test_sizes_add_up_and_the_largest_announced_one_stays() -> None:
    [one] = heard(
        "answers",
        answers(count=3, bytes_sum=30, bytes_min=8, bytes_max=12, announced=93_800_000),
        answers(count=1, bytes_sum=50, bytes_min=50, bytes_max=50, announced=50),
    ).answers()
    sizes = one.sizes
    assert (one.count, one.announced, one.title) == (4, 93_800_000, "GET /")
    assert sizes.min and sizes.avg and sizes.max
    assert (sizes.min.value, sizes.avg.value, sizes.max.value) == (8, 20, 50)


def test_a_sample_that_comes_later_is_taken_and_the_first_one_stays() -> None:
    [one] = heard(
        "answers",
        answers(body("aa", 5)),
        answers(body("aa", 2, sample="[1]", items=1), body("bb", 9, sample="{}")),
        answers(body("aa", 1, sample="[2]", items=2)),
    ).answers()
    assert [(kept.fingerprint, kept.count, kept.sample, kept.items) for kept in one.bodies] == [
        ("bb", 9, "{}", None),
        ("aa", 8, "[1]", 1),
    ]


def test_the_most_frequent_bodies_stay_however_many_there_are() -> None:
    rare = [answers(body(f"{number:016x}")) for number in range(500)]
    often = [answers(body("ff" * 8, 100))]
    [one] = heard("answers", *often, *rare).answers()
    assert len(one.bodies) == BODIES
    assert (one.bodies[0].fingerprint, one.count) == ("ff" * 8, 600)


def test_each_worker_counts_kinds_of_its_own() -> None:
    traffic = Traffic()
    for worker, kinds in ((0, 3), (1, 7), (0, 4)):
        traffic.hear(worker, 1, [("answers", [answers(kinds=kinds)])])
    assert traffic.answers()[0].kinds == 7


def test_failures_are_told_by_second_with_what_their_connections_were_like() -> None:
    [one] = heard(
        "failures",
        failure(count=2, reused=2, idle_ms=[5000.0, 5001.0], age_ms=[60_000.0], duration_ms=[0.4]),
        failure(count=3, reused=1, text="connection reset by peer"),
    ).failures({("GET", "/", "0"): "how it began"}, most=1.5)
    assert (one.kind, one.count, one.reused, one.errno) == (FailureKind.RESET, 5, 3, 104)
    assert (one.by_second.at, one.by_second.values) == ((1.0, 1.5), (2.0, 3.0))
    assert (one.idle.count, one.age.count, one.duration.count) == (2, 1, 1)
    assert one.idle.max and one.idle.max.value == 5001.0
    assert (one.text, one.sample) == ("connection reset by peer", "how it began")


def test_a_reason_that_is_new_is_other_and_none_is_lost_for_it() -> None:
    [one] = heard("failures", failure(kind="by_meteorite")).failures({}, most=9.0)
    assert one.kind is FailureKind.OTHER


@pytest.mark.parametrize(("kind", "make"), [("answers", answers), ("failures", failure)])
def test_memory_has_an_end(kind: str, make: Any) -> None:
    traffic = heard(kind, *(make(name=f"/{number}") for number in range(KEYS + 50)))
    found = traffic.answers() if kind == "answers" else traffic.failures({}, most=9e9)
    assert len(found) == KEYS


def test_a_timeout_of_the_script_s_own_shows_in_what_ran_out_of_it() -> None:
    made = recording()
    assert made.evidence().timeout == 60.0
    late = failure(kind="timeout", code=1050, errno=0, count=9, duration_ms=[3001.0, 3002.0, 3004.0])
    made.frame(second(1, failures=[late]))
    assert made.evidence().timeout == 3.0
