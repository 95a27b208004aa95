"""The socket over which a run is steered while it goes on. Whoever may write to the file may steer.

One JSON object a line in, one out, and the connection ends. `sonagi control` is the other end.
"""

import asyncio
import contextlib
import errno
import json
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sonagi.plan.problems import Problem
from sonagi.run.orders import Order, from_json

SUFFIX = ".sock"
LONGEST_PATH = 100
"""Bytes of a Unix socket's address (108 on Linux, 104 on macOS), and some to spare."""
LONGEST_ORDER = 64 * 1024
PATIENCE = 5.0
"""Seconds that somebody who connects may take to say what he wants."""


def own_folder() -> Path:
    """Where runs that are kept nowhere have their sockets: only this user may look into it."""
    return Path(tempfile.gettempdir()) / f"sonagi-{os.getuid()}"


def place(store: Path | None, run_id: str | None) -> Path:
    """The socket of the run `run_id` in `store`; of one that is not kept, or whose store is too far away, by
    the process that carries it."""
    path = store / f"{run_id}{SUFFIX}" if store is not None and run_id is not None else None
    if path is not None and len(os.fsencode(path.absolute())) <= LONGEST_PATH:
        return path.absolute()
    return own_folder() / f"{run_id or f'run-{os.getpid()}'}{SUFFIX}"


@contextlib.asynccontextmanager
async def listening(
    path: Path, obey: Callable[[Order], Mapping[str, Any] | Problem], on_trouble: Callable[[str], None]
) -> AsyncIterator[None]:
    """Hear orders inside of the block. A run that can have no socket goes on without, and `on_trouble` hears
    why."""
    try:
        listener = _listener(path)
    except OSError as error:
        on_trouble(error.strerror or str(error))
        yield
        return
    server = await asyncio.start_unix_server(_Conversation(obey).hold, sock=listener, limit=LONGEST_ORDER)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


def _listener(path: Path) -> socket.socket:
    if path.parent == own_folder():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not is_private(path.parent):
            raise PermissionError(errno.EACCES, f"{path.parent} is not this user's own")
    if path.exists() and not is_heard(path):
        path.unlink()  # of a run that was killed
    listener = socket.socket(socket.AF_UNIX)
    # The file's permissions are the lock, from the moment that there is a file.
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)
    return listener


class _Conversation:
    def __init__(self, obey: Callable[[Order], Mapping[str, Any] | Problem]) -> None:
        self.obey = obey

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One order, one answer."""
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            line = await asyncio.wait_for(reader.readline(), PATIENCE)
            writer.write(json.dumps(self.answer(line)).encode() + b"\n")
            await asyncio.wait_for(writer.drain(), PATIENCE)
        writer.close()

    def answer(self, line: bytes) -> dict[str, Any]:
        """What becomes of an order: {"ok", "key", "values"}."""
        try:
            order = from_json(json.loads(line))
        except (ValueError, OverflowError, RecursionError):
            order = None
        if order is None:
            return {"ok": False, "key": "plan.control_order", "values": {}}
        said = self.obey(order)
        if isinstance(said, Problem):
            return {"ok": False, "key": f"plan.{said.code}", "values": dict(said.values)}
        return {"ok": True, **said}


def ask(path: Path, order: Order, patience: float = PATIENCE) -> dict[str, Any]:
    """Give `order` to the run that listens at `path`, and its answer. Raises OSError."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(patience)
        line.connect(str(path))
        line.sendall(json.dumps(order.to_json()).encode() + b"\n")
        with line.makefile("rb") as answers:
            said = answers.readline()
    if not said:
        raise ConnectionResetError(104, os.strerror(104))
    answer: dict[str, Any] = json.loads(said)
    return answer


def sockets(folders: Sequence[Path]) -> dict[str, Path]:
    """By name, the sockets of runs in `folders`, the oldest first, whether or not anybody still listens."""
    found: list[tuple[float, Path]] = []
    for folder in folders:
        with contextlib.suppress(OSError):
            found += [(path.stat().st_mtime, path) for path in folder.glob(f"*{SUFFIX}")]
    return {path.stem: path for _, path in sorted(found)}


def is_private(folder: Path) -> bool:
    """Whether it is a folder of this user's, and nobody else may look into it: the temporary directory is
    everybody's, and a name in it may have been taken by somebody else."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077


def is_heard(path: Path) -> bool:
    """Whether a run listens there, whoever may steer it."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        try:
            line.connect(str(path))
        except PermissionError:
            return True
        except OSError:
            return False
        return True
