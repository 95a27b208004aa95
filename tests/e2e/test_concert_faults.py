"""The concert service's faults, each as a load test or a curious user meets it."""

from __future__ import annotations

import re
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from servers import postgresql
from test_concert_service import EXAMPLE, Service, close, start

import sonagi
from sonagi import Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def service(*flags: str) -> Iterator[Service]:
    process, running = start(*flags)
    try:
        yield running
    finally:
        process.terminate()
        close(process)


def run(api: str, at: Service, **env: Any) -> Result:
    """A few seconds of one of the six runs."""
    settings = {"API": api, "CONCERT_URL": f"http://127.0.0.1:{at.port}", "MINUTES": "0.04", **env}
    return sonagi.run(EXAMPLE / "six_runs.py", env={name: str(value) for name, value in settings.items()})


def test_unpaged_sends_every_concert_at_once() -> None:
    with service("--unpaged", "--concerts", "3000") as running:
        answer = running.get("/concerts/?limit=10").data
    assert [concert["concertId"] for concert in answer["concerts"]] == list(range(1, 3001))
    assert answer["nextCursor"] is None
    assert answer["concerts"][0].keys() == answer["concerts"][2999].keys()


def test_beyond_its_memory_limit_a_request_fails_and_the_log_says_why(tmp_path: Path) -> None:
    log = tmp_path / "concert.log"
    with service("--unpaged", "--concerts", "400000", "--memory-limit", "250M", "--log", str(log)) as running:
        assert running.get("/concerts/").status == 500
        assert running.get("/health").status == 200
    lines = log.read_text().splitlines()
    assert "MemoryError" in lines
    assert re.match(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR \[MainThread\] uvicorn",
        next(line for line in lines if " ERROR " in line),
    )


def test_a_million_concerts_are_there_within_seconds(tmp_path: Path) -> None:
    with service("--concerts", "1000016", "--database", str(tmp_path / "many.db")) as running:
        page = running.get("/concerts/?after=1000010").data
        assert [concert["concertId"] for concert in page["concerts"]] == list(range(1000011, 1000017))
        assert running.get("/concerts/1000/schedules").status == 200


def test_errors_as_200_are_121_bytes_and_all_alike() -> None:
    with service("--errors-as-200", "--concerts", "1") as running:
        bodies = []
        for path in ("/concerts/7/schedules", "/concerts/1/schedules/9999/seats"):
            with urllib.request.urlopen(f"http://127.0.0.1:{running.port}{path}", timeout=5) as answer:
                assert answer.status == 200
                bodies.append(answer.read())
        result = run("seats", running, VUS=5, SCHEDULE=9999)
    assert len(bodies[0]) == 121 and bodies[0] == bodies[1]
    assert result.share("http_req_failed") == 0


def test_racy_tokens_leave_customers_with_two_who_then_always_fail() -> None:
    with service("--racy-tokens", "--concerts", "1") as running:
        result = run("tokens", running, VUS=100)
        failed = result.count("http_reqs", status="500")
        assert 0 < failed < result.count("http_reqs")
        statuses = {customer: running.issue(customer).status for customer in range(1, 51)}
        broken = [customer for customer, status in statuses.items() if status == 500]
        assert broken
        assert all(running.issue(customer).status == 500 for customer in broken)


def test_a_healthy_service_gives_each_customer_one_token_however_many_ask() -> None:
    with service("--concerts", "1") as running, ThreadPoolExecutor(16) as many:
        tokens = list(many.map(lambda _: running.issue(7).data["token"], range(48)))
    assert len(set(tokens)) == 1


def test_prometheus_is_told_of_requests_pool_and_process() -> None:
    with service("--concerts", "1") as running:
        running.get("/health")
        with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/metrics", timeout=5) as answer:
            told = answer.read().decode()
    for line in (
        'http_server_requests_seconds_count{method="GET",status="200"} 1.0',
        "db_client_connection_count 0.0",
        "db_client_connection_pending_requests 0.0",
        "db_client_connection_max 10.0",
    ):
        assert line in told.splitlines()
    if sys.platform == "linux":
        assert "process_resident_memory_bytes " in told


@pytest.mark.needs_postgresql
def test_the_same_service_runs_on_postgresql(tmp_path: Path) -> None:
    with postgresql(tmp_path) as url:
        with service("--database", url, "--concerts", "2000") as running:
            assert len(running.get("/concerts/?after=1990").data["concerts"]) == 10
            assert len(running.get("/concerts/3/schedules/12/seats").data["seats"]) == 50
            with ThreadPoolExecutor(16) as many:
                tokens = list(many.map(lambda _: running.issue(7).data["token"], range(48)))
            assert len(set(tokens)) == 1
            assert running.issue(8).data["waitingCountAhead"] == 0
        with service("--database", url, "--concerts", "1", "--racy-tokens") as running:
            assert run("tokens", running, VUS=60).count("http_reqs", status="500") > 0
