"""`sonagi report`: runs written up as a Markdown document. First a page for whoever decides, then run by
run the conditions, what was measured, what the log said, what it means and what to do next."""

from collections.abc import Iterator, Sequence

from sonagi.locale import text
from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.finding import Role
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import LogTemplate, Trend
from sonagi.report import findings_markdown, story
from sonagi.report.cells import Paint
from sonagi.report.findings import label
from sonagi.report.said import quantity, say
from sonagi.report.story import Chapter

QUOTED = 3
"""Lines of a log that are quoted of one run."""
TOP = 5
"""Findings on the page for whoever decides."""
TRENDS = (
    "http_req_duration",
    "http_req_duration{expected_response:true}",
    "http_req_waiting",
    "http_req_connecting",
    "iteration_duration",
)
WATCHED = (
    "host.cpu",
    "process.cpu",
    "process.rss",
    "host.net_out",
    "pool.active",
    "pool.pending",
    "jvm.heap_used",
    "generator.cpu",
)


def render(title: str, chapters: Sequence[Chapter]) -> str:
    """The whole document."""
    lines = [f"# {title}", "", *_decide(chapters)]
    for chapter in chapters:
        lines += ["", *_chapter(chapter)]
    return "\n".join(lines) + "\n"


def _decide(chapters: Sequence[Chapter]) -> Iterator[str]:
    """What somebody has to know who reads no further."""
    yield f"## {text('document.decide')}"
    yield ""
    head = [text(f"story.{name}") for name in story.COLUMNS]
    yield from _table(head, [[chapter.title, *story.numbers(chapter.evidence)] for chapter in chapters])
    yield ""
    yield from story.measurement(chapters, 10_000, Paint(False))
    told = story.telling(chapters)
    for place, (chapter, finding) in enumerate(told[:TOP], 1):
        yield ""
        yield f"{place}. **{label(finding)}** ({chapter.title}): {say(finding.title)}"
        yield f"   {text('findings.action')}: {say(finding.action)}"
        proof = story.proven(finding, chapter, chapters)
        if proof:
            yield f"   {text('findings.proof')}: {proof}"
    if not told:
        yield ""
        yield text("findings.nothing")


def _chapter(chapter: Chapter) -> Iterator[str]:
    evidence = chapter.evidence
    yield f"## {chapter.title}"
    for name, lines in (
        ("conditions", _conditions(evidence)),
        ("measured", _measured(evidence)),
        ("requests", _requests(evidence)),
        ("watched", _watched(evidence)),
        ("read", _read(evidence)),
        ("log", _log(evidence.log)),
    ):
        written = list(lines)
        if written:
            yield from ("", f"### {text(f'document.{name}')}", "", *written)
    yield from ("", f"### {text('document.means')}", "")
    yield from findings_markdown.render(chapter.diagnosis, level=4)
    steps = [
        say(finding.action) for finding in chapter.diagnosis.findings if finding.role is not Role.SYMPTOM
    ]
    if steps:
        yield from ("", f"### {text('document.next')}", "")
        yield from (f"{place}. {step}" for place, step in enumerate(dict.fromkeys(steps), 1))


def _conditions(evidence: Evidence) -> Iterator[str]:
    for load in evidence.loads:
        yield f"- {_planned(load)}"
    yield f"- {text('document.tool', tool=evidence.tool, source=evidence.source)}"
    if evidence.rows is not None:
        yield f"- {text('document.rows', rows=f'{evidence.rows:,}')}"


def _planned(load: PlannedLoad) -> str:
    values = {"name": load.name, "vus": f"{load.vus:,}", "time": quantity(Quantity(load.seconds, "s"))}
    if load.goal is None:
        return text("document.load", **values)
    return text("document.load_goal", **values, goal=f"{load.goal:,}")


def _measured(evidence: Evidence) -> Iterator[str]:
    head = [text("document.metric"), "avg", "min", "med", "p(90)", "p(95)", "p(99)", "max"]
    rows = [
        [f"`{name}`", *_times(evidence.trends[name])]
        for name in (*TRENDS, *evidence.custom)
        if name in evidence.trends
    ]
    if rows:
        yield from _table(head, rows)


def _times(trend: Trend) -> list[str]:
    known = trend.percentiles
    found = (
        trend.avg,
        trend.min,
        trend.med,
        known.get(90.0),
        known.get(95.0),
        known.get(99.0),
        trend.max,
    )
    return ["–" if reading is None else quantity(Quantity(reading.value, "ms")) for reading in found]


def _requests(evidence: Evidence) -> Iterator[str]:
    if len(evidence.endpoints) < 2:
        return
    head = [text("document.request"), text("story.visits"), text("report.column_failed"), "p50", "p95", "p99"]
    rows = []
    for endpoint in evidence.endpoints:
        times = _times(endpoint.ok)
        counts = [f"{endpoint.requests:,}", f"{endpoint.failed:,}"]
        rows.append([f"`{endpoint.title}`", *counts, times[2], times[4], times[5]])
    yield from _table(head, rows)


def _watched(evidence: Evidence) -> Iterator[str]:
    head = [text("document.signal"), text("document.mean"), text("document.most")]
    rows = []
    for name in WATCHED:
        mean, most = evidence.measured(name, "mean"), evidence.measured(name, "max")
        if mean is not None and most is not None:
            rows.append([f"`{name}`", quantity(mean), quantity(most)])
    if rows:
        yield from _table(head, rows)


def _read(evidence: Evidence) -> Iterator[str]:
    """The numbers as sentences, each with what it can be said of."""
    if evidence.requests and evidence.seconds and evidence.rate is not None:
        yield "- " + text(
            "document.read_rate",
            requests=f"{evidence.requests:,}",
            time=quantity(Quantity(evidence.seconds, "s")),
            rate=quantity(Quantity(evidence.rate, "per_s")),
        )
    if evidence.requests and evidence.failed is not None:
        failed, share = f"{evidence.failed:,}", quantity(Quantity(evidence.failed_share or 0.0, "share"))
        yield "- " + text("document.read_failed", failed=failed, share=share)
    if evidence.in_flight is not None:
        yield "- " + text("document.read_in_flight", count=quantity(Quantity(evidence.in_flight, "plain")))
    if evidence.dropped:
        yield "- " + text("document.read_dropped", dropped=f"{evidence.dropped:,}")


def _log(templates: Sequence[LogTemplate]) -> Iterator[str]:
    telling = sorted(templates, key=lambda one: (not one.signature, -one.count))[:QUOTED]
    for template in telling:
        yield f"- {template.count:,} × `{template.sample.replace('`', chr(39))}`"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
