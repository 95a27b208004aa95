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
        self.task = asyncio.get_running_loop().create_task(self.listen())
        self.outgoing = bytearray()

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = await loop.sock_recv(self.socket, READ)
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
        # Messages to a worker are few and short, and the kernel's buffer takes 200 KB: blocking for a
        # long plan is simpler than a second queue.
        self.socket.setblocking(True)
        try:
            self.socket.sendall(data)
        except OSError:
            pass
        finally:
            self.socket.setblocking(False)

    def close(self) -> None:
        self.task.cancel()
        self.socket.close()


class LocalProcesses:
    """Worker processes, `python -m sonagi.load.worker`, each on a socket of its own."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        self.lines: list[_Line] = []
        self.processes: list[asyncio.subprocess.Process] = []
        self.readers: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.processes]

    async def start(self) -> None:
        for worker in range(self.count):
            ours, theirs = socket.socketpair()
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "sonagi.load.worker",
                    str(theirs.fileno()),
                    pass_fds=[theirs.fileno()],
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    limit=LONGEST,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )
            self.processes.append(process)
            self.lines.append(_Line(worker, ours, self.queue))
            self.readers.append(asyncio.create_task(self._forward(worker, process)))

    async def _forward(self, worker: int, process: asyncio.subprocess.Process) -> None:
        """What the worker prints, line by line, at most so many a second; then how it ended."""
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
        code = await process.wait()
        await asyncio.wait([self.lines[worker].task], timeout=1)
        why = signal.Signals(-code).name if code < 0 else str(code)
        self.queue.put_nowait(Message(worker, "gone", why.encode()))

    def _log(self, worker: int, line: str) -> None:
        self.queue.put_nowait(Message(worker, "log", line.encode()))

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        self.lines[worker].send(encode(kind, body))

    async def receive(self) -> Message:
        return await self.queue.get()

    def kill(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.kill()

    async def close(self) -> list[Message]:
        if self.readers:
            _, late = await asyncio.wait(self.readers, timeout=2)
            if late:
                self.kill()
                await asyncio.wait(late, timeout=2)
        for line in self.lines:
            line.close()
        return [self.queue.get_nowait() for _ in range(self.queue.qsize())]


class InProcess:
    """One worker as a task on this loop: for debuggers and notebooks."""

    count = 1

    @property
    def pids(self) -> list[int]:
        return [os.getpid()]

    def __init__(self, script: LoadedScript | None = None) -> None:
        self.script = script
        self.queue: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self) -> None:
        from sonagi.load.worker import serve

        ours, theirs = socket.socketpair()
        self.line = _Line(0, ours, self.queue)
        self.task = asyncio.create_task(serve(theirs, self.script))
        self.task.add_done_callback(lambda _: self.queue.put_nowait(Message(0, "gone", b"0")))

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        del worker
        self.line.send(encode(kind, body))

    async def receive(self) -> Message:
        return await self.queue.get()

    def kill(self) -> None:
        self.task.cancel()

    async def close(self) -> list[Message]:
        await asyncio.wait([self.task], timeout=2)
        self.task.cancel()
        self.line.close()
        return []  # what is printed here was never ours to pass on
