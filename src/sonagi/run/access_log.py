"""An access log, read for when its requests came: they are replayed at the same times."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sonagi.plan.problems import Problem
from sonagi.probes.line_times import claimed

NS = 1_000_000_000
WITHIN = 1000
"""A line's time stands within so many characters: JSON puts it anywhere."""
YEAR = 365 * 86_400.0
HALF_A_YEAR = YEAR / 2
MOST = 1_000_000
"""Requests that are replayed of one log: a plan carries all of them to each worker."""


def read_arrivals(path: str, script: str) -> Sequence[int] | Problem:
    """When the requests in the log at `path` came, in ns after the first, in order; or what is wrong with it.
    A relative path is looked for beside the script."""
    try:
        with (Path(script).parent / path).open(encoding="utf-8", errors="replace") as log:
            return arrivals(log, path, datetime.now(UTC).year)
    except OSError as error:
        return Problem("unread_log", "", {"path": path, "reason": error.strerror or str(error)})


def arrivals(lines: Iterable[str], path: str, year: int) -> Sequence[int] | Problem:
    """The same for lines. Those without a year are of `year`."""
    times: list[int] = []
    count, years, before = 0, 0.0, 0.0
    for line in lines:
        if not line.strip():
            continue
        count += 1
        told = claimed(line, year, within=WITHIN)
        if told is not None:
            moment = told[0] + years
            if before - moment > HALF_A_YEAR and str(year) not in line:
                # A year began, in a log that does not write them.
                years += YEAR
                moment += YEAR
            before = moment
            times.append(round(moment * 1000) * 1_000_000)
            if len(times) > MOST:
                return Problem("many_arrivals", "", {"path": path, "most": f"{MOST:,}"})
    if not times:
        return Problem("no_arrivals", "", {"path": path})
    if len(times) < count / 2:
        return Problem("few_arrivals", "", {"path": path, "times": len(times), "lines": count})
    return _from_the_first(_spread(sorted(times)))


def _spread(times: list[int]) -> list[int]:
    """Times of whole seconds, each second's evenly over it; finer ones as they are."""
    if any(time % NS for time in times):
        return times
    of_second = Counter(times)
    return [second + NS * place // count for second, count in of_second.items() for place in range(count)]


def _from_the_first(times: Sequence[int]) -> list[int]:
    return [time - times[0] for time in times]
