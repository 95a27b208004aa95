"""The control group of a watched process: what it is limited to, and how often it met the limit."""

from dataclasses import dataclass, field
from pathlib import Path

from sonagi.probes.proc import cgroups, host, process

QUOTA = (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
LIMIT = ("memory.max", "memory.limit_in_bytes")
USAGE = ("memory.current", "memory.usage_in_bytes")
EVENTS = ("memory.events", "memory.oom_control")
"""Files of version 2, then of version 1."""


@dataclass
class Cgroup:
    """Of one process, whose groups are looked up once: `root` is where /proc is."""

    pid: int
    root: Path = Path("/proc")
    cpu: list[Path] = field(default_factory=list)
    memory: list[Path] = field(default_factory=list)
    periods: dict[str, int] = field(default_factory=dict)
    kills: int | None = None
    """When it was first looked at."""
    killed: int = 0

    def __post_init__(self) -> None:
        mounts = cgroups.mounts(_read(self.root / "self/mountinfo"))
        groups = process.cgroups(_read(self.root / str(self.pid) / "cgroup"))
        self.cpu = [Path(folder) for folder in cgroups.folders(mounts, groups, "cpu")]
        self.memory = [Path(folder) for folder in cgroups.folders(mounts, groups, "memory")]

    def look(self) -> dict[str, float]:
        """Its signals; those of a limit only where there is one."""
        return {**self._cpu(), **self._memory()}

    def _cpu(self) -> dict[str, float]:
        limits = [(quota, folder) for folder in self.cpu if (quota := _quota(folder)) is not None]
        if not limits:
            return {}
        cores, folder = min(limits)
        signals = {"cgroup.cpu_limit": cores}
        now = host.counters(_read(folder / "cpu.stat"))
        share = cgroups.throttled(self.periods, now) if self.periods else None
        if share is not None:
            signals["cgroup.throttled"] = share
        self.periods = now
        return signals

    def _memory(self) -> dict[str, float]:
        limits = [(limit, folder) for folder in self.memory if (limit := _limit(folder)) is not None]
        if not limits:
            return self._oom_kills(self.memory[:1])
        limit, folder = min(limits)
        usage = _first(folder, USAGE).strip()
        signals = {"cgroup.memory_limit": float(limit)}
        if usage.isdigit():
            stat = host.counters(_read(folder / "memory.stat"))
            signals["cgroup.memory"] = float(cgroups.working_set(int(usage), stat))
        return {**signals, **self._oom_kills([folder])}

    def _oom_kills(self, folders: list[Path]) -> dict[str, float]:
        """Since the first look; when the group is gone, what was last known."""
        for folder in folders:
            kills = host.counters(_first(folder, EVENTS)).get("oom_kill")
            if kills is not None:
                self.kills = kills if self.kills is None else self.kills
                self.killed = kills - self.kills
        return {} if self.kills is None else {"cgroup.oom_kills": float(self.killed)}


def _quota(folder: Path) -> float | None:
    texts = [[_read(folder / name) for name in names] for names in QUOTA]
    return next((cgroups.quota(*read) for read in texts if read[0]), None)


def _limit(folder: Path) -> int | None:
    return cgroups.memory_limit(_first(folder, LIMIT))


def _first(folder: Path, names: tuple[str, ...]) -> str:
    """The first of these files that is there."""
    return next((text for name in names if (text := _read(folder / name))), "")


def _read(path: Path) -> str:
    """Empty where it can't be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
