"""The coordinator of several workers, some of which are lost."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from test_conduct import Puppets, Told, obedient

from sonagi.model.result import Result
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.run import making
from sonagi.run.conduct import Conductor
from sonagi.run.workers import Message


def constant(vus: int = 4) -> Plan:
    scenario = ScenarioPlan("s", "constant-vus", {"f": 1}, vus, 1, duration=30.0, graceful_stop=0.1)
    return Plan("t.py", (scenario,))


class Mortal(Puppets):
    """Workers that do as they are told; those of `deaths` die at a message of that kind. Shares end at once, or
    at a message of the kind `until`."""

    def __init__(self, count: int, deaths: Sequence[tuple[int, str]], until: str = "") -> None:
        super().__init__(lambda kind: [] if until and kind == "B" else obedient(kind), count)
        self.until = until
        self.deaths = list(deaths)
        self.killed_one: list[int | None] = []

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        if (worker, kind) in self.deaths:
            self.orders.append((worker, kind, body or {}))
            self.queue.put_nowait(Message(worker, "gone", b"SIGKILL"))
            return
        super().send(worker, kind, body)
        if kind == self.until:
            for told, order, share in self.orders:
                if (told, order) == (worker, "B"):
                    ended = json.dumps({"share": share["id"], "made": 0}).encode()
                    self.queue.put_nowait(Message(worker, "e", ended))

    def kill(self, worker: int | None = None) -> None:
        self.killed_one.append(worker)

    def heard_by(self, worker: int) -> list[str]:
        return [kind for told, kind, _ in self.orders if told == worker]


def conduct(made: Plan, workers: Mortal, on_loss: str = "redistribute") -> tuple[Result, Told]:
    watcher = Told()
    result = asyncio.run(Conductor(made, workers, watcher, on_loss=on_loss).run())
    return result, watcher


def test_setup_and_teardown_run_in_the_first_worker_and_load_in_all() -> None:
    workers = Mortal(3, [])
    result, _ = conduct(constant(), workers)
    assert result.exit_code == 0
    assert workers.heard_by(0) == ["P", "S", "D", "G", "B", "W", "T", "Q"]
    assert workers.heard_by(1) == workers.heard_by(2) == ["P", "D", "G", "B", "W", "Q"]
    begins = {body["begins_at"] for _, kind, body in workers.orders if kind == "B"}
    assert len(begins) == 1, "all begin at one instant"


def test_what_a_lost_worker_carried_is_taken_over_and_the_run_goes_on() -> None:
    workers = Mortal(3, [(1, "B")])
    result, watcher = conduct(constant(6), workers)
    assert result.exit_code == 0
    assert watcher.notices == ["run.worker_gone_on"]
    [notice] = result.notices
    assert (notice.values["worker"], notice.values["of"], notice.values["why"]) == (2, 3, "SIGKILL")
    taken = [(worker, body) for worker, kind, body in workers.orders if kind == "B" and body["since"]]
    assert [worker for worker, _ in taken] == [0, 2]
    assert all(body["since"] > body["begins_at"] for _, body in taken)
    assert workers.killed_one == [1], "it may only be that nobody understands it"


def test_a_lost_worker_ends_the_run_where_that_is_asked_for() -> None:
    workers = Mortal(2, [(1, "B")], until="X")
    result, watcher = conduct(constant(), workers, "stop")
    assert (result.exit_code, result.stopped_by) == (255, "error")
    assert watcher.notices == ["run.worker_gone_stop"]
    assert "T" in workers.heard, "what was set up is torn down"


@pytest.mark.parametrize("when", ["P", "D", "G"])
def test_a_worker_that_is_lost_before_the_load_leaves_all_of_it_to_the_others(when: str) -> None:
    workers = Mortal(2, [(1, when)])
    result, watcher = conduct(constant(5), workers)
    assert result.exit_code == 0
    assert watcher.notices == ["run.worker_gone_on"]
    carried = [body["segment"] for worker, kind, body in workers.orders if worker == 0 and kind == "B"]
    assert [(segment["index"], segment["of"]) for segment in carried] == [(0, 2), (1, 2)]


def test_with_stop_a_worker_that_does_not_get_ready_ends_the_run_before_any_load() -> None:
    workers = Mortal(2, [(1, "P")])
    result, _ = conduct(constant(), workers, "stop")
    assert result.exit_code == 255 and "G" not in workers.heard
    assert [notice.key for notice in result.notices] == ["run.worker_gone", "run.failed"]


@pytest.mark.parametrize("when", ["S", "T"])
def test_nobody_sets_up_or_tears_down_a_second_time(when: str) -> None:
    workers = Mortal(2, [(0, when)])
    result, watcher = conduct(constant(), workers)
    assert result.exit_code == 255
    assert workers.heard.count(when) == 0 and workers.heard_by(1).count(when) == 0
    assert watcher.notices == ["run.worker_gone", "run.failed"], "nobody has taken that over"
    stage = {"S": "setup()", "T": "teardown()"}[when]
    said = str(result.notices[-1].values["message"])
    assert said == f"the worker that ran {stage} ended; {stage} is not tried again"


def test_when_the_first_worker_is_lost_another_tears_down() -> None:
    workers = Mortal(2, [(0, "B")])
    result, _ = conduct(constant(), workers)
    assert result.exit_code == 0
    assert workers.heard_by(1)[-2:] == ["T", "Q"]


def test_without_any_worker_left_the_run_has_failed() -> None:
    workers = Mortal(2, [(0, "B"), (1, "B")])
    result, watcher = conduct(constant(), workers)
    assert result.exit_code == 255
    assert watcher.notices == ["run.worker_gone_on", "run.worker_gone", "run.failed"]


def test_steering_reaches_all_workers() -> None:
    workers = Mortal(2, [], until="X")

    async def go() -> Result:
        conductor = Conductor(constant(), workers, Told())
        running = asyncio.create_task(conductor.run())
        await asyncio.wait_for(workers.started.wait(), 2)
        await asyncio.sleep(0)
        conductor.hold()
        conductor.hold()
        conductor.stop()
        return await running

    assert asyncio.run(go()).exit_code == 105
    for worker in (0, 1):
        heard = [kind for kind in workers.heard_by(worker) if kind in "HX"]
        assert heard == ["H", "H", "X"]


@pytest.mark.parametrize("on_loss", ["redistribute", "stop"])
def test_a_worker_that_dies_after_the_load_takes_nothing_along(on_loss: str) -> None:
    class DiesWhileAnotherTearsDown(Mortal):
        def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
            if kind == "T":
                self.queue.put_nowait(Message(1, "gone", b"SIGKILL"))
            super().send(worker, kind, body)

    workers = DiesWhileAnotherTearsDown(2, [])
    result, watcher = conduct(constant(), workers, on_loss)
    assert (result.exit_code, result.stopped_by) == (0, "finished")
    assert watcher.notices == ["run.worker_gone"]
    assert "X" not in workers.heard


def waiting() -> Plan:
    """One user, and two that begin when it has ended."""
    first = ScenarioPlan("a", "constant-vus", {"f": 1}, 1, 1, duration=0.0, graceful_stop=0.1)
    after = ScenarioPlan("b", "constant-vus", {"f": 1}, 2, 2, duration=0.2, start_after="a")
    return Plan("t.py", (first, after))


def test_a_scenario_begins_although_the_last_that_it_waited_for_has_died() -> None:
    # Nobody takes over what has no time left.
    workers = Mortal(2, [(0, "B")])
    result, _ = conduct(waiting(), workers)
    assert result.exit_code == 0
    begun = [body["scenario"] for worker, kind, body in workers.orders if (worker, kind) == (1, "B")]
    assert begun == ["b", "b"]


@pytest.mark.parametrize("stage", ["B", "W"])
def test_one_that_does_not_stop_is_killed_and_named_and_the_others_tear_down(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PATIENCE", 0.05)

    class Still(Mortal):
        def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
            if (worker, kind) == (1, stage):
                self.orders.append((worker, kind, body or {}))
            else:
                super().send(worker, kind, body)

    scenario = ScenarioPlan("s", "constant-vus", {"f": 1}, 2, 1, duration=0.05, graceful_stop=0.0)
    workers = Still(3, [])
    result, watcher = conduct(Plan("t.py", (scenario,)), workers)
    assert (result.exit_code, watcher.notices) == (0, ["run.killed"])
    assert (result.notices[0].values["worker"], result.notices[0].values["of"]) == (2, 3)
    assert workers.killed_one == [1] and workers.heard_by(0)[-2:] == ["T", "Q"]


def test_when_all_stand_still_the_run_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PATIENCE", 0.05)
    scenario = ScenarioPlan("s", "constant-vus", {"f": 1}, 2, 1, duration=0.05, graceful_stop=0.0)
    result, watcher = conduct(Plan("t.py", (scenario,)), Mortal(2, [], until="never"))
    assert result.exit_code == 255
    assert watcher.notices == ["run.killed", "run.killed", "run.failed"]
