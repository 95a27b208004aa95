"""`sonagi new`: what it writes runs."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from test_plan_command import sonagi
from wire import forever, server

ANSWER = '{"token": "abcdef123456", "concertId": 17}'
OK = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n{ANSWER}"


def test_a_first_test_runs_as_it_is_written(tmp_path: Path) -> None:
    with server(forever(OK)) as served:
        done = sonagi(tmp_path, "new", "--url", f"{served.url}concerts?limit=3")
        assert done.returncode == 0, done.stderr
        assert "sonagi run load_test.py" in done.stdout
        ran = sonagi(tmp_path, "run", "load_test.py", "--vus", "2", "--iterations", "2", "--quiet")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert served.requests[0].startswith(b"GET /concerts?limit=3 ")


def test_a_file_that_is_there_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "load_test.py").write_text("mine")
    done = sonagi(tmp_path, "new")
    assert done.returncode == 104 and "--force" in done.stderr
    assert (tmp_path / "load_test.py").read_text() == "mine"
    assert sonagi(tmp_path, "new", "--force").returncode == 0


def recording(base: str) -> dict[str, Any]:
    def entry(second: int, method: str, path: str, **request: Any) -> dict[str, Any]:
        return {
            "startedDateTime": f"2026-11-23T10:00:0{second}.000+09:00",
            "time": 700,
            "request": {"method": method, "url": base + path, "headers": [], **request},
            "response": {"status": 200, "headers": [], "content": {"text": ANSWER}},
        }

    token = [{"name": "Authorization", "value": "Bearer abcdef123456"}]
    body = {"mimeType": "application/json", "text": '{"concertId": 17}'}
    return {
        "log": {
            "entries": [
                entry(0, "POST", "issue", postData=body),
                entry(1, "GET", "concerts/17/seats", headers=token),
            ]
        }
    }


@pytest.mark.parametrize("kind", ["curl", "openapi", "har"])
def test_what_is_written_from_a_source_runs_and_asks_the_same(tmp_path: Path, kind: str) -> None:
    with server(forever(OK)) as served:
        source = tmp_path / "source"
        api = {
            "openapi": "3.0.0",
            "servers": [{"url": served.url}],
            "paths": {"/concerts/{id}/seats": {"get": {"parameters": [
                {"name": "id", "in": "path", "schema": {"type": "integer", "example": 17}}
            ]}}},
        }  # fmt: skip
        curl = f"curl {served.url}concerts/17/seats -H 'X-Room: 7'"
        source.write_text(
            {"curl": curl, "openapi": json.dumps(api), "har": json.dumps(recording(served.url))}[kind]
        )
        done = sonagi(tmp_path, "new", "made.py", "--from", kind, curl if kind == "curl" else "source")
        assert done.returncode == 0, done.stderr
        planned = sonagi(tmp_path, "plan", "made.py")
        assert planned.returncode == 0, planned.stderr
        ran = sonagi(tmp_path, "run", "made.py", "--vus", "1", "--iterations", "1", "--quiet")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert any(request.startswith(b"GET /concerts/17/seats ") for request in served.requests)
    if kind == "har":
        assert b"Authorization: Bearer abcdef123456" in served.requests[1]
        assert 'f"Bearer {token}"' in (tmp_path / "made.py").read_text()


def test_a_recording_of_200_mb_takes_seconds(tmp_path: Path) -> None:
    one = recording("http://shop.test/")["log"]["entries"][1]
    one["response"]["content"]["text"] = json.dumps({"rows": ["x" * 1000] * 1000})
    written = json.dumps(one)
    with (tmp_path / "big.har").open("w") as file:
        file.write('{"log": {"entries": [' + ",".join([written] * (200_000_000 // len(written))) + "]}}")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", "new", "made.py", "--from", "har", "big.har"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 30


def test_bad_sources_are_told_in_korean_too(tmp_path: Path) -> None:
    done = sonagi(tmp_path, "new", "--from", "postman", "x", SONAGI_LANG="ko")
    assert done.returncode == 104
    assert "curl, openapi, har" in done.stderr and "없습니다" in done.stderr
