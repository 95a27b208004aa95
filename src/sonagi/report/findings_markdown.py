"""A diagnosis as Markdown: for a pull request, a wiki, an issue."""

from collections.abc import Iterator

from sonagi.locale import text
from sonagi.model.finding import Diagnosis, Finding
from sonagi.report.cells import Paint
from sonagi.report.findings import confidence, label, verdict, when
from sonagi.report.said import say


def render(diagnosis: Diagnosis, level: int = 2) -> Iterator[str]:
    """Lines; headings begin at `level`."""
    yield f"**{text('findings.measurement')}**: {verdict(diagnosis, Paint(False))}"
    for place, finding in enumerate(diagnosis.findings, 1):
        yield ""
        yield from _finding(place, finding, "#" * level)
    if not diagnosis.findings:
        yield ""
        yield text("findings.nothing")


def _finding(place: int, finding: Finding, heading: str) -> Iterator[str]:
    yield f"{heading} {place}. {label(finding)}: {say(finding.title)}"
    yield ""
    yield f"{finding.cause} · {text('findings.confidence', confidence=confidence(finding))}"
    yield ""
    for proof in finding.evidence:
        moment = f"{when(proof.at)}: " if proof.at is not None else ""
        yield f"- {moment}{say(proof.said)} ({text(f'findings.source_{proof.source}')})"
    for said in finding.against:
        yield f"- {text('findings.against')}: {say(said)}"
    for rival in finding.rivals:
        yield f"- {text('findings.rival')}: {rival.cause}: {say(rival.check)}"
    if finding.voids:
        yield f"- {text('findings.voids')}: {', '.join(f'`{name}`' for name in finding.voids)}"
    yield ""
    yield f"**{text('findings.action')}**: {say(finding.action)}"
