"""Metrics that servers of several kinds give of themselves, under the names that rules know. Pure.

Spring Boot (Micrometer: HikariCP, JVM, Tomcat), OpenTelemetry's conventions for pools, prometheus_client for
Python, prom-client for Node. What has no name here is kept as `prom.NAME{labels}`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sonagi.probes.exposition import Sample

LEVELS = {
    "hikaricp_connections_active": "pool.active",
    "hikaricp_connections_max": "pool.max",
    "hikaricp_connections_pending": "pool.pending",
    "hikaricp_connections_timeout_total": "pool.timeouts",
    "db_client_connection_count": "pool.active",
    "db_client_connections_usage": "pool.active",
    "db_client_connection_max": "pool.max",
    "db_client_connections_max": "pool.max",
    "db_client_connection_pending_requests": "pool.pending",
    "db_client_connections_pending_requests": "pool.pending",
    "tomcat_threads_busy_threads": "workers.busy",
    "tomcat_threads_config_max_threads": "workers.max",
}
"""Added up over connectors; of pools the fullest counts."""
USED_ONLY = {"db_client_connection_count", "db_client_connections_usage"}
"""With a label `state`, of which only "used" counts (OpenTelemetry)."""
HEAP = {"jvm_memory_used_bytes": "jvm.heap_used", "jvm_memory_max_bytes": "jvm.heap_max"}
SECONDS = {"jvm_gc_pause_seconds_sum": "jvm.gc"}
"""Seconds spent: as a share of the time between two looks."""
LOOP_LAG = "nodejs_eventloop_lag_p99_seconds"
REQUESTS = (
    "http_server_requests_seconds",
    "http_server_request_duration_seconds",
    "http_request_duration_seconds",
)
HELD = "hikaricp_connections_usage_seconds"
POOL_LABELS = ("pool", "pool_name", "db_client_connection_pool_name")
MARK = "\0"
NOISE = ("_bucket", "_created")
MOST = 300
"""Series that are kept under their own names."""


@dataclass
class Named:
    """Turns one endpoint's looks into signals; rates need a look before."""

    _before: dict[str, float] = field(default_factory=dict)
    _at: float | None = None
    _others: dict[str, float] = field(default_factory=dict)

    @property
    def has_looked(self) -> bool:
        """Whether there was ever an answer."""
        return self._at is not None

    def signals(self, found: Iterable[Sample], at: float) -> dict[str, float]:
        """What is known by name, and of the rest what has changed."""
        levels: dict[str, float] = defaultdict(float)
        totals: dict[str, float] = defaultdict(float)
        others: dict[str, float] = {}
        for sample in found:
            if not math.isfinite(sample.value):
                continue
            if not _take(sample, levels, totals) and not sample.name.endswith(NOISE) and len(others) < MOST:
                others[f"prom.{_written(sample)}"] = sample.value
        seconds = at - self._at if self._at is not None else 0.0
        rates = self._rates(totals, seconds) if seconds > 0 else {}
        changed = {name: value for name, value in others.items() if self._others.get(name) != value}
        self._before, self._at, self._others = dict(totals), at, others
        if levels.get("jvm.heap_max", 1.0) <= 0:
            levels.pop("jvm.heap_max")
        return {**_fullest(levels), **rates, **changed}

    def _rates(self, totals: Mapping[str, float], seconds: float) -> dict[str, float]:
        # A counter that fell began anew with its process.
        grown = {name: max(value - self._before.get(name, value), 0.0) for name, value in totals.items()}
        rates = {name: grown[name] / seconds for name in SECONDS.values() if name in grown}
        if "server.count" in grown:
            rates["server.requests"] = grown["server.count"] / seconds
            rates["server.errors"] = grown.get("server.errors", 0.0) / seconds
            if grown["server.count"]:
                rates["server.mean"] = grown.get("server.sum", 0.0) / grown["server.count"] * 1000
        if grown.get("held.count"):
            rates["pool.held"] = grown.get("held.sum", 0.0) / grown["held.count"] * 1000
        return rates


def _take(sample: Sample, levels: dict[str, float], totals: dict[str, float]) -> bool:
    """Whether the sample has a name of ours."""
    name, labels, value = sample.name, sample.labels, sample.value
    if name in LEVELS:
        if name not in USED_ONLY or labels.get("state", "used") == "used":
            levels[f"{LEVELS[name]}{_pool_of(sample)}"] += value
    elif name in HEAP:
        if labels.get("area", "heap") == "heap" and value > 0:
            levels[HEAP[name]] += value
    elif name in SECONDS:
        totals[SECONDS[name]] += value
    elif name == LOOP_LAG:
        levels["loop.lag"] = value * 1000
    else:
        return _take_duration(sample, totals)
    return True


def _pool_of(sample: Sample) -> str:
    """A mark that keeps the pools of one server apart."""
    if not sample.name.startswith(("hikaricp_", "db_client_")):
        return ""
    return MARK + next((sample.labels[name] for name in POOL_LABELS if name in sample.labels), "")


def _fullest(levels: Mapping[str, float]) -> dict[str, float]:
    """Of several pools the one for which most wait, or which is used most: an idle one says nothing."""
    pools: dict[str, dict[str, float]] = defaultdict(dict)
    found = {}
    for name, value in levels.items():
        plain, marked, pool = name.partition(MARK)
        if marked:
            pools[pool][plain] = value
        else:
            found[name] = value

    def pressed(pool: Mapping[str, float]) -> tuple[float, float]:
        most = pool.get("pool.max") or math.inf
        return pool.get("pool.pending", 0.0), pool.get("pool.active", 0.0) / most

    return found | max(pools.values(), key=pressed, default={})


def _take_duration(sample: Sample, totals: dict[str, float]) -> bool:
    for part in ("count", "sum"):
        whole = sample.name.removesuffix(f"_{part}")
        if whole == sample.name:
            continue
        if whole in REQUESTS:
            totals[f"server.{part}"] += sample.value
            status = sample.labels.get("status") or sample.labels.get("http_response_status_code", "")
            if part == "count" and status.startswith("5"):
                totals["server.errors"] += sample.value
            return True
        if whole == HELD:
            totals[f"held.{part}"] += sample.value
            return True
    return False


def _written(sample: Sample) -> str:
    inside = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
    return f"{sample.name}{{{inside}}}" if inside else sample.name
