"""What limits a server: processors, memory, pools, queries, answers that are too large."""

from collections.abc import Callable

from sonagi.diagnose.rules.server import (
    s01_cpu,
    s02_quota,
    s03_memory,
    s05_oom_kill,
    s06_workers,
    s07_pool,
    s09_slow_query,
    s10_locks,
    s11_result_set,
    s13_connections,
    s15_disk_full,
    s16_descriptors,
)
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding

RULES: tuple[Callable[[Evidence], Finding | None], ...] = (
    s11_result_set.look,
    s03_memory.look,
    s05_oom_kill.look,
    s01_cpu.look,
    s02_quota.look,
    s09_slow_query.look,
    s10_locks.look,
    s07_pool.look,
    s06_workers.look,
    s13_connections.look,
    s15_disk_full.look,
    s16_descriptors.look,
)
