"""What is watched second by second: the name and unit of every signal that rules look at.

A probe may give others too; they are kept and shown under their own names (`prom.…`). Signals of one kind of
request carry it behind a bar: `load.p95|GET /concerts/`.
"""

from sonagi.model.quantity import Unit

SIGNALS: dict[str, Unit] = {
    # The load, as its users saw it: of that second alone. Times of successes in ms.
    "load.vus": "count",
    "load.requests": "count",
    "load.ok": "count",
    "load.failed": "count",
    "load.iterations": "count",
    "load.p50": "ms",
    "load.p95": "ms",
    "load.failed_p50": "ms",
    "load.connects": "count",  # connections opened
    "load.connect_p95": "ms",
    "load.received": "B",
    "load.sent": "B",
    "load.intended_p95": "ms",  # of all, from when they were due
    "load.late_generator": "count",  # of those, the ones that the generator was to blame for
    "load.late": "count",  # open model: starts that came too late, or never
    # The generator: CPU of the process and of its two threads, its own delays (p99 of that second).
    "generator.cpu": "cores",
    "generator.user_cpu": "cores",
    "generator.io_cpu": "cores",
    "generator.rss": "B",
    "generator.lag": "ms",
    "generator.loop_lag": "ms",
    "generator.fds": "count",
    "generator.fd_limit": "count",
    "generator.ports": "count",  # ephemeral ports in use, and how many there are
    "generator.port_limit": "count",
    # The server's host.
    "host.cpu": "share",  # of all cores
    "host.cpu_busiest": "share",  # of the busiest core
    "host.cores": "count",
    "host.steal": "share",
    "host.mem_total": "B",
    "host.mem_available": "B",
    "host.psi_cpu": "share",  # some, of the second
    "host.psi_memory": "share",
    "host.psi_io": "share",
    "host.disk_busy": "share",  # of the busiest disk
    "host.net_in": "B_per_s",
    "host.net_out": "B_per_s",
    "host.retransmits": "per_s",
    "host.listen_overflows": "per_s",
    "host.syn_retransmits": "per_s",
    "host.time_wait": "count",
    "host.oom_kills": "count",  # since the probe began
    # The server's cgroup.
    "cgroup.throttled": "share",  # of its periods
    "cgroup.cpu_limit": "cores",
    "cgroup.memory": "B",
    "cgroup.memory_limit": "B",
    "cgroup.oom_kills": "count",
    # The server's process, with its children.
    "process.cpu": "cores",
    "process.busiest_thread": "cores",
    "process.cores": "count",  # that it may use
    "process.rss": "B",
    # RLIMIT_AS, cgroup, or -Xmx plus what a JVM needs besides; where there is one
    "process.memory_limit": "B",
    "process.threads": "count",
    "process.fds": "count",
    "process.fd_limit": "count",
    "process.alive": "plain",  # 1 or 0
    "process.restarts": "count",
    "process.listen_queue": "count",  # connections that wait to be accepted, and how many may
    "process.listen_backlog": "count",
    "process.listening": "plain",  # 1 or 0: whether its port is open
    "log.bytes": "B",  # that its logs grew by
    # What the server says of itself (Prometheus).
    "pool.active": "count",
    "pool.max": "count",
    "pool.pending": "count",
    "pool.timeouts": "count",
    "pool.held": "ms",  # mean time that a connection was held
    "jvm.heap_used": "B",
    "jvm.heap_max": "B",
    "jvm.gc": "share",  # of the second spent in pauses
    "workers.busy": "count",
    "workers.max": "count",
    "server.requests": "per_s",
    "server.mean": "ms",
    "server.errors": "per_s",
    "loop.lag": "ms",  # Node's event loop
}


def unit_of(signal: str) -> Unit:
    """`plain` for one that is not in the list."""
    return SIGNALS.get(signal.partition("|")[0], "plain")
