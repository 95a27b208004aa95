"""Seconds of several workers."""

from frames import delta, floats
from hypothesis import given
from hypothesis import strategies as st
from runs import BEGAN, recording, requests, second

from sonagi.store.rounds import Rounds


def told(rounds: Rounds, *frames: tuple[int, int]) -> list[int]:
    """After which of `frames`, each (worker, second), a second was whole."""
    ended = []
    for at, (worker, number) in enumerate(frames):
        if rounds.ends_before(number):
            ended.append(at)
        if rounds.ends_with(worker, number):
            ended.append(at)
    return ended


def test_a_second_is_whole_when_the_last_worker_has_told_of_it() -> None:
    assert told(Rounds(2), (0, 1), (1, 1), (1, 2), (0, 2)) == [1, 3]


def test_of_one_worker_every_frame_is_a_second() -> None:
    assert told(Rounds(), (0, 1), (0, 2), (0, 5)) == [0, 1, 2]


def test_a_worker_that_stands_still_holds_nobody_up_for_longer_than_a_second() -> None:
    assert told(Rounds(2), (0, 1), (1, 1), (0, 2), (0, 3), (0, 4), (1, 4)) == [1, 3, 4, 5]


def test_a_loss_may_make_a_second_whole() -> None:
    rounds = Rounds(3)
    assert told(rounds, (0, 1), (1, 1)) == []
    assert rounds.lose(2)
    assert not rounds.lose(1)
    assert told(rounds, (0, 2)) == [0]


@given(st.integers(1, 5), st.integers(1, 8), st.randoms(use_true_random=False))
def test_with_workers_on_time_there_are_as_many_rounds_as_seconds(
    workers: int, seconds: int, draw: object
) -> None:
    frames = []
    for number in range(1, seconds + 1):
        order = list(range(workers))
        draw.shuffle(order)  # type: ignore[attr-defined]
        frames += [(worker, number) for worker in order]
    assert len(told(Rounds(workers), *frames)) == seconds


def test_a_frame_that_comes_before_the_end_of_its_second_does_not_make_it_whole() -> None:
    made = recording(workers=2)
    for number, worker in ((1.0, 0), (1.0, 1), (1.6, 0)):
        last = made.frame(second(number, *requests(1.0), worker=worker))
    assert last is not None and not last.ends_with
    early = made.frame(second(2.0, *requests(1.0), worker=1))
    assert early is not None and not early.ends_with, "the first has more to tell of it"
    whole = made.frame(second(2.0, *requests(1.0), worker=0))
    assert whole is not None and whole.ends_with


def users(number: float, worker: int, active: int) -> bytes:
    return second(number, *requests(1.0), worker=worker, vus={"active": active, "initialized": 5})


def test_users_are_counted_when_all_workers_have_told_of_theirs() -> None:
    made = recording(workers=2)
    seen: list[tuple[str, float]] = []
    made.ledger.on_gauge = lambda metric, value: seen.append((metric, value))
    for frame in (users(1, 0, 3), users(1, 1, 4), users(2, 1, 4), users(2, 0, 2)):
        made.frame(frame)
    assert [value for metric, value in seen if metric == "vus"] == [7, 6]


def test_users_of_a_worker_that_is_gone_are_gone() -> None:
    made = recording(workers=2)
    for frame in (users(1, 0, 3), users(1, 1, 4), users(2, 0, 3)):
        made.frame(frame)
    assert made.lose(1)
    assert made.ledger.totals.gauge("vus") == (3, 3, 7)
    assert made.evidence().signal("load.vus").values == (7.0, 3.0)


def test_a_worker_whose_frame_is_late_stood_still() -> None:
    made, notices = recording(workers=2), []
    made.ledger.on_notice = notices.append
    for frame in (
        users(1, 0, 3),
        users(1, 1, 4),
        users(2, 0, 3),
        users(3, 0, 3),
        users(4, 0, 3),
        users(4.2, 1, 4),
    ):
        made.frame(frame)
    assert [(notice.key, dict(notice.values)) for notice in notices] == [
        ("run.stood_still", {"worker": 2, "seconds": "2.2"})
    ]
    assert made.ledger.totals.counter("http_reqs") == 6, "what it measured counts"


def test_the_clock_of_the_wall_may_step_by_an_hour() -> None:
    made = recording(workers=2)
    hour = 3_600_000_000_000
    for number, stepped in ((1, 0), (2, hour), (3, -hour)):
        for worker in (0, 1):
            made.frame(
                second(
                    number,
                    delta("iterations", "counter", floats(2)),
                    worker=worker,
                    wall_ns=10**18 + int(number * 1e9) + stepped,
                    vus={"active": number, "initialized": 5},
                )
            )
    assert made.evidence().signal("load.iterations").values == (4.0, 4.0, 4.0)
    assert made.ledger.totals.gauge("vus") == (6, 2, 6)
    assert made.ledger.stood_still == {}
    assert made.last == 3.0 and made.began == BEGAN
