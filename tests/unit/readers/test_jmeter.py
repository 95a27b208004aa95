"""JMeter's results, as it writes them: CSV and XML, with failures, transactions and other locales."""

from pathlib import Path

import pytest

from sonagi import locale
from sonagi.diagnose.diagnosis import diagnose
from sonagi.model.evidence import Evidence
from sonagi.model.traffic import FailureKind
from sonagi.readers import read
from sonagi.report import story
from sonagi.report.cells import Paint

HEAD = (
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,"
    "bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect"
)
BEGAN = 1_764_000_000_000
TIMEOUT = "Non HTTP response code: java.net.SocketTimeoutException,Non HTTP response message: Read timed out"


def row(at: int, elapsed: int, label: str, answer: str = "200,OK", ok: bool = True, connect: int = 0) -> str:
    latency = 0 if answer == TIMEOUT else elapsed - 1
    return (
        f"{BEGAN + at},{elapsed},{label},{answer},Thread Group 1-1,text,{str(ok).lower()},,"
        f"900,120,10,10,http://shop.example/items,{latency},0,{connect}"
    )


def lines() -> list[str]:
    """Ten seconds with ten requests each; one in ten is refused, and one in fifty timed out after 5 s."""
    told = []
    for number in range(100):
        answer, ok, elapsed = "200,OK", True, 20 + number % 7
        if number % 10 == 3:
            answer, ok = "503,Service Unavailable", False
        if number % 50 == 7:
            answer, ok, elapsed = TIMEOUT, False, 5000
        told.append(row(number * 100, elapsed, "GET /items", answer, ok, connect=4 if number < 10 else 0))
    return told


def kept(folder: Path, text: str, name: str = "results.jtl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def alone(path: Path) -> Evidence:
    (evidence,) = read([str(path)])
    return evidence


def test_requests_failures_times_and_users_are_read(tmp_path: Path) -> None:
    evidence = alone(kept(tmp_path, "\n".join([HEAD, *lines()]) + "\n"))
    assert (evidence.tool, evidence.requests, evidence.failed) == ("jmeter", 100, 12)
    kinds = {(one.kind, one.status): one.count for one in evidence.failures}
    assert kinds == {(FailureKind.STATUS, 503): 10, (FailureKind.TIMEOUT, 0): 2}
    assert [endpoint.title for endpoint in evidence.endpoints] == ["GET /items"]
    duration = evidence.trend("http_req_duration")
    assert duration.max is not None and duration.max.value == 5000
    assert duration.min is not None and 15 <= duration.min.value <= 17  # connecting is no part of it
    assert evidence.vus == (10, 10, 10)
    assert evidence.received is not None and evidence.received.value == 90_000
    assert evidence.signal("load.requests").stat("sum") == 100


def test_a_time_limit_shows_in_what_it_ended(tmp_path: Path) -> None:
    assert alone(kept(tmp_path, "\n".join([HEAD, *lines()]))).timeout == 5.0


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_what_is_not_known_of_time_limits_can_be_said(language: str, tmp_path: Path) -> None:
    late = [row(number * 100, 0, "GET /items", TIMEOUT, False) for number in range(50)]
    evidence = alone(kept(tmp_path, "\n".join([HEAD, *lines(), *late])))
    locale.use(language)
    try:
        chapter = story.Chapter("a", evidence, diagnose(evidence))
        assert list(story.render([chapter, chapter], 110, Paint(False)))
    finally:
        locale.use(None)


def test_a_transaction_is_no_request_beside_its_own(tmp_path: Path) -> None:
    whole = row(0, 60, "Buy", '200,"Number of samples in transaction : 3, number of failing samples : 0"')
    evidence = alone(kept(tmp_path, "\n".join([HEAD, *lines(), whole])))
    assert evidence.requests == 100
    only = alone(kept(tmp_path, "\n".join([HEAD, whole, whole]), "parents.jtl"))
    assert only.requests == 2


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_than_the_comma_are_read(delimiter: str, tmp_path: Path) -> None:
    text = "\n".join([HEAD, *lines()]).replace(",", delimiter)
    assert alone(kept(tmp_path, text)).requests == 100


def test_xml_says_the_same(tmp_path: Path) -> None:
    samples = [
        f'<httpSample t="{20 + number % 7}" it="0" lt="19" ct="0" ts="{BEGAN + number * 100}" s="true" '
        f'lb="GET /items" rc="200" rm="OK" tn="Thread Group 1-1" by="900" sby="120" ng="10" na="10"/>'
        for number in range(100)
    ]
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n' + "\n".join(samples)
    evidence = alone(kept(tmp_path, text + "\n</testResults>\n"))
    assert (evidence.tool, evidence.requests, evidence.failed) == ("jmeter", 100, 0)


def test_lines_that_are_none_are_counted_and_the_rest_is_used(tmp_path: Path) -> None:
    told = []
    path = kept(tmp_path, "\n".join([HEAD, *lines(), "not,a,line", "x,y,z"]))
    (evidence,) = read([str(path)], tell=told.append)
    assert evidence.requests == 100
    assert [(problem.key, problem.values["count"]) for problem in told] == [("readers.bad_lines", 2)]
