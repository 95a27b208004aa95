"""What the coordinator costs: frames of a real worker, replayed as those of many. Exit code 1 when a limit is
missed.

Each simulated worker has a socket of its own; one process speaks for all of them and sends each second what a
real worker sent. The coordinator is the whole of it: sockets, goals over windows, totals, seconds, the run's
file."""

import argparse
import asyncio
import json
import os
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from record import record
from target import ROOT, Target, build

from sonagi._core import Totals
from sonagi.load.protocol import Decoder, encode
from sonagi.plan.executors import ConstantVUs
from sonagi.plan.options import Options
from sonagi.plan.plan import Plan
from sonagi.run.api import Silent, carry_out, make_plan
from sonagi.run.local import LocalProcesses, _Line
from sonagi.run.workers import Message
from sonagi.store.begin import begin_recording

SHARE, WORKERS = 0.03, 8
"""Of a core, and with so many workers."""
GOALS = {"http_req_duration": ["p(95)<5000 over 10s"], "http_req_failed": ["rate<0.01"]}


class Caught(LocalProcesses):
    """Real workers whose frames are caught."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[bytes] = []

    async def receive(self) -> Message:
        message = await super().receive()
        if message.kind == "F":
            self.frames.append(message.payload)
        return message


def planned(vus: int, seconds: float) -> Plan:
    options = Options(
        scenarios={"s": ConstantVUs(vus=vus, duration=seconds, graceful_stop=0.0, exec="default")},
        thresholds=GOALS,
    )
    return make_plan(ROOT / "benchmarks/scripts/many.py", options)[1]


async def catch(vus: int, seconds: float) -> list[bytes]:
    """The frames of whole seconds that a real worker sends; its users make 50 requests a second each."""
    caught = Caught()
    await caught.start()
    await carry_out(planned(vus, seconds), caught, Silent())
    return caught.frames[2:-2]


class Replayed:
    """So many workers, all of them one process that sends `frames` again."""

    def __init__(self, count: int, frames: list[bytes]) -> None:
        self.count = count
        self.frames = frames
        self.queue: asyncio.Queue[Message] = asyncio.Queue()
        self.pids = ()

    async def start(self, count: int = 1) -> None:
        del count
        pairs = [socket.socketpair() for _ in range(self.count)]
        self.child = os.fork()
        if self.child == 0:
            for ours, _ in pairs:
                ours.close()
            try:
                speak([theirs for _, theirs in pairs], self.frames)
            finally:
                os._exit(0)
        self.lines = []
        for worker, (ours, theirs) in enumerate(pairs):
            theirs.close()
            self.lines.append(_Line(worker, ours, self.queue))

    def send(self, worker: int, kind: str, body: dict[str, Any] | None = None) -> None:
        self.lines[worker].send(encode(kind, body))

    async def receive(self) -> Message:
        return await self.queue.get()

    def kill(self, worker: int | None = None) -> None: ...

    async def close(self) -> list[Message]:
        for line in self.lines:
            line.close()
        await asyncio.to_thread(os.waitpid, self.child, 0)
        return []


def speak(sockets: list[socket.socket], frames: list[bytes]) -> None:
    """Be all workers, until the coordinator is gone."""
    chosen = selectors.DefaultSelector()
    for worker, end in enumerate(sockets):
        chosen.register(end, selectors.EVENT_READ, (worker, Decoder()))
    shares: list[tuple[socket.socket, bytes]] = []
    due, ends, sent = float("inf"), float("inf"), 0
    answers = {"P": ("R", {"stamps": "kernel"}), "S": ("s", {"data": None}), "W": ("Z", {}), "T": ("t", {})}
    gone = 0
    while gone < len(sockets):
        for key, _ in chosen.select(max(min(due, ends) - time.monotonic(), 0.0) if shares else None):
            end: Any = key.fileobj
            worker, decoder = key.data
            data = end.recv(1 << 20)
            if not data:
                chosen.unregister(end)
                gone += 1
            for kind, payload in decoder.feed(data):
                if kind in answers:
                    end.sendall(encode(*answers[kind]))
                elif kind == "B":
                    body = json.loads(payload)
                    shares.append((end, encode("e", {"share": body["id"], "made": 0})))
                    due = body["begins_at"] / 1e9 + 1.0
                    ends = body["begins_at"] / 1e9 + float(os.environ["SECONDS"]) + 0.5
        if time.monotonic() >= due:
            for worker, end in enumerate(sockets):
                frame = readdressed(frames[sent % len(frames)], worker, sent)
                end.sendall((len(frame) + 1).to_bytes(4, "little") + b"F" + frame)
            due, sent = due + 1.0, sent + 1
        if time.monotonic() >= ends:
            for end, ended in shares:
                end.sendall(ended)
            due = ends = float("inf")
            shares = []


def readdressed(frame: bytes, worker: int, sequence: int) -> bytes:
    """The frame as another worker's of now: its head is written anew (core/src/stats/frame.rs)."""
    at = 1
    for _ in range(4):
        while frame[at] & 0x80:
            at += 1
        at += 1
    head = (worker, sequence, time.monotonic_ns(), time.time_ns())
    return frame[:1] + b"".join(map(_uint, head)) + frame[at:]


def _uint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


async def share(count: int, frames: list[bytes], seconds: float, folder: Path) -> float:
    """The coordinator's CPU over the time of a load by `count` workers, with the run's file."""
    os.environ["SECONDS"] = str(seconds)
    plan = planned(10 * count, seconds)
    recording = begin_recording(plan, folder)
    workers = Replayed(count, frames)
    await workers.start()
    marks: list[tuple[float, float]] = []

    class Watching(Silent):
        def second(self, sample: Any) -> None:
            del sample
            marks.append((time.monotonic(), time.process_time()))

    await carry_out(plan, workers, Watching(), recording=recording, store=None)
    (began, before), (ended, after) = marks[0], marks[-1]
    return (after - before) / (ended - began)


def parts(count: int, frames: list[bytes], folder: Path) -> Iterator[tuple[str, float]]:
    """CPU ms of one second of `count` workers, by what it is spent on: the pure sums, and all of it."""
    second = [readdressed(frames[worker % len(frames)], worker, 0) for worker in range(count)]
    began = time.process_time()
    totals = Totals()
    for frame in second:
        totals.merge(frame)
    yield "totals alone", (time.process_time() - began) * 1000
    recording = begin_recording(planned(10, 10.0), folder)
    recording.load_begins(time.monotonic() - 0.9, time.time(), count)
    began = time.process_time()
    for frame in second:
        recording.frame(frame)
    yield "everything", (time.process_time() - began) * 1000
    recording.discard()


def size(frames: list[bytes]) -> str:
    """What the first of `frames` holds."""
    totals = Totals()
    totals.merge(frames[0])
    series = sum(len(totals.series(name)) for name, *_ in totals.metrics())
    requests = totals.counter("http_reqs") or 0.0
    return f"{series} series of {requests:,.0f} requests ({len(frames[0]) / 1000:.0f} KB)"


def main() -> int:
    """Measure; 0 when the limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--quick", action="store_true", help="a few seconds, for CI; not judged")
    options = parser.parse_args()
    seconds = 4.0 if options.quick else options.seconds
    build()
    with Target() as target:
        os.environ["TARGET"] = target.url
        length = 4.0 if options.quick else 8.0
        frames, busy = (asyncio.run(catch(vus, length)) for vus in (20, 100))
    rows: list[list[str]] = []
    kept = True

    def told(what: str, cpu: str, limit: str = "", verdict: str = "") -> None:
        rows.append([what, cpu, limit, verdict])
        print("  ".join(rows[-1]), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        for count in (1, WORKERS) if options.quick else (1, WORKERS, 32, 128):
            used = asyncio.run(share(count, frames, seconds, Path(folder)))
            judged = count == WORKERS
            kept = kept and (not judged or used <= SHARE)
            verdict = ("kept" if used <= SHARE else "MISSED") if judged else ""
            told(f"{count} × {size(frames)}", f"{used:.1%}", f"≤ {SHARE:.0%}" if judged else "", verdict)
        used = asyncio.run(share(WORKERS, busy, seconds, Path(folder)))
        told(f"{WORKERS} × {size(busy)}", f"{used:.1%}")
        workers = 100 if options.quick else 1000
        for what, ms in parts(workers, frames, Path(folder)):
            told(f"one second of {workers} × {size(frames)}: {what}", f"{ms:.0f} ms")
    if options.record:
        head = ["workers", "CPU of the coordinator, of a core", "limit", ""]
        record("Coordinator", "python benchmarks/coordinator.py", head, rows)
    return 0 if options.quick or kept else 1


if __name__ == "__main__":
    sys.exit(main())
