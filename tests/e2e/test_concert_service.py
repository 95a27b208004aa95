"""The example service, asked through a real socket by Python's own HTTP client."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[2] / "examples" / "concert"
SERVE = EXAMPLE / "serve.py"
CONCERTS = 25


@dataclass(frozen=True)
class Answer:
    """An answer with its envelope opened."""

    status: int
    headers: http.client.HTTPMessage
    envelope: dict[str, Any]

    @property
    def data(self) -> Any:
        return self.envelope["data"]


class Service:
    """A running service, one connection a question."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return Answer(response.status, response.headers, json.loads(response.read()))
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def issue(self, customer: Any) -> Answer:
        return self.ask("POST", "/queues/issue", json.dumps({"customerId": customer}).encode())


def start(*flags: str) -> tuple[subprocess.Popen[str], Service]:
    process = subprocess.Popen(
        [sys.executable, str(SERVE), "--port", "0", *flags],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Service(int(process.stdout.readline().rpartition(":")[2]))


def close(process: subprocess.Popen[str]) -> int:
    """Waits for the end; the exit code."""
    try:
        return process.wait(timeout=20)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    process, service = start("--concerts", str(CONCERTS))
    yield service
    process.terminate()
    assert close(process) == 0


def test_a_healthy_service_says_so(service: Service) -> None:
    answer = service.get("/health")
    assert answer.status == 200
    assert answer.envelope == {"responseStatus": "SUCCESS", "message": "OK", "data": {"status": "UP"}}


def test_the_list_of_concerts_comes_in_pages_that_miss_and_repeat_nothing(service: Service) -> None:
    seen: list[int] = []
    path = "/concerts/?limit=10"
    sizes = []
    while True:
        page = service.get(path).data
        sizes.append(len(page["concerts"]))
        seen += [concert["concertId"] for concert in page["concerts"]]
        if page["nextCursor"] is None:
            break
        path = f"/concerts/?limit=10&after={page['nextCursor']}"
    assert sizes == [10, 10, 5]
    assert seen == list(range(1, CONCERTS + 1))


def test_a_page_that_ends_with_the_last_concert_has_no_next_cursor(service: Service) -> None:
    page = service.get(f"/concerts/?limit={CONCERTS}").data
    assert len(page["concerts"]) == CONCERTS
    assert page["nextCursor"] is None


def test_without_a_limit_a_page_has_twenty_concerts(service: Service) -> None:
    assert len(service.get("/concerts/").data["concerts"]) == 20


def test_a_concert_has_its_own_schedules(service: Service) -> None:
    schedules = service.get("/concerts/2/schedules").data["schedules"]
    assert [schedule["scheduleId"] for schedule in schedules] == [6, 7, 8, 9, 10]


def test_a_schedule_has_fifty_seats(service: Service) -> None:
    seats = service.get("/concerts/2/schedules/6/seats").data["seats"]
    assert [seat["seatNumber"] for seat in seats] == list(range(1, 51))
    assert {seat["seatStatus"] for seat in seats} == {"AVAILABLE", "RESERVED"}


def test_a_customer_who_asks_again_keeps_the_token(service: Service) -> None:
    first, again = service.issue(1), service.issue(1)
    assert first.status == again.status == 200
    assert first.data["token"] == again.data["token"]
    assert first.headers["Authorization"] == f"Bearer {first.data['token']}"


def test_fifty_customers_are_let_in_and_the_others_wait_in_the_order_they_came() -> None:
    process, service = start("--concerts", "0")
    try:
        places = [service.issue(customer).data for customer in range(1, 54)]
        assert [place["queueStatus"] for place in places] == ["ACTIVE"] * 50 + ["WAITING"] * 3
        assert [place["waitingCountAhead"] for place in places[50:]] == [0, 1, 2]
        first_in_line = service.issue(51).data
        assert (first_in_line["waitingCountAhead"], first_in_line["waitingCountBehind"]) == (0, 2)
    finally:
        process.terminate()
        close(process)


def test_customers_who_ask_at_the_same_time_get_one_token_each(service: Service) -> None:
    customers = [1000 + number % 20 for number in range(200)]
    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(service.issue, customers))
    assert {answer.status for answer in answers} == {200}
    assert len({(answer.data["customerId"], answer.data["token"]) for answer in answers}) == 20


def test_answers_on_a_kept_connection_do_not_wait_for_a_delayed_acknowledgement(service: Service) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    seconds = []
    for _ in range(15):
        asked = time.monotonic()
        connection.request("GET", "/health")
        connection.getresponse().read()
        seconds.append(time.monotonic() - asked)
    connection.close()
    # The wait would be 40 ms, each time.
    assert min(seconds) < 0.03


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/concerts/999/schedules", None, 404),
        ("GET", "/concerts/999/schedules/1/seats", None, 404),
        ("GET", "/concerts/2/schedules/1/seats", None, 404),
        ("GET", f"/concerts/{10**30}/schedules", None, 404),
        ("GET", "/concerts/one/schedules", None, 404),
        ("GET", "/nowhere", None, 404),
        ("GET", "/queues/issue", None, 405),
        ("GET", "/concerts/?limit=many", None, 400),
        ("GET", "/concerts/?limit=0", None, 422),
        ("GET", "/concerts/?limit=101", None, 422),
        ("GET", "/concerts/?after=-1", None, 422),
        ("POST", "/queues/issue", b"", 400),
        ("POST", "/queues/issue", b"{", 400),
        ("POST", "/queues/issue", b"\xff", 400),
        ("POST", "/queues/issue", b"[]", 422),
        ("POST", "/queues/issue", b"{}", 422),
        ("POST", "/queues/issue", b'{"customerId": 0}', 422),
        ("POST", "/queues/issue", b'{"customerId": true}', 422),
        ("POST", "/queues/issue", b'{"customerId": "1"}', 422),
    ],
)
def test_a_bad_request_gets_its_status_in_the_same_envelope(
    service: Service, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = service.ask(method, path, body)
    assert answer.status == status
    assert set(answer.envelope) == {"responseStatus", "message", "data"}
    assert answer.envelope["responseStatus"] == "FAIL"
    assert answer.envelope["message"]
    assert answer.data is None


def test_a_database_file_keeps_the_tokens_when_the_service_starts_again(tmp_path: Path) -> None:
    flags = ("--concerts", "1", "--database", str(tmp_path / "concert.db"))
    tokens = []
    for _ in range(2):
        process, service = start(*flags)
        tokens.append(service.issue(7).data["token"])
        process.send_signal(signal.SIGINT)
        assert close(process) == 0
    assert tokens[0] == tokens[1]


def test_a_service_that_was_started_with_a_parent_ends_when_the_parent_is_gone() -> None:
    process, _ = start("--concerts", "0", "--with-parent")
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None
    assert close(process) == 0


def test_a_service_that_was_started_with_a_parent_still_ends_cleanly_by_a_signal() -> None:
    process, _ = start("--concerts", "0", "--with-parent")
    process.terminate()
    assert close(process) == 0


def test_the_demo_tells_what_broke_and_why_and_leaves_no_service_behind() -> None:
    demo = subprocess.run(
        [sys.executable, str(EXAMPLE / "demo.py"), "--seconds", "5"],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    lines = demo.stdout.splitlines()
    table = lines[lines.index(next(line for line in lines if line.startswith("load "))) :][1:5]
    answered = [line[len("3 concerts, unpaged") :].split()[1] for line in table]
    assert answered[0] == answered[1] == answered[3] == "100.0"
    assert float(answered[2]) < 50
    told = " ".join(demo.stdout.split())
    assert "ROOT CAUSE 3: GET /concerts/" in told
    assert "Don't raise the pool" in told
    assert "the same load, 4 concerts, paged: 0 of" in told
    assert "errors told as HTTP 200, 121 B each" in told
    services = [
        path
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.exists() and b"--with-parent" in path.read_bytes()
    ]
    assert services == []
