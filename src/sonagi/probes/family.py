"""A process and its children: what they use together."""

import os
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sonagi.probes import processes
from sonagi.probes.host import read
from sonagi.probes.proc import process

FULL_LOOK = 10
"""Looks from one search through all processes to the next: a child that another thread than the first has
started is found by that alone."""
THREADS_A_LOOK = 64
"""Reading a thread's time takes 15 µs: with more threads not every look has them."""
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass
class Use:
    """What a family uses at one moment. `ticks` has the time of children that have ended too."""

    ticks: int = 0
    bytes: int = 0
    largest: int = 0
    """Bytes of its largest member."""
    threads: int = 0


@dataclass
class Family:
    """`root` and its descendants, except those in `strangers`."""

    root: int
    strangers: frozenset[int] = frozenset()
    members: dict[int, process.Stat] = field(default_factory=dict)
    looks: int = 0
    _threads: dict[tuple[int, int], int] = field(default_factory=dict)
    _threads_at: float | None = None

    def look(self) -> Use | None:
        """None when its root is gone."""
        known = {self.root, *self.members}
        if self.looks % FULL_LOOK == 0:
            known = {self.root, *processes.descendants(self.root)}
        else:
            for pid in list(known):
                known |= processes.children(pid)
        self.looks += 1
        found = {pid: one for pid in known - self.strangers if (one := processes.stat(pid)) is not None}
        self.members = found
        if self.root not in found:
            return None
        sizes = [one.pages * PAGE for one in found.values()]
        return Use(
            ticks=sum(one.ticks + one.children_ticks for one in found.values()),
            bytes=sum(sizes),
            largest=max(sizes),
            threads=sum(one.threads for one in found.values()),
        )

    def busiest_thread(self, at: float) -> float | None:
        """Cores that the busiest thread used since this was last asked, at `at` seconds of any clock; None
        where it is too soon to ask again, since there are so many."""
        threads = sum(one.threads for one in self.members.values())
        if self.looks % (1 + threads // THREADS_A_LOOK):
            return None
        then, before = self._threads_at, self._threads
        self._threads_at, self._threads = at, self._thread_ticks()
        if then is None or at <= then:
            return None
        grown = [ticks - before[name] for name, ticks in self._threads.items() if name in before]
        return max(grown, default=0) / TICKS / (at - then)

    def _thread_ticks(self) -> dict[tuple[int, int], int]:
        ticks = {}
        for pid, one in self.members.items():
            if one.threads == 1:
                ticks[pid, pid] = one.ticks
                continue
            for thread in _entries(f"/proc/{pid}/task"):
                try:
                    ticks[pid, int(thread)] = process.ticks(read(f"/proc/{pid}/task/{thread}/stat"))
                except (ValueError, IndexError):  # it has just ended
                    continue
        return ticks


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (hundreds, each second)
    except OSError:
        return []


def is_closed(pid: int) -> bool:
    """Whether its descriptors may not be looked at, as those of another user's process."""
    try:
        for entry in islice(Path(f"/proc/{pid}/fd").iterdir(), 1):
            entry.readlink()
    except FileNotFoundError:
        return False  # it, or the descriptor, has just gone
    except OSError:
        return True
    return False


def open_files(pid: int) -> int | None:
    """How many descriptors it has open; None where that may not be known."""
    folder = Path(f"/proc/{pid}/fd")
    try:
        # Since Linux 6.2 the folder's size is their number; listing thousands takes milliseconds.
        return folder.stat().st_size or len(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return None
