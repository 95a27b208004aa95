"""The server's host, when it is this machine: cores, memory, disks, network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonagi.probes.probe import Seen
from sonagi.probes.proc import host, net

PRESSURES = ("cpu", "memory", "io")
COUNTED = {
    "host.retransmits": ("Tcp.RetransSegs",),
    "host.listen_overflows": ("TcpExt.ListenOverflows", "TcpExt.ListenDrops"),
    "host.syn_retransmits": ("TcpExt.TCPSynRetrans",),
}
"""Rates by the kernel's counters, of which the one that grew most counts: a connection that is refused
because a queue is full is in both ListenOverflows and ListenDrops, one for want of memory in the latter."""


def read(path: str) -> str:
    """Text of a file of /proc; empty where it can't be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@dataclass
class Reading:
    """One look at the counters."""

    at: float
    cpus: dict[str, host.CpuTime]
    pressure: dict[str, int | None]
    disks: dict[str, int]
    devices: dict[str, tuple[int, int]]
    protocols: dict[str, int]


@dataclass
class Host:
    """`loopback`: the load comes over lo. `net` is the network namespace to look at, as a folder of /proc."""

    read: Callable[[str], str] = read
    loopback: bool = False
    net: str = "/proc/net"
    name: str = "host"
    _before: Reading | None = None
    _kills: int | None = None

    def look(self, seen: Seen) -> None:
        now = self._reading(seen.at)
        before, self._before = self._before, now
        seen.signals |= self._levels()
        if before is not None and now.at > before.at:
            seen.signals |= self._rates(before, now)

    def move(self, folder: str, *, loopback: bool) -> None:
        """Look at another network namespace from here on."""
        if (folder, loopback) != (self.net, self.loopback):
            self.net, self.loopback = folder, loopback
            if self._before is not None:
                self._before.devices, self._before.protocols = {}, {}

    def close(self) -> None:
        """Nothing is kept open."""

    def _levels(self) -> dict[str, float]:
        """What is as it is now."""
        sizes = host.memory(self.read("/proc/meminfo"))
        levels: dict[str, Any] = {
            "host.mem_total": sizes.get("MemTotal"),
            "host.mem_available": sizes.get("MemAvailable"),
            "host.time_wait": net.time_wait(self.read(f"{self.net}/sockstat")),
            "host.oom_kills": self._oom_kills(),
        }
        return {name: float(value) for name, value in levels.items() if value is not None}

    def _oom_kills(self) -> int | None:
        kills = host.counters(self.read("/proc/vmstat")).get("oom_kill")  # since Linux 4.13
        if kills is None:
            return None
        self._kills = kills if self._kills is None else self._kills
        return kills - self._kills

    def _reading(self, at: float) -> Reading:
        snmp, netstat = self.read(f"{self.net}/snmp"), self.read(f"{self.net}/netstat")
        return Reading(
            at,
            host.cpus(self.read("/proc/stat")),
            {name: host.pressure(self.read(f"/proc/pressure/{name}")) for name in PRESSURES},
            host.disks(self.read("/proc/diskstats")),
            net.devices(self.read(f"{self.net}/dev")),
            {**net.protocols(snmp), **net.protocols(netstat)},
        )

    def _rates(self, before: Reading, now: Reading) -> dict[str, float]:
        seconds = now.at - before.at
        signals = host.cpu_signals(before.cpus, now.cpus)
        for name, total in now.pressure.items():
            then = before.pressure[name]
            if total is not None and then is not None:
                signals[f"host.psi_{name}"] = host.share(then, total, seconds * 1e6)
        busy = [
            host.share(before.disks[disk], spent, seconds * 1e3)
            for disk, spent in now.disks.items()
            if disk in before.disks
        ]
        if busy:
            signals["host.disk_busy"] = max(busy)
        signals |= net.traffic(before.devices, now.devices, seconds, loopback=self.loopback)
        for name, counters in COUNTED.items():
            grown = [now.protocols[c] - before.protocols[c] for c in counters if c in before.protocols]
            if grown:
                signals[name] = max(*grown, 0) / seconds
        return signals
