"""Other tools' results, and what stands beside them, as evidence.

    runs = read(["load-test.md"], log="server.log", script="load-test.js", tell=print)

Files are k6's (text, JSON, CSV, whole write-ups that hold its output), Locust's statistics, JMeter's JTL and
Sonagi's own exports; each is recognised by what is in it. `-` is standard input, .gz is unpacked.
"""

from collections.abc import Callable, Iterable

from sonagi.model.evidence import Evidence
from sonagi.readers.detect import Form
from sonagi.readers.problem import ReadProblem
from sonagi.readers.reading import Reading

__all__ = ["ReadProblem", "read"]


def read(
    paths: Iterable[str],
    *,
    log: str | Iterable[str] = (),
    script: str | None = None,
    tell: Callable[[ReadProblem], None] | None = None,
    known: Iterable[Evidence] = (),
) -> list[Evidence]:
    """The runs that are `known`, and every run in `paths`, in order, each with the run before it. `log` is
    what the server wrote, `script` the test's text; both may stand among `paths` too. `tell` hears of each
    file that gave nothing, or not all of it. Raises ReadProblem, the first one, when there is no run."""
    problems: list[ReadProblem] = []
    reading = Reading(problems.append)
    for evidence in known:
        reading.add(evidence)
    reading.take(paths)
    reading.take([log] if isinstance(log, str) else log, Form.LOG)
    reading.take([] if script is None else [script], Form.SCRIPT)
    runs = reading.evidence()
    if not runs:
        raise problems[0] if problems else ReadProblem("readers.nothing")
    if tell is not None:
        for problem in problems:
            tell(problem)
    return runs
