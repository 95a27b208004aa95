"""Workers on this machine: processes of their own, or a task in this one."""

import asyncio
import os
import signal
import socket
import sys
from typing import Any

from sonagi.load.protocol import Decoder, encode
from sonagi.load.script import LoadedScript
from sonagi.locale import text
from sonagi.run.workers import Message

LINES_A_SECOND = 1000
LONGEST = 1 << 20
"""Of what a script prints, lines that are shown each second, and bytes of one."""
READ = 1 << 18


class _Line:
    """The coordinator's end of one worker's socket."""

    def __init__(self, worker: int, end: socket.socket, queue: "asyncio.Queue[Message]") -> None:
        self.worker = worker
        self.queue = queue
        self.socket = end
        self.decoder = Decoder()
        end.setblocking(False)
        self.loop = asyncio.get_running_loop()
        self.task = self.loop.create_task(self.listen())
        self.outgoing = bytearray()

    async def listen(self) -> None:
        while True:
            try:
                data = await self.loop.sock_recv(self.socket, READ)
            except OSError:
                data = b""
            if not data:
                return
            try:
                for kind, payload in self.decoder.feed(data):
                    self.queue.put_nowait(Message(self.worker, kind, payload))
            except ValueError as error:
                self.queue.put_nowait(Message(self.worker, "gone", str(error).encode()))
                return

    def send(self, data: bytes) -> None:
        # A worker that stands still takes nothing: the others shall not wait for it.
        waits = bool(self.outgoing)
        self.outgoing += data
        if not waits:
            self._push()

    def _push(self) -> None:
        try:
            del self.outgoing[: self.socket.send(self.outgoing)]
        except BlockingIOError:
            pass
        except OSError:  # it is gone, and that is told by another way
            self.outgoing.clear()
        if self.outgoing:
            self.loop.add_writer(self.socket, self._push)
        else:
            self.loop.remove_writer(self.socket)

    def close(self) -> None:
        self.task.cancel()
        self.loop.remove_writer(self.socket)
        self.socket.close()


class LocalProcesses:
    """Worker processes, `python -m sonagi.load.worker`, each on a socket of its own."""

    def __init__(self) -> None:
        self.count = 0
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        self.lines: dict[int, _Line] = {}
        self.processes: dict[int, asyncio.subprocess.Process] = {}
        self.readers: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.processes.values()]

    async def start(self, count: int = 1) -> None:
        more, self.count = range(self.count, count), max(count, self.count)
        for worker, problem in zip(more, await asyncio.gather(*map(self._start, more)), strict=True):
            if problem:
                self.queue.put_nowait(Message(worker, "gone", problem.encode()))

    async def _start(self, worker: int) -> str:
        """Start one worker; gives why it could not be."""
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:
            return error.strerror or str(error)
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "sonagi.load.worker",
                    str(theirs.fileno()),
                    str(worker),
                    pass_fds=[theirs.fileno()],
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    limit=LONGEST,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )
            except OSError as error:
                ours.close()
                return error.strerror or str(error)
        self.processes[worker] = process
        self.lines[worker] = _Line(worker, ours, self.queue)
        printed = asyncio.create_task(self._forward(worker, process))
        self.readers.append(asyncio.create_task(self._watch(worker, process, printed)))
        return ""

    async def _watch(
        self, worker: int, process: asyncio.subprocess.Process, printed: "asyncio.Task[None]"
    ) -> None:
        """Until it has ended; then, once all is heard that it said, how."""
        code = await process.wait()
        # What it started may hold its output open: that is not waited for.
        await asyncio.wait([self.lines[worker].task, printed], timeout=1)
        printed.cancel()
        self.queue.put_nowait(Message(worker, "gone", _ended(code).encode()))

    async def _forward(self, worker: int, process: asyncio.subprocess.Process) -> None:
        """What the worker prints, line by line, at most so many a second."""
        loop = asyncio.get_running_loop()
        printed: Any = process.stdout
        second, count, left_out = 0, 0, 0

        def tell() -> None:
            if left_out:
                self._log(worker, text("run.lines_left_out", count=left_out))

        while True:
            try:
                line = await printed.readline()
            except ValueError:  # a line longer than LONGEST
                left_out += 1
                continue
            if not line:
                break
            now = int(loop.time())
            if now != second:
                tell()
                second, count, left_out = now, 0, 0
            count += 1
            if count <= LINES_A_SECOND:
                self._log(worker, line.decode(errors="replace").rstrip("\n"))
            else:
                left_out += 1
        tell()

    def _log(self, worker: int, line: str) -> None:
        self.queue.put_nowait(Message(worker, "log", line.encode()))

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        if worker in self.lines:
            self.lines[worker].send(encode(kind, body))

    async def receive(self) -> Message:
        return await self.queue.get()

    def kill(self, worker: int | None = None) -> None:
        for number, process in self.processes.items():
            if worker in (None, number) and process.returncode is None:
                process.kill()

    async def close(self) -> list[Message]:
        if self.readers:
            _, late = await asyncio.wait(self.readers, timeout=2)
            if late:
                self.kill()
                await asyncio.wait(late, timeout=2)
        for line in self.lines.values():
            line.close()
        return [self.queue.get_nowait() for _ in range(self.queue.qsize())]


def _ended(code: int) -> str:
    """An exit code in words."""
    try:
        return signal.Signals(-code).name if code < 0 else str(code)
    except ValueError:
        return f"signal {-code}"


class InProcess:
    """One worker as a task on this loop: for debuggers and notebooks."""

    count = 1

    @property
    def pids(self) -> list[int]:
        return [os.getpid()]

    def __init__(self, script: LoadedScript | None = None) -> None:
        self.script = script
        self.queue: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self, count: int = 1) -> None:
        from sonagi.load.worker import serve

        del count
        ours, theirs = socket.socketpair()
        self.line = _Line(0, ours, self.queue)
        self.task = asyncio.create_task(serve(theirs, 0, self.script))
        self.task.add_done_callback(lambda _: self.queue.put_nowait(Message(0, "gone", b"0")))

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        del worker
        self.line.send(encode(kind, body))

    async def receive(self) -> Message:
        return await self.queue.get()

    def kill(self, worker: int | None = None) -> None:
        del worker
        self.task.cancel()

    async def close(self) -> list[Message]:
        await asyncio.wait([self.task], timeout=2)
        self.task.cancel()
        self.line.close()
        return []  # what is printed here was never ours to pass on
