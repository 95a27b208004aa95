"""`--watch auto`: from where the load goes to what there is to watch. Only on this machine.

The process that has the port, the logs it has open, its metrics if it answers with such (each of PATHS is
asked once), and the host.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from stat import S_ISREG

from sonagi.model.unseen import note
from sonagi.probes.asked import Asked
from sonagi.probes.endpoint import Endpoint, answers
from sonagi.probes.host import Host, read
from sonagi.probes.kernel import Kernel
from sonagi.probes.log import Log
from sonagi.probes.probe import Probe
from sonagi.probes.process import Process
from sonagi.probes.sockets import is_own, peers

PATHS = ("/metrics", "/actuator/prometheus")
PORTS, LOGS = 3, 4
"""Of a test that goes to more, those that come first are watched."""
TRIES, PATIENCE = 3, 1.5
"""A server that has just got a load may not answer at once. Seconds."""
WRITES = os.O_WRONLY | os.O_RDWR
LOOKS = 3
"""Looks at a process before it is said that it has no log open."""


@dataclass
class Discovery:
    """Asked again and again: each time for what is new. `workers` are the processes that make the load."""

    workers: Callable[[], Iterable[int]]
    named: Sequence[Probe] = ()
    """What is watched already, because it was asked for."""
    unseen: list[str] = field(default_factory=list)
    """What is to be said; whoever tells it empties the list."""
    _known: set[tuple[str, int]] = field(default_factory=set)
    _ports: dict[int, Process] = field(default_factory=dict)
    _logs: set[Path] = field(default_factory=set)
    _looks: dict[int, int] = field(default_factory=dict)
    _endpoints: int = 0
    _metrics: "dict[int, Future[str | None]]" = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(PORTS, thread_name_prefix="discovery")
    )

    @property
    def found(self) -> bool:
        """Whether there is anything."""
        return bool(self._known)

    def look(self) -> list[Probe]:
        """Probes of what has come to light since the last time."""
        new: list[Probe] = []
        targets = peers(self.workers())
        for (address, port), _ in sorted(targets.items(), key=lambda one: -one[1]):
            if (address, port) not in self._known:
                self._known.add((address, port))
                new += self._target(address, port)
        for port, process in self._ports.items():
            new += self._logs_of(port, process)
        return new + self._metrics_found()

    def close(self) -> None:
        """Ask nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _target(self, address: str, port: int) -> list[Probe]:
        if not is_own(address):
            self.unseen.append(note("unseen.remote", address=address))
            return []
        if port in self._ports or len(self._ports) == PORTS:
            return []
        self._metrics[port] = self._pool.submit(metrics_of, address, port)
        asked = Asked("port", str(port))
        for probe in self.named:
            if isinstance(probe, Process) and probe.asked == asked:
                self._ports[port] = probe
                return []
        processes = [*self._ports.values(), *(probe for probe in self.named if isinstance(probe, Process))]
        suffix = "" if all(one.suffix for one in processes) else f"|:{port}"
        process = Process(asked, suffix, frozenset({os.getpid(), *self.workers()}))
        loopback = ip_address(address).is_loopback
        host: list[Probe] = [] if self._ports else [Host(loopback=loopback), Kernel()]
        self._ports[port] = process
        return [*host, process]

    def _logs_of(self, port: int, process: Process) -> list[Probe]:
        if process.found is None or self._looks.get(port, 0) > LOOKS:
            return []
        self._looks[port] = self._looks.get(port, 0) + 1
        paths = [path for path in logs(process.found.pid) if path not in self._logs]
        paths = paths[: LOGS - len(self._logs)]
        self._logs.update(paths)
        if not self._logs and self._looks[port] == LOOKS:
            self.unseen.append(note("unseen.log_none", name=process.found.title))
        return [Log(path) for path in paths]

    def _metrics_found(self) -> list[Probe]:
        ready = [port for port, asked in self._metrics.items() if asked.done()]
        new: list[Probe] = []
        for port in ready:
            url = self._metrics.pop(port).result()
            if url is None:
                self.unseen.append(note("unseen.metrics_none", port=port))
            else:
                first = not self._endpoints and not any(isinstance(probe, Endpoint) for probe in self.named)
                new.append(Endpoint(url, "" if first else f"|:{port}"))
                self._endpoints += 1
        return new


def metrics_of(address: str, port: int) -> str | None:
    """Where a server on this machine answers with metrics, if anywhere."""
    host = f"[{address}]" if ":" in address else address
    for path in PATHS:
        url = f"http://{host}:{port}{path}"
        # Asked again only where nothing answered: a server that says no is left in peace.
        known = next((said for _ in range(TRIES) if (said := answers(url, PATIENCE)) is not None), None)
        if known:
            return url
    return None


def logs(pid: int) -> list[Path]:
    """Files that a process has open for writing and that are called like logs."""
    found = set()
    folder = Path(f"/proc/{pid}/fd")
    try:
        entries = list(folder.iterdir())
    except OSError:
        return []
    for entry in entries:
        try:
            path = entry.readlink()
            regular = S_ISREG(entry.stat().st_mode)
        except OSError:
            continue
        if regular and _is_log(path) and _flags(read(f"/proc/{pid}/fdinfo/{entry.name}")) & WRITES:
            found.add(path)
    return sorted(found)


def _is_log(path: Path) -> bool:
    name = path.name.lower()
    return path.suffix.lower() in (".log", ".out", ".err") or "log" in name.split(".") or name.endswith("log")


def _flags(fdinfo: str) -> int:
    """What a file was opened with (proc_pid_fdinfo(5)), an octal number."""
    for line in fdinfo.splitlines():
        name, _, value = line.partition(":")
        if name == "flags":
            return int(value, 8)
    return 0
