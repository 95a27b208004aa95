"""The summary and the export, from a run whose numbers are known."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sonagi import locale
from sonagi._core import Totals
from sonagi.model.result import GeneratorInfo, Notice, Result, ScenarioInfo, ScriptError, ThresholdResult
from sonagi.plan.problems import PlanError
from sonagi.report import cells
from sonagi.report.export import Output, as_json, handle_summary
from sonagi.report.summary import render

URL = "http://127.0.0.1:8000/concerts/"


@pytest.fixture
def result() -> Result:
    totals = Totals()
    good = {
        "method": "GET",
        "name": URL,
        "status": "200",
        "expected_response": "true",
        "scenario": "browse",
        "group": "",
    }
    bad = good | {
        "status": "0",
        "expected_response": "false",
        "error_code": "1050",
        "error": "request timeout",
    }
    other = good | {"method": "POST", "name": "http://127.0.0.1:8000/queues/issue"}
    for tags, times in ((good, [10.0, 20.0, 30.0]), (other, [5.0]), (bad, [60000.0])):
        for time in times:
            totals.add("http_reqs", "counter", "default", 1, tags)
            totals.add("http_req_failed", "rate", "default", 1.0 if tags is bad else 0.0, tags)
            totals.add("http_req_duration", "trend", "time", time, tags)
    for held in (1.0, 1.0, 0.0):
        totals.add("checks", "rate", "default", held, {"check": "status is 200", "group": "::find a seat"})
    totals.add("iterations", "counter", "default", 3)
    totals.add("tickets", "counter", "default", 4)
    totals.add("data_received", "counter", "data", 6400)
    totals.add("generator_lag", "trend", "time", 0.05, {"phase": "taken"})
    totals.add("generator_lag", "trend", "time", 0.2, {"phase": "resumed"})
    return Result(
        script="load_test.py",
        scenarios=(ScenarioInfo("browse", "constant-vus", 2, None, 10.0, None, 30.0),),
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=2.0,
        measurements=totals,
        thresholds=(
            ThresholdResult("http_req_duration", {}, "p(95)<500", "p(95)", 48006.0, ok=False),
            ThresholdResult("http_req_duration", {"status": "200"}, "avg<20", "avg", 16.25, ok=True),
            ThresholdResult("http_req_failed", {"name": "x"}, "rate<0.01", "rate", None, ok=False),
        ),
        errors=(ScriptError("KeyError", "'seat'", "load_test.py:12 in browse", "Traceback …", 1000000),),
        notices=(Notice("run.stopping"),),
        iterations_full=3,
        iterations_interrupted=1,
        exit_code=99,
        generator=GeneratorInfo(0.5, 0.25, 40_000_000, "kernel"),
    )


def test_what_a_k6_user_looks_for_is_where_k6_has_it(result: Result) -> None:
    lines = render(result).splitlines()
    text = "\n".join(lines)
    assert "    ✗ 'p(95)<500' p(95)=48s · of only 5 values: too few to estimate it" in lines
    assert "    ✓ 'avg<20' avg=16.25ms" in lines
    assert "    http_req_duration{status:200}" in lines
    assert "    checks_succeeded...: 66.66% 2 out of 3" in lines
    assert "      ↳  66% — ✓ 2 / ✗ 1" in lines
    assert "    ✗ find a seat › status is 200" in lines
    assert "http_reqs........................: 5      2.500000/s" in text
    assert "http_req_failed..................: 20.00% 1 out of 5" in text
    assert "data_received....................: 6.4 kB 3.2 kB/s" in text
    order = [
        text.index(word)
        for word in ("THRESHOLDS", "TOTAL", "CUSTOM", "HTTP\n", "EXECUTION", "NETWORK", "BY NAME")
    ]
    assert order == sorted(order)


def test_a_threshold_without_data_says_so(result: Result) -> None:
    assert "✗ 'rate<0.01' no data" in render(result)


def test_failures_and_exceptions_are_told_once_with_their_count(result: Result) -> None:
    text = render(result)
    assert f"✗ 1 × request timeout (1050)  GET {URL}" in text
    assert "✗ load_test.py:12 in browse: KeyError: 'seat' (1000000 times)" in text


def test_the_measurement_line_tells_stamps_and_own_delay(result: Result) -> None:
    line = next(line for line in render(result, width=200).splitlines() if "measurement:" in line)
    for part in (
        "stamped by the kernel",
        "25 % of a core",
        "40 MB",
        "50µs before sending",
        "200µs after receiving",
    ):
        assert part in line


def test_a_run_without_requests_has_a_summary_too(result: Result) -> None:
    empty = replace(result, measurements=Totals(), thresholds=(), errors=(), notices=())
    assert "0" in render(empty)


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_the_terminal_in_korean_too(result: Result, width: int) -> None:
    locale.use("ko")
    try:
        text = render(result, width=width)
    finally:
        locale.use(None)
    table = text[text.index("이름별 요청") : text.index("실패한 요청")]
    rows = [line for line in table.splitlines()[1:] if line.strip(" █")]
    assert len({cells.width(line) for line in rows}) == 1
    assert all(cells.width(line) <= width for line in rows)


def test_colour_comes_only_when_asked_for(result: Result) -> None:
    assert "\x1b[" not in render(result)
    assert "\x1b[31m✗\x1b[0m" in render(result, color=True)


def test_the_export_has_the_shape_that_k6_gives_to_handle_summary(result: Result) -> None:
    data = json.loads(json.dumps(handle_summary(result)))
    duration = data["metrics"]["http_req_duration"]
    assert duration["type"] == "trend"
    assert duration["contains"] == "time"
    assert set(duration["values"]) == {"avg", "min", "med", "max", "p(90)", "p(95)"}
    assert duration["values"]["max"] == 60000
    assert duration["thresholds"] == {"p(95)<500": {"ok": False}}
    assert data["metrics"]["http_req_duration{status:200}"]["thresholds"] == {"avg<20": {"ok": True}}
    assert data["metrics"]["http_req_failed"]["values"] == {"rate": 0.2, "passes": 1, "fails": 4}
    assert data["metrics"]["http_reqs"]["values"] == {"count": 5, "rate": 2.5}
    [group] = data["root_group"]["groups"]
    assert (group["name"], group["path"]) == ("find a seat", "::find a seat")
    assert group["checks"][0]["path"] == "::find a seat::status is 200"
    assert (group["checks"][0]["passes"], group["checks"][0]["fails"]) == (2, 1)
    assert data["state"]["testRunDurationMs"] == 2000


def test_an_export_that_cannot_be_written_is_found_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be written"):
        Output("--summary-export", str(tmp_path / "no" / "such" / "folder.json"), as_json)


def test_an_export_takes_the_place_of_the_last_one_whole_or_not_at_all(
    result: Result, tmp_path: Path
) -> None:
    path = tmp_path / "summary.json"
    path.write_text("the last one")
    Output("--summary-export", str(path), as_json).discard()
    assert path.read_text() == "the last one"
    export = Output("--summary-export", str(path), as_json)
    assert path.read_text() == "the last one"
    export.write(result)
    assert json.loads(path.read_text())["metrics"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("aggregation", "few"), [("p(50)", False), ("p(75)", True), ("max", False)])
def test_a_percentile_of_too_few_values_is_not_taken_for_an_estimate(
    result: Result, aggregation: str, few: bool
) -> None:
    goal = ThresholdResult("http_req_duration", {"status": "200"}, "…", aggregation, 5.0, ok=True)
    few_values = Totals()
    for time in (1.0, 2.0, 5.0):
        few_values.add("http_req_duration", "trend", "time", time, {"status": "200"})
    shown = render(replace(result, thresholds=(goal,), measurements=few_values))
    assert ("of only 3 values: too few to estimate it" in shown) == few


def test_websockets_that_fail_are_grouped_by_cause(result: Result) -> None:
    opened = {"method": "GET", "name": "ws://h/", "status": "101"}
    refused = {**opened, "status": "0", "error": "dial: connection refused", "error_code": "1212"}
    wrong = {**opened, "error": "websocket: another key", "error_code": "1000"}
    for tags, failed in ((opened, 0.0), (opened, 1.0), (refused, 1.0), (refused, 1.0), (wrong, 1.0)):
        result.measurements.add("ws_session_failed", "rate", "default", failed, tags)  # type: ignore[attr-defined]
    shown = render(result)
    assert "✗ 2 × dial: connection refused (1212)  GET ws://h/" in shown
    assert "✗ 1 × websocket: ended without a farewell  GET ws://h/" in shown
    assert "✗ 1 × websocket: another key (1000)  GET ws://h/" in shown
