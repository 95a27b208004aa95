"""What k6 writes beside its summary: samples as JSON and CSV, and summaries for programs."""

import json
from pathlib import Path

import pytest

from sonagi.model.evidence import Evidence
from sonagi.readers import read

BEGAN = 1_764_000_000
CSV_HEAD = (
    "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,"
    "scenario,service,status,subproto,tls_version,url,extra_tags"
)


def alone(path: Path) -> Evidence:
    (evidence,) = read([str(path)])
    return evidence


def csv_lines() -> list[str]:
    """A hundred requests in ten seconds, every tenth answered with 503."""
    told = []
    for number in range(100):
        status, expected = ("503", "false") if number % 10 == 3 else ("200", "true")
        tags = f",,,,{expected},,GET,http://shop/items/{number},HTTP/1.1,default,,{status},,,http://shop/items/{number},"
        at = BEGAN + number // 10
        told += [
            f"http_reqs,{at},1.000000{tags}",
            f"http_req_duration,{at},{20 + number % 7}.500000{tags}",
            f"http_req_failed,{at},{int(status != '200')}.000000{tags}",
        ]
    return told


def json_lines() -> list[str]:
    names = {"http_reqs": "counter", "http_req_duration": "trend", "http_req_failed": "rate"}
    told = [
        json.dumps(
            {"type": "Metric", "metric": name, "data": {"name": name, "type": kind, "contains": "default"}}
        )
        for name, kind in names.items()
    ]
    for line in csv_lines():
        name, at, value, *rest = line.split(",")
        tags = {
            "expected_response": rest[3],
            "method": rest[5],
            "name": rest[6],
            "status": rest[10],
            "url": rest[13],
        }
        stamp = f"2025-11-24T16:00:{int(at) - BEGAN:02}.5Z"
        data = {"time": stamp, "value": float(value), "tags": tags}
        told.append(json.dumps({"type": "Point", "metric": name, "data": data}))
    return told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("samples.csv", "\n".join([CSV_HEAD, *csv_lines()])),
        ("excel.csv", "\n".join([CSV_HEAD, *csv_lines()]).replace(",", ";")),
        ("blanks.csv", "\n".join([CSV_HEAD.replace(",", ", "), *csv_lines()])),
        ("samples.json", "\n".join(json_lines())),
    ],
)
def test_samples_become_the_same_run_in_either_form(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    evidence = alone(tmp_path / name)
    assert (evidence.tool, evidence.requests, evidence.failed) == ("k6", 100, 10)
    assert [endpoint.title for endpoint in evidence.endpoints] == ["GET /items/{id}"]
    assert [(one.status, one.count) for one in evidence.failures] == [(503, 10)]
    duration = evidence.trend("http_req_duration")
    assert duration.min is not None and duration.min.value == 20.5
    assert evidence.signal("load.requests").stat("sum") == 100


SUMMARY_EXPORT = {
    "metrics": {
        "http_reqs": {"count": 100, "rate": 10.0},
        "http_req_failed": {"passes": 10, "fails": 90, "value": 0.1},
        "http_req_duration": {
            "avg": 23.4,
            "min": 20.5,
            "med": 23.5,
            "max": 26.5,
            "p(90)": 26.5,
            "p(95)": 26.5,
        },
        "iterations": {"count": 100, "rate": 10.0},
    },
    "root_group": {"name": "", "path": "", "id": "", "groups": {}, "checks": {}},
}
HANDLE_SUMMARY = {
    "root_group": {"name": "", "path": "", "id": "", "groups": [], "checks": []},
    "options": {"summaryTrendStats": ["avg", "p(95)"]},
    "state": {"isStdOutTTY": False, "testRunDurationMs": 10_000.0},
    "metrics": {
        "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 100, "rate": 10.0}},
        "http_req_failed": {
            "type": "rate",
            "contains": "default",
            "values": {"rate": 0.1, "passes": 10, "fails": 90},
        },
        "http_req_duration": {
            "type": "trend",
            "contains": "time",
            "values": {"avg": 23.4, "min": 20.5, "med": 23.5, "max": 26.5, "p(95)": 26.5},
        },
        "iterations": {"type": "counter", "contains": "default", "values": {"count": 100, "rate": 10.0}},
    },
}


@pytest.mark.parametrize(
    "summary", [SUMMARY_EXPORT, HANDLE_SUMMARY], ids=["--summary-export", "handleSummary"]
)
def test_both_summaries_for_programs_are_read(summary: object, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    evidence = alone(tmp_path / "summary.json")
    assert (evidence.tool, evidence.requests, evidence.failed) == ("k6", 100, 10)
    assert evidence.trend("http_req_duration").percentiles[95.0].value == 26.5
    assert evidence.seconds == pytest.approx(10.0)
