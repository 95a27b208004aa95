"""Worker processes of this machine: started, told, and gone."""

import asyncio
import errno
import os
import socket
from typing import Any

import pytest

from sonagi.load.protocol import Decoder
from sonagi.run import limits
from sonagi.run.local import LocalProcesses, _Line
from sonagi.run.workers import Message

LARGE = {"text": "x" * 8_000_000}
"""More than any socket takes at once."""


def test_a_worker_that_takes_nothing_holds_nobody_up_and_gets_all_later() -> None:
    async def go() -> list[tuple[str, bytes]]:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        queue: asyncio.Queue[Message] = asyncio.Queue()
        line = _Line(0, ours, queue)
        workers = LocalProcesses()
        workers.lines[0] = line
        workers.send(0, "P", LARGE)
        workers.send(0, "Q")
        decoder, heard = Decoder(), []
        while len(heard) < 2:
            heard += list(decoder.feed(await asyncio.get_running_loop().sock_recv(theirs, 1 << 20)))
        line.close()
        theirs.close()
        return heard

    heard = asyncio.run(asyncio.wait_for(go(), 30))
    assert [kind for kind, _ in heard] == ["P", "Q"]
    assert len(heard[0][1]) > 8_000_000


def test_what_is_sent_to_a_worker_that_is_gone_is_dropped() -> None:
    async def go() -> None:
        ours, theirs = socket.socketpair()
        line = _Line(0, ours, asyncio.Queue())
        theirs.close()
        for _ in range(3):
            line.send(b"x" * 100_000)
            await asyncio.sleep(0)
        assert not line.outgoing
        line.close()

    asyncio.run(go())


def test_bytes_that_no_worker_sends_make_it_one_that_is_gone() -> None:
    async def go() -> Message:
        ours, theirs = socket.socketpair()
        queue: asyncio.Queue[Message] = asyncio.Queue()
        line = _Line(3, ours, queue)
        theirs.sendall(b"\xff\xff\xff\xff\xff")
        message = await queue.get()
        line.close()
        theirs.close()
        return message

    message = asyncio.run(asyncio.wait_for(go(), 10))
    assert (message.worker, message.kind) == (3, "gone")


def test_a_worker_that_cannot_start_is_gone_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    async def go() -> list[Message]:
        workers = LocalProcesses()
        await workers.start(2)
        assert workers.count == 2 and workers.pids == []
        workers.send(1, "P", {})
        workers.kill()
        return [await workers.receive() for _ in range(2)]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    told = asyncio.run(go())
    assert [(message.worker, message.kind, message.payload) for message in told] == [
        (0, "gone", b"Too many open files"),
        (1, "gone", b"Too many open files"),
    ]


@pytest.mark.needs_linux
@pytest.mark.parametrize(
    ("affinity", "quota", "cores"), [(8, None, 8.0), (8, 2.5, 2.5), (2, 6.0, 2.0), (1, 0.5, 0.5)]
)
def test_cores_are_those_of_the_affinity_and_of_the_containers_quota(
    affinity: int, quota: float | None, cores: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cgroup:
        def __init__(self, pid: int) -> None:
            assert pid == os.getpid()

        def look(self) -> dict[str, float]:
            return {} if quota is None else {"cgroup.cpu_limit": quota}

    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(affinity)))
    monkeypatch.setattr(limits, "Cgroup", Cgroup)
    assert limits.cores() == cores
