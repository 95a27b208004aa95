"""Several runs told together: a table of them, whether they can be believed, what they mean, and the proof
where one run lacks the cause of another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from sonagi.locale import text
from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.finding import Diagnosis, Finding, Role, Verdict
from sonagi.model.quantity import Quantity, Unit
from sonagi.model.traffic import FailureKind
from sonagi.report import cells, findings
from sonagi.report.cells import Paint
from sonagi.report.said import quantity

COLUMNS = ("load", "visits", "answered", "p50", "p95", "p99", "rate", "cpu", "memory", "pool")
GOOD = 0.99
"""Share of answers from which percentiles of the answers stand for all."""
_BADNESS = {Verdict.VALID: 0, Verdict.SUSPECT: 1, Verdict.INVALID: 2}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One run of the story."""

    title: str
    evidence: Evidence
    diagnosis: Diagnosis


def render(chapters: Sequence[Chapter], columns: int, paint: Paint, most: int = 4) -> Iterator[str]:
    """Everything, line by line."""
    yield from table(chapters)
    yield ""
    yield from measurement(chapters, columns, paint)
    yield ""
    told = telling(chapters)
    for place, (chapter, finding) in enumerate(told[:most], 1):
        where = f"{chapter.title.split()[0]}: " if len(chapters) > 1 else ""
        after = findings.consequences(finding, chapter.diagnosis)
        proof = proven(finding, chapter, chapters)
        yield from findings.block(place, finding, after, columns, paint, where=where, proof=proof)
    if not told:
        yield text("findings.nothing")
    if len(told) > most:
        yield text("story.more", count=len(told) - most)


def table(chapters: Iterable[Chapter]) -> Iterator[str]:
    """A line for each run. A percentile of which no answer is known is a bound, or a dash."""
    head = [text(f"story.{name}") for name in COLUMNS]
    rows = [head, *([chapter.title, *numbers(chapter.evidence)] for chapter in chapters)]
    widths = [max(map(cells.width, column)) for column in zip(*rows, strict=True)]
    for name, *values in rows:
        padded = (cells.pad_left(value, widths[at]) for at, value in enumerate(values, 1))
        yield "  ".join([cells.pad(name, widths[0]), *padded]).rstrip()


def measurement(chapters: Sequence[Chapter], columns: int, paint: Paint) -> Iterator[str]:
    """Whether the numbers can be believed, and what the generator had to do with them."""
    worst = max((chapter.diagnosis for chapter in chapters), key=lambda one: _BADNESS[one.verdict])
    doubted = [chapter.title for chapter in chapters if chapter.diagnosis.verdict is not Verdict.VALID]
    told = text("story.measurement", verdict=findings.verdict(worst, paint))
    cpu, lag = _worst(chapters, "generator.cpu", "cores"), _worst(chapters, "generator.lag", "ms")
    if cpu is not None and lag is not None:
        told += f" · {text('story.generator', cpu=quantity(cpu), lag=quantity(lag))}"
    if doubted and len(doubted) < len(chapters):
        told += f" · {text('story.doubted', runs=', '.join(doubted))}"
    yield from cells.wrapped(told, columns, "  ")


def telling(chapters: Iterable[Chapter]) -> list[tuple[Chapter, Finding]]:
    """What is no consequence, of all runs: first what each run leads with, root causes before others; then
    what else there is."""
    found = [
        (place, chapter, finding)
        for chapter in chapters
        for place, finding in enumerate(findings.telling(chapter.diagnosis))
    ]
    # Stable: what is alike stays in the order of the runs, for one may be what the next suffers from.
    found.sort(key=lambda one: (one[0], one[2].role is not Role.ROOT))
    return [(chapter, finding) for _, chapter, finding in found]


def proven(finding: Finding, chapter: Chapter, chapters: Iterable[Chapter]) -> str:
    """What the same load showed where the cause was not: "" without such a run."""
    if finding.role is not Role.ROOT:
        return ""
    before = chapter.evidence
    for other in chapters:
        after = other.evidence
        causes = {one.cause for one in other.diagnosis.findings}
        same = _asked(before) and _asked(after) == _asked(before) and _alike(after, before)
        if other is chapter or not same or finding.cause in causes or _answered(after) < GOOD:
            continue
        p95 = after.trend("http_req_duration{expected_response:true}").percentiles.get(95.0)
        return text(
            "story.proof",
            run=other.title,
            ok=_ok(before),
            requests=before.requests or 0,
            ok_after=_ok(after),
            requests_after=after.requests or 0,
            p95=quantity(Quantity(p95.value, "ms")) if p95 else "–",
        )
    return ""


def _asked(evidence: Evidence) -> set[str]:
    return {endpoint.title for endpoint in evidence.endpoints}


def _alike(one: Evidence, other: Evidence) -> bool:
    """Whether both had the same load, whatever its scenarios are called. An unknown pause may be any."""
    if [_load(load) for load in one.loads] != [_load(load) for load in other.loads]:
        return False
    pauses = [(a.constant_think, b.constant_think) for a, b in zip(one.loads, other.loads, strict=True)]
    return one.users == other.users and all(a == b for a, b in pauses if a is not None and b is not None)


def _load(load: PlannedLoad) -> tuple[str, int, float, float | None]:
    return load.executor, load.vus, load.seconds, load.rate


def _ok(evidence: Evidence) -> int:
    return (evidence.requests or 0) - (evidence.failed or 0)


def _answered(evidence: Evidence) -> float:
    return _ok(evidence) / evidence.requests if evidence.requests else 0.0


def numbers(evidence: Evidence) -> list[str]:
    """The cells of a run behind its title, in the order of `COLUMNS`."""
    rate = _ok(evidence) / evidence.seconds if evidence.seconds else 0.0
    return [
        f"{evidence.requests or 0:,}",
        f"{_answered(evidence) * 100:.1f} %",
        *(_percentile(evidence, percent) for percent in (50.0, 95.0, 99.0)),
        f"{rate:.1f}",
        _most(evidence, "process.cpu", "share"),
        _most(evidence, "process.rss", "B"),
        _pool(evidence),
    ]


def _percentile(evidence: Evidence, percent: float) -> str:
    """Of answers, where as many came; else at least the time limit, where that ended as many; else a dash."""
    trend = evidence.trend("http_req_duration{expected_response:true}")
    known = trend.med if percent == 50.0 else trend.percentiles.get(percent)
    answered = _answered(evidence)
    if known is not None and (answered >= GOOD or percent / 100 <= answered):
        return quantity(Quantity(known.value, "ms"))
    late = evidence.failures_of(FailureKind.TIMEOUT, FailureKind.CUT_OFF, FailureKind.CONNECT_TIMEOUT)
    if evidence.requests and isfinite(evidence.timeout) and late / evidence.requests > 1 - percent / 100:
        return f"≥ {quantity(Quantity(evidence.timeout, 's'))}"
    return "–"


def _most(evidence: Evidence, signal: str, unit: Unit) -> str:
    most = evidence.signal(signal).stat("max")
    return "–" if most is None else quantity(Quantity(round(most, 2) if unit == "share" else most, unit))


def _pool(evidence: Evidence) -> str:
    active, size = evidence.signal("pool.active").stat("max"), evidence.signal("pool.max").stat("last")
    return "–" if active is None or size is None else f"{active:.0f}/{size:.0f}"


def _worst(chapters: Iterable[Chapter], signal: str, unit: Unit) -> Quantity | None:
    """The largest median of a run: one second of it says little. None for runs of other tools."""
    medians = [chapter.evidence.signal(signal).stat("median") for chapter in chapters]
    known = [median for median in medians if median is not None]
    return Quantity(max(known), unit) if known else None
