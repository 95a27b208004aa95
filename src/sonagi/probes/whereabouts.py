"""Which process is meant: by its number, its port or its command line; and who has taken its place."""

import os
import pwd
from collections.abc import Iterable
from dataclasses import dataclass, field

from sonagi.model.unseen import note
from sonagi.probes import processes
from sonagi.probes.asked import Asked
from sonagi.probes.proc import process
from sonagi.probes.sockets import Listener, inodes


@dataclass(frozen=True, slots=True)
class Found:
    """A process, named for good by its number and its start; the ports it has open, and their sockets."""

    pid: int
    started: int
    title: str
    ports: frozenset[int]
    sockets: frozenset[int]

    def alive(self) -> bool:
        """Whether it still runs."""
        one = processes.stat(self.pid)
        return one is not None and one.started == self.started


@dataclass
class Whereabouts:
    """Looks for one process. Each reason why it can't be found is told once."""

    asked: Asked
    _told: set[str] = field(default_factory=set)

    def find(self, open_ports: Iterable[Listener], before: Found | None) -> tuple[Found | None, list[str]]:
        """The process, and what is to be said about that it couldn't be seen. `before` is the one that has
        ended: whoever has its ports now follows it."""
        listeners = list(open_ports)
        if self.asked.kind == "port":
            pid, why = self._by_port({int(self.asked.value)}, listeners)
        elif before is not None and before.ports:
            pid, why = self._by_port(set(before.ports), listeners)
        elif self.asked.kind == "name":
            pid, why = self._by_name()
        else:
            pid = int(self.asked.value)
            why = note("unseen.process_none", what=f"pid:{pid}")
        one = processes.stat(pid) if pid is not None else None
        if one is None:
            return None, self._once(why)
        if one.pid == os.getpid():
            return None, self._once(note("unseen.process_own", what=self.asked.value))
        return self.described(one, listeners), []

    def _by_port(self, ports: set[int], listeners: list[Listener]) -> tuple[int | None, str]:
        port = min(ports)
        sockets = {one.inode: one for one in listeners if one.port in ports}
        if not sockets:
            return None, note("unseen.port_none", port=port)
        found = processes.owners(set(sockets))
        pid = processes.eldest(found.pids)
        user = _user(next(iter(sockets.values())).uid)
        return pid, note("unseen.port_no_rights", port=port, user=user)

    def _by_name(self) -> tuple[int | None, str]:
        found = processes.named(self.asked.value)
        return processes.eldest(found), note("unseen.process_none", what=f"name:{self.asked.value}")

    def described(self, one: process.Stat, listeners: list[Listener]) -> Found:
        """With the ports that it has open, of which only the one that was asked for counts."""
        try:
            own = inodes(one.pid)
        except OSError:
            own = set()
        mine = [listener for listener in listeners if listener.inode in own]
        ports = {listener.port for listener in mine}
        if self.asked.kind == "port":
            ports = {int(self.asked.value)}
            mine = [listener for listener in mine if listener.port in ports]
        sockets = frozenset(listener.inode for listener in mine)
        return Found(one.pid, one.started, processes.title(one.pid), frozenset(ports), sockets)

    def _once(self, why: str) -> list[str]:
        if why in self._told:
            return []
        self._told.add(why)
        return [why]


def _user(uid: int | None) -> str:
    """Who that is, as people call them."""
    try:
        return "?" if uid is None else pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
