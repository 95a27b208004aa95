"""More users and fewer, over several workers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.run.byhand import ByHand, spread
from sonagi.run.shares import Shares
from sonagi.run.staff import Staff
from sonagi.store.begin import begin_recording


@given(st.integers(-40, 40), st.dictionaries(st.integers(0, 9), st.integers(0, 20), min_size=1))
def test_changes_are_dealt_out_so_that_one_user_stays(by: int, users: dict[int, int]) -> None:
    changes = spread(by, users)
    after = {worker: users[worker] + changes[worker] for worker in users}
    had = sum(users.values())
    assert sum(after.values()) == (had + by if by > 0 else max(had + by, min(had, 1)))
    assert all(count >= 0 for count in after.values())
    assert all(change * by >= 0 for change in changes.values()), "nobody is added to be dismissed elsewhere"


def test_workers_that_have_fewer_users_get_more() -> None:
    assert spread(3, {0: 5, 1: 2, 2: 5}) == {0: 0, 1: 3, 2: 0}
    assert spread(-3, {0: 5, 1: 2, 2: 4}) == {0: -2, 1: 0, 2: -1}


class Sent:
    """Workers that write down what they are told."""

    count = 2
    pids = ()

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    async def start(self, count: int = 1) -> None: ...

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        assert kind == "U" and body is not None
        self.told.append((worker, body["by"]))

    async def receive(self) -> Any: ...

    def kill(self, worker: int | None = None) -> None: ...

    async def close(self) -> list[Any]:
        return []


def steered() -> tuple[ByHand, Sent, list[dict[str, Any]]]:
    plan = Plan("t.py", (ScenarioPlan("s", "constant-vus", {"f": 1}, 20, 1, duration=9.0),))
    workers, recording = Sent(), begin_recording(plan, None)
    shares = Shares(plan, 2)
    shares.begin(0, [0, 1])
    told: list[dict[str, Any]] = []
    recording.ledger.on_notice = lambda notice: told.append({"key": notice.key, **notice.values})
    return ByHand(plan, Staff(workers), shares, recording, lambda: "3s"), workers, told


def answer(by_hand: ByHand, worker: int, users: int | None) -> None:
    by_hand.hear(worker, {"scenario": "s", "users": users})


def test_it_is_told_once_how_many_there_are_in_all_workers() -> None:
    by_hand, workers, told = steered()
    by_hand.change_users(1)
    assert workers.told == [(0, 0), (1, 0)], "first how many there are: some may have ended by themselves"
    answer(by_hand, 0, 10)
    answer(by_hand, 1, 7)
    assert workers.told[2:] == [(1, 2)]
    answer(by_hand, 1, 9)
    assert told == [{"key": "run.users", "at": "3s", "scenario": "s", "users": 19}]


def test_keys_that_come_faster_than_answers_add_up() -> None:
    by_hand, workers, told = steered()
    for _ in range(3):
        by_hand.change_users(-1)
    for worker in (0, 1):
        answer(by_hand, worker, 10)
    assert workers.told[2:] == [(0, -3), (1, -3)]
    for worker in (0, 1):
        answer(by_hand, worker, 7)
    assert [one["users"] for one in told] == [14]


@pytest.mark.parametrize("last_words", [None, "gone"])
def test_nobody_waits_for_a_worker_that_is_gone_or_has_no_such_users(last_words: str | None) -> None:
    by_hand, workers, told = steered()
    by_hand.change_users(1)
    answer(by_hand, 0, 10)
    if last_words == "gone":
        by_hand.lose(1)
    else:
        answer(by_hand, 1, None)
    assert workers.told[2:] == [(0, 2)]
    answer(by_hand, 0, 12)
    assert [one["users"] for one in told] == [12]


def test_users_of_a_worker_that_died_are_not_counted_later() -> None:
    by_hand, workers, told = steered()
    by_hand.set_users("s", 20)
    for worker in (0, 1):
        answer(by_hand, worker, 10)
    by_hand.shares.lose(1, [0], 0)
    by_hand.lose(1)
    workers.told.clear()
    by_hand.set_users("s", 30)
    answer(by_hand, 0, 20)
    assert workers.told == [(0, 0), (0, 10)], "nobody asks the dead"
    answer(by_hand, 0, 30)
    assert [one["users"] for one in told] == [20, 30]


@pytest.mark.parametrize("answered", [True, False])
def test_users_that_were_asked_for_by_hand_are_as_many_after_a_loss(answered: bool) -> None:
    by_hand, workers, told = steered()
    by_hand.set_users("s", 4)
    for worker in (0, 1):
        answer(by_hand, worker, 10)
    assert workers.told[2:] == [(0, -8), (1, -8)]
    if answered:
        for worker in (0, 1):
            answer(by_hand, worker, 2)
    workers.told.clear()
    taken = by_hand.shares.lose(1, [0], 0)
    by_hand.lose(1)
    by_hand.restore({share.scenario for share in taken})
    if not answered:
        answer(by_hand, 0, 2)
    answer(by_hand, 0, 12)
    assert workers.told == [(0, 0), (0, -8)], "the heirs have the plan's ten, and two of their own"
    answer(by_hand, 0, 4)
    assert [one["users"] for one in told] == [4], "once: nobody asked for anything new"
    assert not by_hand.asked


def test_what_nobody_changed_by_hand_stays_as_planned_after_a_loss() -> None:
    by_hand, workers, _ = steered()
    taken = by_hand.shares.lose(1, [0], 0)
    by_hand.lose(1)
    by_hand.restore({share.scenario for share in taken})
    assert workers.told == []
