"""Finding processes: by their open port, by their command line, and the children of one."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sonagi.probes.host import read
from sonagi.probes.proc import process
from sonagi.probes.sockets import inodes

SUPERVISORS = frozenset({"systemd", "init", "launchd"})
"""They may hold a port open for somebody else (socket activation)."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Processes that hold a socket open; `hidden` when there are processes that can't be looked into."""

    pids: tuple[int, ...]
    hidden: bool


def pids() -> Iterator[int]:
    """All processes that can be seen."""
    try:
        names = os.listdir("/proc")  # noqa: PTH208 (there may be thousands)
    except OSError:
        return
    yield from (int(name) for name in names if name.isdigit())


def stat(pid: int) -> process.Stat | None:
    """None when there is no such process any more, or only its exit code."""
    try:
        found = process.stat(read(f"/proc/{pid}/stat"))
    except ValueError:
        return None
    return None if found.state in "ZXx" else found


def owners(sockets: set[int]) -> Owners:
    """Who has one of these sockets (by inode) open."""
    found, hidden = [], False
    for pid in pids() if sockets else ():
        try:
            if inodes(pid) & sockets:
                found.append(pid)
        except PermissionError:
            hidden = True
        except OSError:
            continue
    return Owners(tuple(found), hidden)


def named(wanted: str) -> list[int]:
    """Processes whose command line holds a text, without this one and those that started it."""
    own, parent = set[int](), os.getpid()
    while parent > 1 and (one := stat(parent)) is not None:
        own.add(parent)
        parent = one.parent
    return [pid for pid in sorted(pids()) if pid not in own and wanted in " ".join(command(pid))]


def command(pid: int) -> list[str]:
    """Its command line; empty for a thread of the kernel."""
    return [part for part in read(f"/proc/{pid}/cmdline").split("\0") if part]


def eldest(found: Iterable[int]) -> int | None:
    """Of processes that belong together the one that the others come from; of strangers, the one that began
    first. Those that only hold a port for others are taken where there is nobody else."""
    known = {pid: one for pid in found if (one := stat(pid)) is not None}
    serving = {pid: one for pid, one in known.items() if one.name not in SUPERVISORS} or known
    tops = [one for one in serving.values() if one.parent not in serving]
    return min(tops, key=lambda one: one.started).pid if tops else None


def descendants(pid: int) -> set[int]:
    """All children and their children, by a look at every process."""
    children: dict[int, list[int]] = {}
    for one in filter(None, map(stat, pids())):
        children.setdefault(one.parent, []).append(one.pid)
    found, waiting = set[int](), [pid]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def children(pid: int) -> set[int]:
    """Those that its first thread started: quick to ask, where the kernel tells (CONFIG_PROC_CHILDREN)."""
    return {int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()}


def title(pid: int) -> str:
    """How people call it: `java`, `python serve.py`, `node server.js`."""
    arguments = command(pid)
    if not arguments:
        one = stat(pid)
        return one.name if one else str(pid)
    name = Path(arguments[0]).name
    scripts = [part for part in arguments[1:] if not part.startswith("-")]
    if name.startswith(("python", "node", "ruby", "php")) and scripts:
        return f"{name} {Path(scripts[0]).name}"
    return name
