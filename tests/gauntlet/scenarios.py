"""The scenarios with faults in one service: healthy ones, processors, memory, answers, the plan, the generator."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from label import Label
from scenario import Ready, Scenario, path_of, service

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from sonagi.model.evidence import Evidence

SECONDS = 20


def failed(evidence: Evidence) -> float:
    return evidence.failed_share or 0.0


def p95(evidence: Evidence) -> float:
    """Of successes, ms."""
    reading = evidence.trend("http_req_duration{expected_response:true}").percentiles.get(95.0)
    return reading.value if reading else 0.0


def rose(evidence: Evidence, signal: str) -> float:
    """From its first quarter's median to its last value."""
    series = evidence.signal(signal)
    start = series.between(0, (evidence.seconds or 0) / 4).stat("median") or 0.0
    return (series.stat("last") or 0.0) - start


@contextmanager
def healthy(rng: random.Random, folder: Path) -> Iterator[Ready]:
    path = path_of(rng)
    spec = {"routes": {path: {"does": "plain", "ms": rng.uniform(4, 12), "outliers": 0.002, "noise": 0.01}}}
    with service(folder, spec) as (port, log):
        asked = {
            "base": f"http://127.0.0.1:{port}",
            "paths": [path],
            "vus": rng.randint(60, 100),
            "think": 1.0,
        }
        yield Ready(asked | {"seconds": SECONDS}, ("auto", f"file:{log}"))


@contextmanager
def busy_but_well(rng: random.Random, folder: Path) -> Iterator[Ready]:
    """About 60 to 70 % of the server's core, and every answer in time."""
    path, cpu_ms = path_of(rng), rng.uniform(3, 5)
    spec = {"routes": {path: {"does": "hashing", "cpu_ms": cpu_ms}}}
    with service(folder, spec) as (port, log):
        vus = round(0.6 * 1000 / (cpu_ms + 1.5))
        asked = {"base": f"http://127.0.0.1:{port}", "paths": [path], "vus": vus, "think": 1.0}
        yield Ready(asked | {"seconds": SECONDS}, ("auto", f"file:{log}"))


@contextmanager
def goal_out_of_reach(rng: random.Random, folder: Path) -> Iterator[Ready]:
    path = path_of(rng)
    spec = {"routes": {path: {"does": "plain", "ms": rng.uniform(4, 12)}}}
    with service(folder, spec) as (port, log):
        asked = {"base": f"http://127.0.0.1:{port}", "paths": [path], "vus": rng.randint(60, 120)}
        more = {"think": 1.0, "jitter": False, "start": "together", "seconds": SECONDS, "iterations": 1000}
        yield Ready(asked | more, ("auto", f"file:{log}"))


@contextmanager
def nobody_there(rng: random.Random, folder: Path) -> Iterator[Ready]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asked = {"base": f"http://127.0.0.1:{port}", "paths": [path_of(rng)], "vus": rng.randint(1, 50)}
    yield Ready(asked | {"think": 1.0, "seconds": 8}, ("auto",))


@contextmanager
def out_of_processor(rng: random.Random, folder: Path) -> Iterator[Ready]:
    path, cpu_ms = path_of(rng), rng.uniform(10, 25)
    spec = {"routes": {path: {"does": "hashing", "cpu_ms": cpu_ms}}}
    with service(folder, spec) as (port, log):
        vus = round(rng.uniform(2.0, 3.0) * 1000 / cpu_ms)
        asked = {"base": f"http://127.0.0.1:{port}", "paths": [path], "vus": vus, "think": 1.0}
        yield Ready(asked | {"seconds": SECONDS}, ("auto", f"file:{log}"))


@contextmanager
def leak(rng: random.Random, folder: Path) -> Iterator[Ready]:
    path = path_of(rng)
    spec = {"routes": {path: {"does": "leaking", "ms": 5, "bytes": rng.randint(60_000, 120_000)}}}
    with service(folder, spec) as (port, log):
        asked = {
            "base": f"http://127.0.0.1:{port}",
            "paths": [path],
            "vus": rng.randint(80, 120),
            "think": 1.0,
        }
        yield Ready(asked | {"seconds": 100}, ("auto", f"file:{log}"))


@contextmanager
def generator_busy(rng: random.Random, folder: Path) -> Iterator[Ready]:
    path = path_of(rng)
    spec = {"routes": {path: {"does": "plain", "ms": rng.uniform(4, 12)}}}
    with service(folder, spec) as (port, log):
        python_ms = rng.uniform(15, 30)
        vus = round(rng.uniform(1.8, 2.5) * 1000 / python_ms)
        asked = {"base": f"http://127.0.0.1:{port}", "paths": [path], "vus": vus, "think": 1.0}
        yield Ready(asked | {"seconds": SECONDS, "python_ms": python_ms}, ("auto", f"file:{log}"))


@contextmanager
def errors_as_200(rng: random.Random, folder: Path) -> Iterator[Ready]:
    path = path_of(rng)
    spec = {"routes": {path: {"does": "refusing", "of": 100, "known": rng.randint(1, 8), "items": 40}}}
    with service(folder, spec) as (port, log):
        asked = {
            "base": f"http://127.0.0.1:{port}",
            "paths": [path],
            "vus": rng.randint(60, 100),
            "think": 1.0,
        }
        yield Ready(asked | {"seconds": SECONDS}, ("auto", f"file:{log}"))


SERVER_BLAMED = frozenset({"S01", "S03", "S05", "S06", "S07", "S09", "S11", "S17", "S30", "N03"})
IN_ONE_SERVICE = (
    Scenario("G01", Label("", forbidden=SERVER_BLAMED), healthy, lambda e: failed(e) == 0),
    Scenario(
        "G02",
        Label("", forbidden=SERVER_BLAMED | {"C01"}),
        busy_but_well,
        lambda e: failed(e) == 0 and (e.signal("process.cpu").stat("median") or 0) > 0.4,
    ),
    Scenario(
        "G03",
        Label(
            "C07",
            equal=frozenset({"C06"}),
            contributing=frozenset({"C16", "C17"}),
            forbidden=SERVER_BLAMED,
        ),
        goal_out_of_reach,
        lambda e: (e.dropped or 0) > 0,
    ),
    Scenario(
        "G05",
        Label(
            "S28", contributing=frozenset({"C13", "C15"}), forbidden=frozenset({"S01", "S17", "N03", "C01"})
        ),
        nobody_there,
        lambda e: failed(e) == 1,
    ),
    Scenario(
        "G06",
        Label(
            "S01",
            accepted=frozenset({"S30"}),
            symptoms=frozenset({"S06", "S07", "S17"}),
            forbidden=frozenset({"C01", "N03", "S11"}),
            telling=frozenset({"process", "host"}),
        ),
        out_of_processor,
        lambda e: p95(e) > 200 and (e.signal("process.cpu").stat("median") or 0) > 0.85,
    ),
    Scenario(
        "G14",
        Label("S25", forbidden=frozenset({"S01", "S07", "C01", "S11"}), telling=frozenset({"process"})),
        leak,
        lambda e: rose(e, "process.rss") > 50e6,
    ),
    Scenario(
        "G16",
        Label("C01", forbidden=SERVER_BLAMED, telling=frozenset({"generator"})),
        generator_busy,
        lambda e: (e.signal("generator.user_cpu").stat("median") or 0) > 0.8,
    ),
    Scenario(
        "G17",
        Label("C10", contributing=frozenset({"S29", "C18"}), forbidden=SERVER_BLAMED),
        errors_as_200,
        lambda e: failed(e) == 0 and bool(e.answers),
    ),
)
