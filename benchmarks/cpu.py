"""Memory of a process and all it has started."""

from pathlib import Path


def tree(pid: int) -> list[int]:
    """`pid` and its descendants that are alive."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            pids += tree(int(child))
    return pids


def resident_kb(pid: int) -> int:
    """RSS of the tree in KB. Unlike PSS it does not change when a stranger stops sharing a library."""
    return _sum(pid, "status", "VmRSS:")


def proportional_kb(pid: int) -> int:
    """PSS of the tree in KB: shared pages are shared out among who uses them."""
    return _sum(pid, "smaps_rollup", "Pss:")


def _sum(pid: int, file: str, field: str) -> int:
    total = 0
    for each in tree(pid):
        try:
            lines = Path(f"/proc/{each}/{file}").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith(field))
    return total
