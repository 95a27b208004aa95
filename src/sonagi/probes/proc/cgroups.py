"""Control groups, both versions: where a process's group lies, and what its files say (Linux,
Documentation/admin-guide/cgroup-v1, cgroup-v2.rst)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

NO_LIMIT = 2**60
"""Version 1 writes "unlimited" as the largest multiple of a page."""


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a hierarchy can be read, and which part of it. `controllers` is empty for version 2."""

    point: str
    root: str
    controllers: frozenset[str]


def mounts(mountinfo: str) -> list[Mount]:
    """Those of all hierarchies, version 1 first: on a mixed system its controllers are the ones at work."""
    found = []
    for line in mountinfo.splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = (rest.split(" ", 2) + ["", ""])[:3]
        place = fields.split()
        if kind in ("cgroup", "cgroup2") and len(place) > 4:
            controllers = frozenset(options.split(",")) if kind == "cgroup" else frozenset[str]()
            found.append(Mount(_unescaped(place[4]), _unescaped(place[3]), controllers))
    return sorted(found, key=lambda mount: not mount.controllers)


def _unescaped(path: str) -> str:
    """Blanks in a path of mountinfo are written as octal numbers."""
    return re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), path)


def folders(found: list[Mount], groups: Mapping[str, str], controller: str) -> list[str]:
    """The folders of a process's group and of those around it, innermost first; empty where its place can't
    be seen from here."""
    for mount in found:
        path = groups.get(controller) if controller in mount.controllers else None
        if not mount.controllers:
            path = groups.get("")
        if path is None or ".." in path:
            continue
        inside = path.removeprefix(mount.root).strip("/") if mount.root != "/" else path.strip("/")
        parts = inside.split("/") if inside else []
        return ["/".join([mount.point, *parts[:depth]]) for depth in range(len(parts), -1, -1)]
    return []


def quota(text: str, period: str = "") -> float | None:
    """Cores that a group may use: version 2's cpu.max, or version 1's cpu.cfs_quota_us and cfs_period_us."""
    fields = text.split() + period.split()
    if len(fields) < 2 or fields[0] in ("max", "-1"):
        return None
    return int(fields[0]) / int(fields[1])


def memory_limit(text: str) -> int | None:
    """Bytes of memory.max or memory.limit_in_bytes; None where there is no limit."""
    written = text.strip()
    if not written.isdigit() or int(written) >= NO_LIMIT:
        return None
    return int(written)


def throttled(before: Mapping[str, int], now: Mapping[str, int]) -> float | None:
    """Of the periods between two cpu.stat, the share in which it had to wait for the next one."""
    periods = now.get("nr_periods", 0) - before.get("nr_periods", 0)
    if periods <= 0:
        return None
    return min(max(now.get("nr_throttled", 0) - before.get("nr_throttled", 0), 0) / periods, 1.0)


def working_set(usage: int, stat: Mapping[str, int]) -> int:
    """Memory without what of the page cache the kernel would give back at once, as Kubernetes counts it."""
    inactive = stat.get("total_inactive_file", stat.get("inactive_file", 0))
    return max(usage - inactive, 0)
