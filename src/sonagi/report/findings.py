"""What a diagnosis found, as lines of a terminal: the block at the end of a run, and all there is to say."""

from collections.abc import Iterable, Iterator

from sonagi.locale import text
from sonagi.model.finding import Diagnosis, Finding, Proof, Role, Verdict
from sonagi.model.finding import consequences as consequences_of
from sonagi.report.cells import Paint, Style, pad, width, wrapped
from sonagi.report.said import number, say

MOST = 3
"""Findings at the end of a run; `sonagi explain` has all."""
FOLDED = 2
"""Consequences shown below their cause there."""
TOLD_BY = {"database.pool_is_a_result": "S07", "memory.grown": "S03"}
"""Proofs of a cause that tell of its consequence already."""
SURE = 0.5
"""From here on a cause is called one; below it is a suspicion."""
_DOT = {
    Role.ROOT: Style.BAD,
    Role.CONTRIBUTING: Style.WARN,
    Role.VALIDITY: Style.WARN,
    Role.SYMPTOM: Style.FAINT,
}
_VERDICT = {Verdict.VALID: Style.GOOD, Verdict.SUSPECT: Style.WARN, Verdict.INVALID: Style.BAD}


def verdict(diagnosis: Diagnosis, paint: Paint) -> str:
    """`valid`, or what it is and because of which findings."""
    word = paint(text(f"findings.verdict_{diagnosis.verdict}"), _VERDICT[diagnosis.verdict])
    return f"{word} ({', '.join(diagnosis.reasons)})" if diagnosis.reasons else word


def brief(diagnosis: Diagnosis, columns: int, paint: Paint) -> Iterator[str]:
    """The three findings that say most, consequences folded below their cause."""
    shown = telling(diagnosis)[:MOST]
    for place, finding in enumerate(shown, 1):
        yield from block(place, finding, consequences(finding, diagnosis), columns, paint)
    yield from _undecided(diagnosis, columns)
    named = {finding.cause for finding in shown} | {
        after.cause for finding in shown for after in consequences(finding, diagnosis)
    }
    rest = [finding for finding in diagnosis.findings if finding.cause not in named]
    if rest:
        yield text("findings.more", count=len(rest))


def telling(diagnosis: Diagnosis) -> list[Finding]:
    """What is no consequence of something else; all, where nothing else was found."""
    causes = [finding for finding in diagnosis.findings if finding.role is not Role.SYMPTOM]
    return causes or list(diagnosis.findings)


def consequences(cause: Finding, diagnosis: Diagnosis) -> list[Finding]:
    """What followed from `cause`: as many as are shown below it."""
    if cause.role is not Role.ROOT:
        return []
    followed = consequences_of(cause, diagnosis.findings)
    told = {TOLD_BY.get(proof.said.key) for proof in cause.evidence}
    found = [
        one
        for one in diagnosis.findings
        if one.role is Role.SYMPTOM and one.cause in followed and one.cause not in told
    ]
    return found[:FOLDED]


def block(
    place: int,
    finding: Finding,
    after: Iterable[Finding],
    columns: int,
    paint: Paint,
    *,
    where: str = "",
    proof: str = "",
) -> Iterator[str]:
    """A finding, its evidence, what followed `after` it, what to do. `where` names its run, `proof` is what a
    run without the cause showed."""
    yield from _headline(place, finding, columns, paint, where)
    yield from _proofs(finding.evidence, columns)
    for one in after:
        yield from _dated(when(one.onset), say(one.title), text("findings.result"), columns)
    yield from _labelled("action", say(finding.action), columns)
    if proof:
        yield from _labelled("proof", proof, columns)


def full(diagnosis: Diagnosis, columns: int, paint: Paint) -> Iterator[str]:
    """Every finding with its proof, what speaks against it, its rivals, and what it voids."""
    for place, finding in enumerate(diagnosis.findings, 1):
        yield from _headline(place, finding, columns, paint)
        yield from _proofs(finding.evidence, columns)
        yield from _labelled("action", say(finding.action), columns)
        for said in finding.against:
            yield from _labelled("against", say(said), columns)
        for rival in finding.rivals:
            yield from _labelled("rival", f"{rival.cause}: {say(rival.check)}", columns)
        if finding.voids:
            yield from _labelled("voids", ", ".join(finding.voids), columns)
        yield ""
    yield from _undecided(diagnosis, columns)


def label(finding: Finding) -> str:
    """ROOT CAUSE, or SUSPECTED where it is less likely than not."""
    unsure = finding.role is Role.ROOT and finding.confidence < SURE
    return text("findings.role_suspected" if unsure else f"findings.role_{finding.role}")


def when(onset: float | None) -> str:
    """`+1.6 s` after load began; "" where that is unknown."""
    return "" if onset is None else f"{onset:+.1f} s"


def _headline(place: int, finding: Finding, columns: int, paint: Paint, where: str = "") -> Iterator[str]:
    sure = text("findings.confidence", confidence=f"{finding.confidence:.2f}")
    name = label(finding)
    lead = f"{place} ● {name}  "
    room = columns - width(lead) - width(sure) - 2
    lines = wrapped(f"{where}{say(finding.title)}", max(room, 24), "")
    first = pad(lines[0], room)
    yield f"{place} {paint('●', _DOT[finding.role])} {paint(name, Style.STRONG)}  {first}  {sure}"
    yield from (" " * width(lead) + line for line in lines[1:])


def _proofs(proofs: Iterable[Proof], columns: int) -> Iterator[str]:
    for proof in proofs:
        source = text(f"findings.source_{proof.source}")
        yield from _dated(when(proof.at), say(proof.said), source, columns)


def _dated(moment: str, told: str, source: str, columns: int) -> Iterator[str]:
    """What was seen: when on the left, by whom on the right."""
    room = columns - 14 - width(source) - 2
    lines = wrapped(told, max(room, 24), "")
    yield f"    {pad(moment, 8)}  {pad(lines[0], room)}  {source}"
    yield from (" " * 14 + line for line in lines[1:])


def _labelled(name: str, told: str, columns: int) -> Iterator[str]:
    head = pad(text(f"findings.{name}"), 8)
    lines = wrapped(told, max(columns - 6 - width(head), 24), "")
    yield f"    {head}  {lines[0]}"
    yield from (" " * (6 + width(head)) + line for line in lines[1:])


def _undecided(diagnosis: Diagnosis, columns: int) -> Iterator[str]:
    """More than one cause fits as well: what would tell them apart."""
    if not diagnosis.undecided:
        return
    causes = {finding.cause: finding for finding in diagnosis.findings}
    first = causes[diagnosis.undecided[0]]
    others = diagnosis.undecided[1:]
    checks = [rival.check for rival in first.rivals if rival.cause in others]
    checks += [rival.check for name in others for rival in causes[name].rivals if rival.cause == first.cause]
    told = text("findings.undecided", causes=", ".join(diagnosis.undecided))
    yield from wrapped(" ".join([told, *dict.fromkeys(map(say, checks))]), columns, "  ")


def confidence(finding: Finding) -> str:
    """Two digits."""
    return number(round(finding.confidence, 2))
