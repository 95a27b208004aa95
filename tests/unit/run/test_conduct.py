"""The coordinator, with workers that do as they are told."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from sonagi.model.result import Notice, Result
from sonagi.plan.plan import Plan, ScenarioPlan
from sonagi.run.api import Silent
from sonagi.run.conduct import Conductor
from sonagi.run.workers import Message

Answer = Callable[[str], list[tuple[str, dict[str, Any]]]]


class Told(Silent):
    """Remembers notices."""

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.logged: list[str] = []

    def log(self, text: str) -> None:
        self.logged.append(text)

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice.key)


class Puppets:
    """Workers whose answers are given by a function of the message they get."""

    def __init__(self, answer: Answer, count: int = 1) -> None:
        self.count = count
        self.answer = answer
        self.orders: list[tuple[int, str, dict[str, Any]]] = []
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        self.heard: list[str] = []
        self.killed = False
        self.last_words: list[Message] = []
        self.started = asyncio.Event()

    @property
    def pids(self) -> list[int]:
        return []

    async def start(self, count: int = 1) -> None: ...

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        self.heard.append(kind)
        self.orders.append((worker, kind, body or {}))
        if kind == "G":
            self.started.set()
        for reply, payload in self.answer(kind):
            if reply == "e":
                payload = {"share": (body or {})["id"], "made": 0}
            self.queue.put_nowait(Message(worker, reply, json.dumps(payload).encode()))

    async def receive(self) -> Message:
        return await self.queue.get()

    def kill(self, worker: int | None = None) -> None:
        self.killed = True

    async def close(self) -> list[Message]:
        return self.last_words


def obedient(kind: str, **other: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    usual = {
        "P": [("R", {"stamps": "kernel"})],
        "S": [("s", {"data": 1})],
        "B": [("e", {})],
        "W": [("Z", {})],
        "T": [("t", {})],
    }
    return (usual | other).get(kind, [])


def plan(**changes: Any) -> Plan:
    scenario = ScenarioPlan(
        "s", "per-vu-iterations", {"f": 1}, 1, 1, iterations=1, max_duration=0.2, graceful_stop=0.1
    )
    return Plan("test.py", (scenario,), **changes)


def conduct(
    answer: Answer, watcher: Told | None = None, count: int = 1, **changes: Any
) -> tuple[Result, Puppets]:
    async def go() -> tuple[Result, Puppets]:
        workers = Puppets(answer, count)
        result = await Conductor(plan(**changes), workers, watcher or Told()).run()
        return result, workers

    return asyncio.run(go())


def test_a_run_goes_through_its_stages_in_order() -> None:
    result, workers = conduct(obedient)
    assert workers.heard == ["P", "S", "D", "G", "B", "W", "T", "Q"]
    assert (result.exit_code, result.stopped_by, result.setup_data) == (0, "finished", 1)
    assert result.generator.stamps == "kernel"


@pytest.mark.parametrize(
    ("silent", "changes", "exit_code", "words"),
    [
        ("S", {"setup_timeout": 0.01}, 100, "setup() took longer"),
        ("T", {"teardown_timeout": 0.01}, 101, "teardown() took longer"),
    ],
)
def test_a_stage_that_takes_too_long_ends_the_run(
    silent: str, changes: dict[str, Any], exit_code: int, words: str
) -> None:
    result, workers = conduct(lambda kind: obedient(kind, **{silent: []}), **changes)
    assert result.exit_code == exit_code
    assert words in str(result.notices[-1].values["message"])
    assert workers.heard[-1] == "Q"


def test_an_exception_in_setup_is_told_with_its_place() -> None:
    error = {
        "kind": "RuntimeError",
        "message": "no database",
        "place": "t.py:3 in setup",
        "traceback": "…",
        "exit_code": 107,
    }
    result, workers = conduct(lambda kind: obedient(kind, S=[("E", error)]))
    assert result.exit_code == 107
    assert "t.py:3 in setup: RuntimeError: no database" in str(result.notices[-1].values["message"])
    assert "G" not in workers.heard


def test_a_worker_that_is_gone_ends_the_run_and_is_told_once() -> None:
    result, _ = conduct(lambda kind: obedient(kind, G=[("gone", {})]))
    assert result.exit_code == 255
    assert [notice.key for notice in result.notices] == ["run.worker_gone", "run.failed"]


def test_a_frame_that_cannot_be_read_is_counted_and_told() -> None:
    result, _ = conduct(lambda kind: obedient(kind, G=[("F", {"not": "a frame"})]))
    assert result.exit_code == 0
    assert [(notice.key, dict(notice.values)) for notice in result.notices] == [
        ("run.broken_frames", {"count": 1})
    ]


def test_what_was_printed_last_is_shown_although_the_run_is_over() -> None:
    watcher, workers = Told(), Puppets(obedient)
    workers.last_words = [Message(0, "log", b"goodbye"), Message(0, "gone", b"0")]
    asyncio.run(Conductor(plan(), workers, watcher).run())
    assert watcher.logged == ["goodbye"]


def test_an_interrupt_stops_gracefully_and_a_second_one_now() -> None:
    watcher = Told()

    async def go() -> tuple[Result, Puppets]:
        replies: dict[str, list[tuple[str, dict[str, Any]]]] = {"B": []}
        workers = Puppets(lambda kind: obedient(kind, **replies))
        conductor = Conductor(plan(), workers, watcher)
        running = asyncio.create_task(conductor.run())
        await asyncio.wait_for(workers.started.wait(), 2)
        conductor.stop()
        conductor.stop()
        workers.queue.put_nowait(Message(0, "e", b'{"share": 0, "made": 0}'))
        return await running, workers

    result, workers = asyncio.run(go())
    assert (result.exit_code, result.stopped_by) == (105, "signal")
    assert watcher.notices == ["run.stopping", "run.stopping_now"]
    assert workers.heard == ["P", "S", "D", "G", "B", "X", "X", "W", "T", "Q"]
