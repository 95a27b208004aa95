"""The scenarios whose fault lies in what stands around a service: a database, a proxy, workers, the network."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from shutil import which

from label import Label
from scenario import HERE, SERVER_CPU, Ready, Scenario, path_of, process, service, wait_for
from scenarios import SECONDS, SERVER_BLAMED, failed, p95

sys.path.append(str(HERE.parent / "e2e"))
from typing import TYPE_CHECKING

from servers import postgresql

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

NGINX = which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"


@contextmanager
def slow_query(rng: random.Random, folder: Path) -> Iterator[Ready]:
    """A table without the index that its query needs, behind a small pool. The database says in its log which
    statements are slow."""
    rows, pool, table = (
        rng.randint(1_500_000, 2_500_000),
        rng.randint(3, 6),
        rng.choice(("orders", "payments")),
    )
    log = folder / "log"
    settings = "-c log_min_duration_statement=200 -c max_parallel_workers_per_gather=0"
    with postgresql(folder, settings) as url:
        for process_id in pids("postgres"):
            os.sched_setaffinity(process_id, {SERVER_CPU})
        database = url.replace("postgresql://", "postgresql+psycopg://")
        fill(database, table, rows)
        path = path_of(rng)
        spec = {
            "routes": {path: {"does": "querying", "table": table, "customers": 100_000}},
            "database": database,
            "pool": pool,
            "pool_timeout": 2,
        }
        own = folder / "service"
        own.mkdir()
        with service(own, spec) as (port, service_log):
            base = f"http://127.0.0.1:{port}"
            asked = {
                "base": base,
                "paths": [path],
                "vus": rng.randint(40, 60),
                "think": 1.0,
                "seconds": SECONDS,
            }
            yield Ready(asked, ("auto", f"file:{service_log}", f"file:{log}", f"{base}/metrics"))


def fill(database: str, table: str, rows: int) -> None:
    """The table, and no index on what is asked for."""
    from sqlalchemy import create_engine, text

    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(
            text(f"CREATE UNLOGGED TABLE {table} (id bigint, customer int, amount numeric, note text)")
        )
        connection.execute(
            text(
                f"INSERT INTO {table} SELECT n, (random() * 100000)::int, n % 977, md5(n::text) "
                f"FROM generate_series(1, {rows}) AS n"
            )
        )
    engine.dispose()


def pids(name: str) -> list[int]:
    """Processes of that name."""
    done = subprocess.run(["pgrep", "-x", name], capture_output=True, text=True, check=False)
    return [int(line) for line in done.stdout.split()]


@contextmanager
def few_workers(rng: random.Random, folder: Path) -> Iterator[Ready]:
    """Synchronous workers that wait for something else most of the time."""
    workers, seconds = rng.randint(2, 3), rng.uniform(0.15, 0.25)
    (folder / "app.py").write_text(
        "import time\n"
        "def app(environ, start_response):\n"
        f"    time.sleep({seconds})\n"
        "    start_response('200 OK', [('Content-Type', 'application/json'), ('Content-Length', '18')])\n"
        '    return [b\'{"answer": "done!"}\']\n'
    )
    port = free_port()
    log, pid = folder / "gunicorn.log", folder / "pid"
    command = [sys.executable, "-m", "gunicorn", "-w", str(workers), "-b", f"127.0.0.1:{port}", "app:app"]
    with process([*command, "--log-file", str(log), "-p", str(pid)], cwd=folder):
        wait_for(pid)
        vus = round(workers / seconds * rng.uniform(3, 5))
        asked = {"base": f"http://127.0.0.1:{port}", "paths": [path_of(rng)], "vus": vus, "think": 1.0}
        yield Ready(asked | {"seconds": SECONDS, "timeout": 30}, ("auto", f"file:{log}"))


@contextmanager
def full_backlog(rng: random.Random, folder: Path) -> Iterator[Ready]:
    """A listener with room for a few, that accepts slowly; everybody comes at once."""
    log = folder / "service.log"
    command = [sys.executable, str(HERE / "slow_accept.py"), str(rng.randint(4, 10)), str(log)]
    with process(command) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        asked = {"base": f"http://127.0.0.1:{port}", "paths": [path_of(rng)], "vus": rng.randint(200, 300)}
        more = {"think": 2.0, "seconds": SECONDS, "start": "together", "fresh": True, "timeout": 30}
        yield Ready(asked | more, ("auto", f"file:{log}"))


@contextmanager
def rate_limit(rng: random.Random, folder: Path) -> Iterator[Ready]:
    path, limit = path_of(rng), rng.choice((30, 40, 50))
    spec = {"routes": {path: {"does": "hashing", "cpu_ms": 3}}}
    with service(folder, spec) as (port, log):
        rules = f"limit_req zone=visitors burst=5 nodelay; limit_req_status {rng.choice((429, 503))};"
        zone = f"limit_req_zone $server_name zone=visitors:1m rate={limit}r/s;"
        with nginx(folder, port, rules, zone) as (front, front_log):
            asked = {"base": f"http://127.0.0.1:{front}", "paths": [path], "vus": limit * 2, "think": 1.0}
            yield Ready(asked | {"seconds": SECONDS}, ("auto", f"file:{log}", f"file:{front_log}"))


@contextmanager
def nginx(folder: Path, upstream: int, rules: str, outside: str = "") -> Iterator[tuple[int, Path]]:
    """A proxy before `upstream`; gives its port and error log."""
    port, log = free_port(), folder / "nginx-error.log"
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {log} warn; worker_processes 1;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; {outside}\n"
        f"  server {{ listen 127.0.0.1:{port} backlog=2048; server_name visitors;\n"
        f"    location / {{ {rules} proxy_pass http://127.0.0.1:{upstream}; }} }} }}\n"
    )
    with process([NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)]):
        wait_for(folder / "nginx.pid")
        yield port, log


def free_port() -> int:
    """Nobody listens there now."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def narrow_link(rng: random.Random, folder: Path) -> Iterator[Ready]:
    """The service is a host of its own, behind a link of a few megabits."""
    name, mbit = f"gauntlet{rng.randrange(10**6)}", rng.choice((4, 5, 6))
    subnet = f"10.{rng.randint(200, 250)}.{rng.randint(1, 250)}"
    try:
        for command in (
            f"ip netns add {name}",
            f"ip link add {name[:9]}a type veth peer name {name[:9]}b netns {name}",
            f"ip addr add {subnet}.1/24 dev {name[:9]}a",
            f"ip link set {name[:9]}a up",
            f"ip netns exec {name} ip addr add {subnet}.2/24 dev {name[:9]}b",
            f"ip netns exec {name} ip link set {name[:9]}b up",
            f"ip netns exec {name} tc qdisc add dev {name[:9]}b root tbf rate {mbit}mbit burst 16kb latency 400ms",
        ):
            subprocess.run(command.split(), check=True, capture_output=True)
        path = path_of(rng)
        spec = {
            "host": f"{subnet}.2",
            "routes": {path: {"does": "plain", "ms": 3, "items": rng.randint(500, 800)}},
        }
        with service(folder, spec, prefix=("ip", "netns", "exec", name)) as (port, log):
            asked = {
                "base": f"http://{subnet}.2:{port}",
                "paths": [path],
                "vus": rng.randint(60, 90),
                "think": 1.0,
            }
            yield Ready(
                asked | {"seconds": SECONDS, "timeout": 30}, ("host", "name:service.py", f"file:{log}")
            )
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


AROUND = (
    Scenario(
        "G08",
        Label(
            "S09",
            symptoms=frozenset({"S07", "S06"}),
            contributing=frozenset({"S01"}),
            forbidden=frozenset({"C01", "N03", "S11"}),
            telling=frozenset({"log"}),
            harmful=frozenset({"raise the pool"}),
        ),
        slow_query,
        lambda e: failed(e) > 0.05 or p95(e) > 1000,
    ),
    Scenario(
        "G10",
        Label(
            "S06",
            accepted=frozenset({"S21"}),
            symptoms=frozenset({"S17"}),
            forbidden=frozenset({"S01", "C01", "N03", "S07"}),
            telling=frozenset({"process", "log", "host"}),
        ),
        few_workers,
        lambda e: p95(e) > 800,
    ),
    Scenario(
        "G11",
        Label(
            "S17",
            contributing=frozenset({"C04", "C16"}),
            forbidden=frozenset({"S01", "C01", "N03", "S29"}),
            telling=frozenset({"host", "process"}),
        ),
        full_backlog,
        lambda e: (e.signal("host.listen_overflows").stat("sum") or 0) > 20,
    ),
    Scenario(
        "G12",
        Label("S19", forbidden=SERVER_BLAMED | {"C01", "S29"}),
        rate_limit,
        lambda e: 0.1 < failed(e) < 0.9,
    ),
    Scenario(
        "G18",
        Label("N03", contributing=frozenset({"S11"}), forbidden=frozenset({"S01", "C01", "S07", "S09"})),
        narrow_link,
        lambda e: p95(e) > 400,
    ),
)
