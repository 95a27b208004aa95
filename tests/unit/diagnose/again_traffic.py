"""Counts and times of requests, answers, failures and log lines, computed again: `failures.status[500..599]`,
`endpoints[GET /concerts/].ok.min`, `answers[GET /concerts/ 200].count`, `count(log, /too many clients/)`."""

import re
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

from scipy import stats

from sonagi.diagnose import bodies
from sonagi.model.evidence import Evidence
from sonagi.model.traffic import Answers, Endpoint, Failures, LogTemplate, Trend

Form = tuple[re.Pattern[str], Callable[[re.Match[str], Evidence], float | None]]

_FAILURES = r"failures\.([a-z_]+)(?:\[([\d|.]+)\])?"
_ENDED = re.compile(r"\bfirst\(exited, restart, process\.alive < 1\)")


def wilson_low(hits: float, total: float) -> float:
    """Wilson's interval (1927), 95 %."""
    return float(stats.binomtest(int(hits), int(total)).proportion_ci(method="wilson").low)


def wilson_high(hits: float, total: float) -> float:
    """See `wilson_low`."""
    return float(stats.binomtest(int(hits), int(total)).proportion_ci(method="wilson").high)


def _failures(evidence: Evidence, kind: str, statuses: str | None) -> list[Failures]:
    return [one for one in evidence.failures if one.kind == kind and _is_among(one.status, statuses)]


def _is_among(status: int, written: str | None) -> bool:
    if written is None:
        return True
    if ".." in written:
        first, last = map(int, written.split(".."))
        return first <= status <= last
    return str(status) in written.split("|")


def _mean(parts: Iterable[tuple[Trend, int]]) -> float:
    known = [(middle.value, count) for trend, count in parts if count and (middle := trend.avg or trend.med)]
    return sum(value * count for value, count in known) / sum(count for _, count in known)


def _times_of_failures(match: re.Match[str], evidence: Evidence) -> float:
    found = _failures(evidence, match[2], match[3])
    trends: list[tuple[Trend, int]] = [(getattr(one, match[4]), one.count) for one in found]
    if match[1] == "mean":
        return _mean(trends)
    known = [reading.value for trend, _ in trends if (reading := getattr(trend, match[1])) is not None]
    return {"min": min, "max": max}[match[1]](known)


def _number_of_failures(match: re.Match[str], evidence: Evidence) -> float:
    found = _failures(evidence, match[1], match[2])
    if match[3] == ".status":
        return found[0].status
    if match[3] == ".reused":
        return sum(one.reused or 0 for one in found)
    return sum(one.count for one in found)


def _endpoints(evidence: Evidence, titles: str) -> list[Endpoint]:
    return [one for one in evidence.endpoints if one.title in titles.split(", ")]


def _mean_of_endpoints(match: re.Match[str], evidence: Evidence) -> float:
    found = _endpoints(evidence, match[1])
    if match[2] == "bad":
        return _mean((one.bad, one.failed) for one in found)
    return _mean((one.ok, one.requests - one.failed) for one in found)


def _of_endpoint(match: re.Match[str], evidence: Evidence) -> float | None:
    found = _endpoints(evidence, match[1])
    if match[2] == "requests":
        return sum(one.requests for one in found)
    reading = getattr(found[0].ok, match[2].removeprefix("ok."))
    return None if reading is None else float(reading.value)


def _answers(evidence: Evidence, written: str) -> Answers:
    return next(one for one in evidence.answers if written in (one.title, f"{one.title} {one.status}"))


def _of_answers(match: re.Match[str], evidence: Evidence) -> float | None:
    where = evidence.before if match[1] else evidence
    assert where is not None
    answers = _answers(where, match[2])
    if match[3] == "failing":
        failing = sum(one.count for one in answers.bodies if bodies.failure(one.sample) is not None)
        return min(failing, answers.count) or max(one.count for one in answers.bodies)
    if match[3] == "items":
        return max(one.items or 0 for one in answers.bodies)
    if match[3] == "largest":
        return max(
            [answers.sizes.max.value if answers.sizes.max else 0.0, *(one.bytes for one in answers.bodies)]
        )
    value: Any = answers
    for name in match[3].split("."):
        value = getattr(value, name)
    return None if value is None else float(getattr(value, "value", value))


def _of_body(match: re.Match[str], evidence: Evidence) -> float:
    return next(one.bytes for one in _answers(evidence, match[1]).bodies if one.fingerprint == match[2])


def under_load(template: LogTemplate) -> float:
    """Lines since load began; all, where they carry no time."""
    series = template.by_second
    return round(sum(value for at, value in series if at >= 0)) if series else template.count


def _is_background(template: LogTemplate, evidence: Evidence) -> bool:
    """As frequent before the load as under it."""
    before = sum(value for at, value in template.by_second if at < 0)
    rate = under_load(template) / max(evidence.seconds or 1.0, 1.0)
    return bool(before) and before / -template.by_second.at[0] >= rate


def _lines_with(match: re.Match[str], evidence: Evidence) -> float:
    found = [
        one for one in evidence.log if re.search(match[1], one.sample) and not _is_background(one, evidence)
    ]
    return sum(map(under_load, found))


def _lines_like(match: re.Match[str], evidence: Evidence) -> float:
    return sum(one.count for one in evidence.log if repr(one.text) == match[1])


def _lines_before(match: re.Match[str], evidence: Evidence) -> float:
    assert evidence.before is not None
    return sum(one.count for one in evidence.before.log if one.signature == match[1])


def _durations(evidence: Evidence) -> list[tuple[float, float, float]]:
    """(seconds, how many lines it stands for, seconds of a line) of each query whose time a log tells."""
    found = []
    for one in evidence.log:
        if "Query_time" in one.sample:
            times = [float(values[0]) for values in one.values]
        elif re.search(r"duration: [\d.]+ ms", one.sample):
            times = [float([value for value in values if value][-1]) / 1000 for values in one.values]
        else:
            continue
        found += [(time, under_load(one) / len(times), time) for time in times]
    return found


def _slow(match: re.Match[str], evidence: Evidence) -> float | None:
    slow = [(time, weight) for time, weight, _ in _durations(evidence) if time >= float(match[2])]
    if match[1] == "count":
        return sum(weight for _, weight in slow)
    return {"median": median, "max": max}[match[1]]([time for time, _ in slow])


def _rows(match: re.Match[str], evidence: Evidence) -> float:
    place, least = {"rows_sent": 2, "rows_examined": 3}[match[1]], float(match[2])
    rows = [values for one in evidence.log if "Query_time" in one.sample for values in one.values]
    return median(float(values[place]) for values in rows if float(values[0]) >= least)


def _events(match: re.Match[str], evidence: Evidence) -> float:
    return min(sum(event.kind == match[1] for event in evidence.events), int(match[2]))


def _ended(match: re.Match[str], evidence: Evidence) -> float | None:
    moments = [event.at for event in evidence.events if event.kind in ("exited", "restart") and event.at >= 0]
    gone = evidence.signal("process.alive").between(0, 1e9).first_at(lambda alive: alive < 1)
    return min([*moments, *([] if gone is None else [gone])], default=None)


def _refused_always(match: re.Match[str], evidence: Evidence) -> float:
    """As failures, or as answers that the script expects."""
    failed = [one for one in _failures(evidence, "status", match[1]) if one.title == match[2]]
    return sum(one.count for one in failed) or _answers(evidence, f"{match[2]} {match[1]}").count


def _when_refused(match: re.Match[str], evidence: Evidence) -> float:
    seconds = [at for one in _failures(evidence, match[2], None) for at, count in one.by_second if count]
    return {"first": min, "last": max}[match[1]](seconds)


FORMS: tuple[Form, ...] = (
    (_ENDED, _ended),
    (re.compile(r"\bfailures\.status\[(\d+)\]\[([^\]]*)\]"), _refused_always),
    (re.compile(rf"\b(min|max|mean)\({_FAILURES}\.(duration|idle|age)\)"), _times_of_failures),
    (re.compile(r"\b(first|last)\(failures\.([a-z_]+)\)"), _when_refused),
    (re.compile(rf"\b{_FAILURES}(\.status|\.reused|)(?!\w)(?<!failures\.count)"), _number_of_failures),
    (re.compile(r"\bmean\(endpoints\[([^\]]*)\]\.(ok|bad)\)"), _mean_of_endpoints),
    (re.compile(r"\bendpoints\[([^\]]*)\]\.(requests|ok\.\w+)"), _of_endpoint),
    (re.compile(r"\banswers\[([^\]]*)\]\.bodies\[(\w+)\]\.bytes"), _of_body),
    (re.compile(r"(before\.)?\banswers\[([^\]]*)\]\.([a-z.]+)"), _of_answers),
    (re.compile(r"\bcount\(before\.log\.(\w+)\)"), _lines_before),
    (re.compile(r"^count\(log, /(.*)/\)$", re.DOTALL), _lines_with),
    (re.compile(r"^count\(log, (['\"].*['\"])\)$", re.DOTALL), _lines_like),
    (re.compile(r"\b(count|median|max)\(log\.duration where log\.duration >= ([\d.]+)\)"), _slow),
    (re.compile(r"\bmedian\(log\.(rows_\w+) where log\.duration >= ([\d.]+)\)"), _rows),
    (re.compile(r"\bcount\(events\.(\w+), (\d+)\)"), _events),
)
