"""`--out json` and `--out csv`: each sample as a line of k6's, written while the run goes on."""

import csv
import gzip
import io
import json
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """
from sonagi import Counter, Options, check, group, http, secrets
key = secrets.get("KEY", command="echo tr0ub4dor")
options = Options(vus=5, iterations=200, thresholds={{
    "http_req_duration": ["p(95)<5000"],
    "http_req_duration{{status:200}}": ["avg<5000"],
}})
bought = Counter("bought")

async def shop(vu):
    with group("shop, first"):
        response = await http.get("{url}", tags={{"key": key}})
        check(response, {{"it is \\"fine\\"": response.status_code == 200}})
    bought.add(2)
"""


class Fine(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Path]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fine)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = tmp_path / "shop.py"
    path.write_text(SCRIPT.format(url=f"http://127.0.0.1:{server.server_port}/"))
    yield path
    server.shutdown()
    server.server_close()


def sonagi(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sonagi", "run", *map(str, arguments), "--no-color"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def points(text: str) -> dict[str, list[dict[str, Any]]]:
    """By metric, the data of its points; each metric has to be told of before its first."""
    told: set[str] = set()
    found = defaultdict(list)
    for line in text.splitlines():
        entry = json.loads(line)
        if entry["type"] == "Metric":
            assert entry["metric"] not in told
            told.add(entry["metric"])
            continue
        assert entry["metric"] in told
        found[entry["metric"]].append(entry["data"])
    return found


def test_the_lines_hold_each_sample_that_the_summary_sums_up(script: Path, tmp_path: Path) -> None:
    lines, rows, packed, summary = (tmp_path / name for name in ("a.json", "a.csv", "a.json.gz", "sum.json"))
    outputs = [f"json={lines}", f"csv={rows}", f"json={packed}"]
    flags = [part for output in outputs for part in ("--out", output)]
    done = sonagi(script, *flags, "--summary-export", summary)
    assert done.returncode == 0, done.stderr
    metrics = json.loads(summary.read_text())["metrics"]
    found = points(lines.read_text())

    assert len(found["http_reqs"]) == len(found["http_req_duration"]) == 200
    assert sum(point["value"] for point in found["bought"]) == 400
    for name in ("http_req_duration", "http_req_waiting", "iteration_duration"):
        values = sorted(point["value"] for point in found[name])
        assert values[0] == metrics[name]["values"]["min"]
        assert values[-1] == metrics[name]["values"]["max"]
        assert sum(values) / len(values) == pytest.approx(metrics[name]["values"]["avg"])
    one = found["http_req_duration"][0]
    assert one["tags"]["group"] == "::shop, first"
    assert one["tags"]["status"] == "200"
    assert one["time"].endswith("Z")
    assert {point["value"] for point in found["vus"]} <= {1, 2, 3, 4, 5}

    assert points(gzip.decompress(packed.read_bytes()).decode()).keys() == found.keys()
    table = list(csv.DictReader(io.StringIO(rows.read_text())))
    assert Counter(row["metric_name"] for row in table) == {name: len(data) for name, data in found.items()}
    checks = [row for row in table if row["metric_name"] == "checks"]
    assert {(row["check"], row["metric_value"]) for row in checks} == {('it is "fine"', "1.000000")}
    assert {row["extra_tags"] for row in table if row["metric_name"] == "http_reqs"} == {"key=***"}
    assert "tr0ub4dor" not in lines.read_text() + rows.read_text()


def test_a_metrics_line_tells_of_its_thresholds(script: Path, tmp_path: Path) -> None:
    lines = tmp_path / "a.json"
    sonagi(script, "-i", 5, "-o", f"json={lines}")
    told = [json.loads(line) for line in lines.read_text().splitlines() if '"Metric"' in line]
    [data] = [entry["data"] for entry in told if entry["metric"] == "http_req_duration"]
    assert data == {
        "name": "http_req_duration",
        "type": "trend",
        "contains": "time",
        "thresholds": ["p(95)<5000"],
        "submetrics": [
            {"name": "http_req_duration{status:200}", "suffix": "status:200", "tags": {"status": "200"}}
        ],
    }


def test_standard_output_has_the_lines_and_nothing_else(script: Path) -> None:
    done = sonagi(script, "-i", 7, "-o", "json")
    assert len(points(done.stdout)["iterations"]) == 7
    assert "http_req_duration" in done.stderr  # the summary
    done = sonagi(script, "-i", 7, "-o", "csv=-,timeFormat=rfc3339")
    [first, *_] = csv.DictReader(io.StringIO(done.stdout))
    assert first["timestamp"].endswith("Z")


def test_a_reader_that_leaves_ends_the_output_and_not_the_run(script: Path) -> None:
    command = f"{sys.executable} -m sonagi run {script} -o json | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.count("\n") == 1
    assert "200 iterations complete" in done.stderr
    assert "Broken pipe" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_that_is_full_is_said_and_the_run_goes_on(script: Path) -> None:
    done = sonagi(script, "-o", "json=/dev/full")
    assert "/dev/full: No space left on device" in done.stderr  # while it ran
    assert "200 iterations complete" in done.stdout
    assert done.returncode == 255


def test_a_run_that_is_refused_leaves_files_as_they_were(script: Path, tmp_path: Path) -> None:
    kept, new = tmp_path / "kept.json", tmp_path / "new.json"
    kept.write_text("of yesterday\n")
    done = sonagi(script, "--vus", "-1", "-o", f"json={kept}", "-o", f"csv={new}")
    assert done.returncode == 104
    assert kept.read_text() == "of yesterday\n"
    assert not new.exists()


def test_each_output_that_cannot_be_is_told(script: Path, tmp_path: Path) -> None:
    wrong = ["jsn=a", f"json={tmp_path}/none/a", f"json={tmp_path}", "csv=a,timeFormat=rfc"]
    done = sonagi(script, *(part for output in wrong for part in ("-o", output)))
    assert done.returncode == 104
    assert done.stderr.splitlines() == [
        'sonagi: --out: there is no output "jsn"; did you mean "json"?',
        f"sonagi: --out: {tmp_path}/none/a cannot be written: No such file or directory",
        f"sonagi: --out: {tmp_path} cannot be written: Is a directory",
        'sonagi: --out: there is no time format "rfc"; did you mean "rfc3339"?',
    ]
