"""Locust's set of CSV files, any of which may be missing."""

from pathlib import Path

import pytest

from sonagi import locale
from sonagi.diagnose.diagnosis import diagnose
from sonagi.model.evidence import Evidence
from sonagi.model.traffic import FailureKind
from sonagi.readers import read
from sonagi.report import story
from sonagi.report.cells import Paint

STATS = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
    "GET,/items,900,0,12,14.5,3.1,240.0,512.0,30.0,0.0,12,14,16,18,25,40,80,120,230,240,240\n"
    "POST,/login,100,30,900,950.0,20.0,5000.0,90.0,3.3,1.0,900,950,990,1100,2000,5000,5000,5000,5000,5000,5000\n"
    ",Aggregated,1000,30,13,108.0,3.1,5000.0,470.0,33.3,1.0,13,16,20,25,90,900,2000,5000,5000,5000,5000\n"
)
FAILURES = (
    "Method,Name,Error,Occurrences\n"
    "POST,/login,\"HTTPError('500 Server Error: Internal Server Error for url: /login')\",20\n"
    "POST,/login,\"ReadTimeoutError(timeout('timed out'))\",10\n"
)
EXCEPTIONS = (
    "Count,Message,Traceback,Nodes\n"
    '7,"no token for http://u:pw@api/x?access_token=abc123","Traceback (most recent call last):\n'
    '  File ""locustfile.py"", line 9, in buy\n    raise KeyError\n",local\n'
)


def whole(folder: Path, delimiter: str = ",") -> Path:
    parts = {"stats": STATS, "failures": FAILURES, "exceptions": EXCEPTIONS}
    for part, text in parts.items():
        (folder / f"shop_{part}.csv").write_text(
            text if delimiter == "," or part != "stats" else text.replace(",", delimiter), encoding="utf-8"
        )
    return folder / "shop_stats.csv"


def alone(path: Path) -> Evidence:
    (evidence,) = read([str(path)])
    return evidence


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_one_file_of_the_set_is_enough_to_find_the_others(delimiter: str, tmp_path: Path) -> None:
    evidence = alone(whole(tmp_path, delimiter))
    assert (evidence.tool, evidence.requests, evidence.failed) == ("locust", 1000, 30)
    titles = {endpoint.title: endpoint.requests for endpoint in evidence.endpoints}
    assert titles == {"GET /items": 900, "POST /login": 100}
    kinds = {(one.kind, one.status): one.count for one in evidence.failures}
    assert kinds == {(FailureKind.STATUS, 500): 20, (FailureKind.TIMEOUT, 0): 10}
    assert evidence.trend("http_req_duration").percentiles[95.0].value == 900


def test_secrets_in_messages_of_exceptions_are_not_read(tmp_path: Path) -> None:
    ((message, count),) = alone(whole(tmp_path)).exceptions
    assert count == 7 and "locustfile.py" in message
    assert "abc123" not in message and "pw" not in message


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_time_limits_that_nobody_knows_can_be_told_of(language: str, tmp_path: Path) -> None:
    stats = STATS.replace("900,0,", "900,700,").replace("1000,30,", "1000,800,")
    failures = "Method,Name,Error,Occurrences\nGET,/items,ReadTimeoutError('timed out'),700\nGET,/items,ConnectTimeout('x'),100\n"
    (tmp_path / "a_stats.csv").write_text(stats, encoding="utf-8")
    (tmp_path / "a_failures.csv").write_text(failures, encoding="utf-8")
    evidence = alone(tmp_path / "a_stats.csv")
    locale.use(language)
    try:
        chapter = story.Chapter("a", evidence, diagnose(evidence))
        assert list(story.render([chapter, chapter], 110, Paint(False)))
    finally:
        locale.use(None)
