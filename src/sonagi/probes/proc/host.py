"""/proc/stat, meminfo, vmstat, pressure/*, diskstats (Linux, Documentation/filesystems/proc.rst,
admin-guide/iostats.rst, accounting/psi.rst)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PARTITION = re.compile(r"(?:(?:sd|vd|xvd|hd)[a-z]+\d+|(?:nvme\d+n\d+|mmcblk\d+)p\d+)$")
"""Parts of a disk, whose time is in the whole disk's too."""
NO_DISK = ("loop", "ram", "zram", "fd", "sr")


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Jiffies since boot. Guests' time is in user time already, so it isn't added."""

    idle: int
    """Waiting for a disk included: the core was free."""
    steal: int
    """Wanted to run, and the hypervisor ran somebody else."""
    total: int


def cpus(stat: str) -> dict[str, CpuTime]:
    """By name: "cpu" is all of them together, "cpu0" the first."""
    found = {}
    for line in stat.splitlines():
        if not line.startswith("cpu"):
            break
        name, *times = line.split()
        user, nice, system, idle, *rest = map(int, times)
        iowait, irq, softirq, steal = (*rest[:4], 0, 0, 0, 0)[:4]
        total = user + nice + system + idle + iowait + irq + softirq + steal
        found[name] = CpuTime(idle + iowait, steal, total)
    return found


def memory(meminfo: str) -> dict[str, int]:
    """Bytes, by the kernel's names. Before Linux 3.14 MemAvailable is missing: what is free or cached."""
    sizes = {}
    for line in meminfo.splitlines():
        name, _, rest = line.partition(":")
        number, *unit = rest.split() or ["0"]
        sizes[name] = int(number) * (1024 if unit == ["kB"] else 1)
    if "MemAvailable" not in sizes and "MemFree" in sizes:
        sizes["MemAvailable"] = sizes["MemFree"] + sizes.get("Cached", 0) + sizes.get("Buffers", 0)
    return sizes


def counters(text: str) -> dict[str, int]:
    """Lines of a name and a number: vmstat, a cgroup's cpu.stat, memory.events, memory.oom_control."""
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].lstrip("-").isdigit()}


def pressure(psi: str) -> int | None:
    """Microseconds since boot in which some task waited."""
    found = re.search(r"^some .*total=(\d+)", psi, re.MULTILINE)
    return int(found[1]) if found else None


def disks(diskstats: str) -> dict[str, int]:
    """By whole disk: milliseconds since boot in which it had work."""
    busy = {}
    for line in diskstats.splitlines():
        fields = line.split()
        # Partitions had four fields only before Linux 2.6.25.
        if len(fields) >= 14 and not fields[2].startswith(NO_DISK) and not PARTITION.match(fields[2]):
            busy[fields[2]] = int(fields[12])
    return busy


def share(before: int, now: int, of: float) -> float:
    """How much of `of` a counter grew, 0 to 1: clocks of different make may say a little more."""
    return min(max(now - before, 0) / of, 1.0) if of > 0 else 0.0


def cpu_signals(before: Mapping[str, CpuTime], now: Mapping[str, CpuTime]) -> dict[str, float]:
    """What the cores did between two looks. A core that came or went in between is left out."""
    used = {}
    for name, time in now.items():
        then = before.get(name)
        if then is not None and time.total > then.total:
            used[name] = 1 - share(then.idle, time.idle, time.total - then.total)
    each = [value for name, value in used.items() if name != "cpu"]
    signals = {"host.cores": float(len(now) - 1)} if len(now) > 1 else {}
    if "cpu" in used:
        span = now["cpu"].total - before["cpu"].total
        signals["host.cpu"] = used["cpu"]
        signals["host.steal"] = share(before["cpu"].steal, now["cpu"].steal, span)
    if each:
        signals["host.cpu_busiest"] = max(each)
    return signals
