"""`sonagi explain` and `sonagi report`, end to end: a run of ours, and the write-up that started it all."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from test_plan_command import sonagi

from sonagi.report.findings_json import SCHEMA

WRITE_UP = Path(__file__).resolve().parents[2] / "examples/report/load-test.md"
REFUSED = """
import socket
from sonagi import Options, http
with socket.create_server(("127.0.0.1", 0)) as taken:
    PORT = taken.getsockname()[1]
options = Options(vus=3, duration="2s")
async def visit():
    await http.get(f"http://127.0.0.1:{PORT}/")
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "visit.py").write_text(REFUSED)
    done = sonagi(tmp_path, "run", "visit.py", "--keep-going", "--store", "runs")
    assert "nothing listens" in done.stdout.lower(), done.stdout + done.stderr
    return tmp_path


def test_a_run_that_was_kept_is_explained_in_every_form(store: Path) -> None:
    text = sonagi(store, "explain", "--store", "runs")
    assert text.returncode == 0, text.stderr
    assert "ROOT CAUSE" in text.stdout
    told = sonagi(store, "explain", "last", "--store", "runs", "--format", "json")
    found = json.loads(told.stdout)
    assert found["source"].endswith("visit.py")
    jsonschema.validate(found, SCHEMA)
    assert found["findings"][0]["cause"] == "S28"
    korean = sonagi(store, "explain", "last", "--store", "runs", "--lang", "ko", "--format", "markdown")
    assert "근본 원인" in korean.stdout


def test_a_run_is_written_up(store: Path) -> None:
    done = sonagi(store, "report", "last", "--store", "runs", "-o", "load-test.md", "--lang", "ko")
    assert done.returncode == 0, done.stderr
    written = (store / "load-test.md").read_text(encoding="utf-8")
    assert written.startswith("# 부하 테스트")
    assert "근본 원인" in written


def test_a_write_up_of_six_runs_is_read_anew(tmp_path: Path) -> None:
    done = sonagi(tmp_path, "explain", str(WRITE_UP), "--format", "json")
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout)["runs"]
    causes = [{finding["cause"] for finding in run["findings"]} for run in runs]
    assert len(runs) == 6
    assert {"S11", "C13"} <= causes[0]
    assert "S28" in causes[1]
    assert all("C07" in found and "S01" not in found for found in causes[2:])


def test_what_is_no_run_gets_one_sentence_and_the_rest_is_used(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    done = sonagi(tmp_path, "explain", "empty.txt", "nowhere", str(WRITE_UP), "--store", "runs")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("sonagi: ") for line in lines)
    assert "ROOT CAUSE" in done.stdout


def test_nothing_to_explain_is_an_error(tmp_path: Path) -> None:
    done = sonagi(tmp_path, "explain", "last", "--store", "runs")
    assert done.returncode == 255
    assert len(done.stderr.splitlines()) == 1


def test_a_log_from_elsewhere_is_evidence_of_a_kept_run_too(store: Path) -> None:
    """The server is another machine, and its log is given afterwards."""
    tmp_path = store
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    (tmp_path / "server.log").write_text(f"{stamp} ERROR worker 7 gave up\n" * 3, encoding="utf-8")
    told = sonagi(tmp_path, "report", "last", "--store", "runs", "--log", "server.log")
    assert told.returncode == 0, told.stderr
    assert "3 × " in told.stdout and "worker 7 gave up" in told.stdout
    (tmp_path / "other.log").write_text("2020-01-01T00:00:00Z ERROR long ago\n", encoding="utf-8")
    told = sonagi(tmp_path, "explain", "last", "--store", "runs", "--log", "other.log")
    assert told.returncode == 0
    assert "other.log was written at another time" in told.stderr
