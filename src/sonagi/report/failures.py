"""Failed requests, grouped by cause."""

from dataclasses import dataclass

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
    # Selecting by tags finds supersets too: the same group must not be listed twice.
    return sorted(set(found), key=lambda failure: (-failure.count, failure.cause, failure.name))
