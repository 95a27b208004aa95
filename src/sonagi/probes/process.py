"""The server's process: what it uses, what it may use, and whether it is still there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from sonagi.model.unseen import note
from sonagi.probes import processes
from sonagi.probes.asked import Asked
from sonagi.probes.cgroup import Cgroup
from sonagi.probes.family import TICKS, Family, Use, is_closed, open_files
from sonagi.probes.host import read
from sonagi.probes.probe import Seen
from sonagi.probes.proc import process
from sonagi.probes.sockets import Listener, Listeners, inodes, shares_network
from sonagi.probes.whereabouts import Found, Whereabouts

JVM_BESIDES = 256 * 2**20
"""What a JVM needs besides its heap (classes, compiled code, stacks of 200 threads), or a quarter of the
heap where that is more: an estimate on the high side, since a full heap alone is no trouble."""
AGAIN = 10
"""Looks between two searches for ports of a process that has none yet."""


@dataclass
class Limits:
    """What one process may use; read once, for they rarely change while it runs."""

    fds: int | None
    memory: int | None
    cores: int

    @classmethod
    def of(cls, pid: int) -> "Limits":
        """As the kernel and the command line have them."""
        limits = process.limits(read(f"/proc/{pid}/limits"))
        bytes_ = [limits[name] for name in ("address_space", "data") if name in limits]
        heap = process.heap_limit(processes.command(pid))
        if heap is not None:
            bytes_.append(heap + max(JVM_BESIDES, heap // 4))
        cores = process.cores(read(f"/proc/{pid}/status")) or os.cpu_count() or 1
        return cls(limits.get("fds"), min(bytes_, default=None), cores)


@dataclass
class Workers:
    """Children that accept connections themselves: one that is replaced is a restart too. A child is judged
    at its second look, when it has closed what it doesn't need."""

    accepting: set[int] = field(default_factory=set)
    _judged: set[int] = field(default_factory=set)
    _new: set[int] = field(default_factory=set)
    _lost: int = 0
    """Those that ended and have no successor yet."""

    def look(self, seen: Seen, name: str, found: Found, members: Mapping[int, process.Stat]) -> int:
        """How many were replaced since the look before."""
        there, restarts = set(members) - {found.pid}, 0
        for pid in self.accepting - there:
            seen.happened("exited", f"{found.title} ({pid})", name)
            self._lost += 1
        self.accepting &= there
        for pid in (there & self._new) - self._judged:
            self._judged.add(pid)
            if _holds(pid, found.sockets):
                self.accepting.add(pid)
                if self._lost:
                    self._lost, restarts = self._lost - 1, restarts + 1
                    seen.happened("restart", f"→ {pid}", name)
        self._new = there
        self._judged &= there
        return restarts


def _holds(pid: int, sockets: frozenset[int]) -> bool:
    try:
        return bool(inodes(pid) & sockets)
    except OSError:
        return False


@dataclass
class Process:
    """`suffix` is put behind the names of its signals when it isn't the first process that is watched."""

    asked: Asked
    suffix: str = ""
    strangers: frozenset[int] = frozenset()
    found: Found | None = None
    restarts: int = 0
    _search: Whereabouts = field(init=False)
    _listeners: Listeners = field(default_factory=Listeners)
    _family: Family | None = None
    _limits: Limits | None = None
    _cgroup: Cgroup | None = None
    _before: tuple[float, int] | None = None
    _workers: Workers = field(default_factory=Workers)
    _looks: int = 0

    def __post_init__(self) -> None:
        self._search = Whereabouts(self.asked)

    @property
    def name(self) -> str:
        return f"{self.asked.kind}:{self.asked.value}"

    def look(self, seen: Seen) -> None:
        open_ports = self._listeners.all()
        if self.found is None or not self.found.alive() or self._has_moved(self.found, open_ports):
            self._follow(seen, open_ports)
        elif not self.found.ports and self._looks % AGAIN == 0:
            self._describe(open_ports)  # it may listen by now
        self._looks += 1
        use = self._family.look() if self._family is not None else None
        signals = {"process.alive": float(use is not None)}
        if use is not None:
            signals |= self._used(seen, use) | self._limited(use) | self._queue(open_ports)
        elif self._cgroup is not None:
            signals |= self._cgroup.look()  # the kernel's count of kills outlives the process
        signals["process.restarts"] = float(self.restarts)
        seen.signals |= {f"{key}{self.suffix}": value for key, value in signals.items()}

    def close(self) -> None:
        self._listeners.close()

    def _used(self, seen: Seen, use: Use) -> dict[str, float]:
        assert self.found is not None and self._family is not None
        self.restarts += self._workers.look(seen, self.name, self.found, self._family.members)
        signals = {"process.rss": float(use.bytes), "process.threads": float(use.threads)}
        if self._before is not None and seen.at > self._before[0]:
            grown = max(use.ticks - self._before[1], 0)
            signals["process.cpu"] = grown / TICKS / (seen.at - self._before[0])
        self._before = (seen.at, use.ticks)
        busiest = self._family.busiest_thread(seen.at)
        return signals if busiest is None else {**signals, "process.busiest_thread": busiest}

    # --- coming and going ---

    def _has_moved(self, found: Found, open_ports: list[Listener]) -> bool:
        """Another process has its port while it is still there: a reload without a gap."""
        if self.asked.kind != "port":
            return False
        there = {one.inode for one in open_ports if one.port in found.ports}
        return bool(there) and not there & found.sockets

    def _follow(self, seen: Seen, open_ports: list[Listener]) -> None:
        """Its end, and whoever has taken its place."""
        before = self.found
        if before is not None and self._family is not None and not before.alive():
            seen.happened("exited", f"{before.title} ({before.pid})", self.name)
            self._family = None
        found, why = self._search.find(open_ports, before)
        seen.unseen += why
        if found is None:
            return
        if before is not None and (found.pid, found.started) == (before.pid, before.started):
            self.found = found  # it has opened its port anew
            return
        if before is not None and found.pid != before.pid:
            self.restarts += 1
            seen.happened("restart", f"{before.pid} → {found.pid}", self.name)
        self.found = found
        self._family, self._before, self._workers = Family(found.pid, self.strangers), None, Workers()
        self._limits, self._cgroup = Limits.of(found.pid), Cgroup(found.pid)
        if not shares_network(found.pid):
            self._listeners.close()
            self._listeners = Listeners(f"/proc/{found.pid}/net")
            self._describe(self._listeners.all())
        if is_closed(found.pid):
            seen.unseen.append(note("unseen.process_no_rights", name=found.title, pid=found.pid))

    def _describe(self, open_ports: list[Listener]) -> None:
        one = processes.stat(self.found.pid) if self.found is not None else None
        if one is not None:
            self.found = self._search.described(one, open_ports)

    # --- limits and queues ---

    def _limited(self, use: Use) -> dict[str, float]:
        assert self.found is not None and self._limits is not None
        signals = self._cgroup.look() if self._cgroup is not None else {}
        cores = min(float(self._limits.cores), signals.get("cgroup.cpu_limit", float("inf")))
        signals["process.cores"] = cores
        # A limit of each process: the family reaches it when its largest member does.
        own = None if self._limits.memory is None else float(self._limits.memory + use.bytes - use.largest)
        limits = [limit for limit in (own, signals.get("cgroup.memory_limit")) if limit is not None]
        if limits:
            signals["process.memory_limit"] = min(limits)
        count = open_files(self.found.pid)
        if count is not None:
            signals["process.fds"] = float(count)
        if self._limits.fds is not None:
            signals["process.fd_limit"] = float(self._limits.fds)
        return signals

    def _queue(self, open_ports: list[Listener]) -> dict[str, float]:
        """The fullest of its queues."""
        assert self.found is not None
        own = [one for one in open_ports if one.inode in self.found.sockets or one.port in self.found.ports]
        signals = {"process.listening": float(bool(own))} if self.found.ports else {}
        if own:
            fullest = max(own, key=lambda one: (one.waiting / (one.backlog or 1), one.waiting))
            signals["process.listen_queue"] = float(fullest.waiting)
            if fullest.backlog is not None:
                signals["process.listen_backlog"] = float(fullest.backlog)
        return signals
