"""/proc/PID/stat, status, statm, limits, cgroup (Linux, proc(5))."""

import re
from dataclasses import dataclass

UNLIMITED = "unlimited"
LIMITS = {
    "Max open files": "fds",
    "Max address space": "address_space",
    "Max data size": "data",
}


@dataclass(frozen=True, slots=True)
class Stat:
    """One process or thread."""

    pid: int
    name: str
    state: str
    parent: int
    ticks: int
    """Of CPU, its own."""
    children_ticks: int
    """Of CPU, by children that ended and were waited for."""
    threads: int
    started: int
    """Ticks after boot: with the pid it names a process for good."""
    pages: int
    """In memory."""


def stat(text: str) -> Stat:
    """A name may hold blanks and parentheses: fields are counted after the last one. Raises ValueError."""
    head, _, tail = text.rpartition(")")
    pid, _, name = head.partition(" (")
    fields = tail.split()
    if len(fields) < 22:
        raise ValueError(text)
    times = [int(field) for field in fields[11:15]]
    return Stat(
        pid=int(pid),
        name=name,
        state=fields[0],
        parent=int(fields[1]),
        ticks=times[0] + times[1],
        children_ticks=times[2] + times[3],
        threads=int(fields[17]),
        started=int(fields[19]),
        pages=int(fields[21]),
    )


def ticks(text: str) -> int:
    """CPU of one thread: its stat without the rest, since there may be hundreds of them."""
    fields = text[text.rindex(")") + 2 :].split(None, 13)
    return int(fields[11]) + int(fields[12])


def cores(status: str) -> int | None:
    """How many cores it may run on."""
    found = re.search(r"^Cpus_allowed_list:\s*(\S+)", status, re.MULTILINE)
    if not found:
        return None
    spans = (part.split("-") for part in found[1].split(","))
    return sum(int(span[-1]) - int(span[0]) + 1 for span in spans)


def limits(text: str) -> dict[str, int]:
    """Soft limits by our names for them; one that is not limited is missing."""
    found = {}
    for line in text.splitlines():
        for title, name in LIMITS.items():
            if line.startswith(title):
                value = line[len(title) :].split()[0]
                if value != UNLIMITED:
                    found[name] = int(value)
    return found


def cgroups(text: str) -> dict[str, str]:
    """Its place by controller ("cpu", "memory"); that in the unified hierarchy under ""."""
    found = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            found[name] = path
    return found


def heap_limit(arguments: list[str]) -> int | None:
    """-Xmx of a JVM's command line, in bytes; the last one counts."""
    units = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
    limit = None
    for argument in arguments:
        found = re.fullmatch(r"(?:-Xmx|-XX:MaxHeapSize=)(\d+)([kmgt]?)", argument, re.IGNORECASE)
        if found:
            limit = int(found[1]) * units[found[2].lower()]
    return limit
