"""Failed requests, grouped by cause."""

from collections.abc import Iterator
from dataclasses import dataclass

from sonagi.locale import text
from sonagi.model.measurements import Measurements


@dataclass(frozen=True, slots=True)
class Failure:
    """How often requests of one name failed for one reason."""

    count: float
    cause: str
    method: str
    name: str
    status: str = "0"


def failures(numbers: Measurements) -> list[Failure]:
    """The groups, most frequent first. A status that the script expected is no failure."""
    found = []
    for tags in numbers.series("http_reqs"):
        if tags.get("expected_response") != "false":
            continue
        count = numbers.counter("http_reqs", tags) or 0.0
        code, status = tags.get("error_code", ""), tags.get("status", "0")
        cause = f"{tags.get('error') or 'error'} ({code})" if status == "0" else f"status {status}"
        found.append(Failure(count, cause, tags.get("method", ""), tags.get("name", ""), status))
    found += _sessions(numbers)
    # Selecting by tags finds supersets too: the same group must not be listed twice.
    return sorted(set(found), key=lambda failure: (-failure.count, failure.cause, failure.name))


def _sessions(numbers: Measurements) -> Iterator[Failure]:
    """WebSockets that did not open, or did not end by a farewell."""
    metric = "ws_session_failed"
    failed = {tuple(sorted(tags.items())): _trues(numbers, metric, tags) for tags in numbers.series(metric)}
    for key, count in failed.items():
        tags = dict(key)
        # Those with more tags are groups of their own.
        alone = count - sum(other for more, other in failed.items() if set(more) > set(key))
        if alone <= 0:
            continue
        error = tags.get("error")
        cause = f"{error} ({tags.get('error_code', '')})" if error else text("report.no_farewell")
        yield Failure(alone, cause, tags.get("method", ""), tags.get("name", ""), tags.get("status", "0"))


def _trues(numbers: Measurements, metric: str, tags: dict[str, str]) -> int:
    rate = numbers.rate(metric, tags)
    return rate[0] if rate else 0
