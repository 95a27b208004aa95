"""The script itself fails: it throws, its requests are refused for what they ask, or a check never holds.

Told from a server's failures by when and how often: from the first iteration on, and always.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind, called

CAUSE = "C09"
TOLD, HURTS, ALL = 0.01, 0.05, 0.9
"""Share of iterations or requests from which on it is told, voids figures, voids the run."""
ALWAYS = 0.99
"""Share of a request's answers from which on they were so from the first on."""
FEW = 3
"""Requests of a kind below which "always" says nothing."""
WRONG = frozenset({400, 401, 403, 404, 405, 406, 410, 411, 414, 415, 422})
"""Statuses that speak of what was asked, not of the server's state."""
ACTIONS = {
    401: "validity.c09_action_rights",
    403: "validity.c09_action_rights",
    404: "validity.c09_action_path",
    405: "validity.c09_action_path",
}
THROWN = re.compile(r"\b(?:\w*(?:Type|Reference|Syntax|Range)Error|GoError)\b")
"""What k6 logs when a script throws."""


def look(evidence: Evidence) -> Finding | None:
    """The one that spoils most."""
    found = [*_exceptions(evidence), *_refused(evidence), *_checks(evidence), *_all_answered(evidence)]
    return max(found, key=lambda one: one.confidence * one.weight, default=None)


def _finding(
    share: float,
    sure: float,
    title: Said,
    proofs: list[Proof],
    action: str,
    scope: str = "",
    whole: bool = True,
) -> Finding:
    verdict = (
        Verdict.INVALID if whole and share >= ALL else Verdict.SUSPECT if share >= HURTS else Verdict.VALID
    )
    return Finding(
        CAUSE,
        Role.VALIDITY,
        sure,
        title,
        tuple(proofs),
        Said(action),
        weight=min(max(share, 0.1), 1.0),
        scope=scope,
        voids=("http_req_duration", "http_req_failed", "checks") if share >= HURTS else (),
        verdict=verdict,
    )


def _exceptions(evidence: Evidence) -> Iterator[Finding]:
    counted = Counter(dict(evidence.exceptions))
    if not counted:
        counted = Counter(match[0] for _, text in evidence.warnings if (match := THROWN.search(text)))
    if not counted:
        return
    iterations = max(evidence.iterations or 0, counted.total())
    share = counted.total() / iterations
    if share < TOLD:
        return
    what, count = counted.most_common(1)[0]
    values = {
        "count": Quantity(counted.total(), "count", "sum(exceptions)"),
        "share": Quantity(share, "share", "sum(exceptions) / max(iterations, sum(exceptions))"),
    }
    said = Said(
        "validity.c09_exception", {"what": what, "count": Quantity(count, "count", "max(exceptions)")}
    )
    title = Said("validity.c09_title_exception", values)
    # A script that takes an answer for granted breaks where none came: the failure is the cause then.
    followed = (evidence.failed or 0) >= 0.5 * counted.total()
    sure = 0.4 if followed else 0.97
    yield _finding(share, sure, title, [Proof(said, "script")], "validity.c09_action_exception")


def _refused(evidence: Evidence) -> Iterator[Finding]:
    """A kind of request that got nothing but one 4xx."""
    counts = Counter[tuple[str, str, int]]()
    for one in evidence.failures:
        if one.kind is FailureKind.STATUS and one.status in WRONG:
            counts[one.method, one.name, one.status] += one.count
    for answers in evidence.answers:
        key = (answers.method, answers.name, answers.status)
        if answers.status in WRONG and key not in counts:
            counts[key] = answers.count
    # A status that the script expects is no failure.
    totals = {
        (one.method, one.name): one.requests
        for one in evidence.endpoints
        if one.failed >= ALWAYS * one.requests
    }
    for (method, name, status), count in counts.items():
        total = totals.get((method, name), 0)
        if total < FEW or count < ALWAYS * total:
            continue
        share, title = count / (evidence.requests or total), called(method, name)
        values = {
            "request": title,
            "status": str(status),
            "count": Quantity(count, "count", f"failures.status[{status}][{title}]"),
            "total": Quantity(total, "count", f"endpoints[{title}].requests"),
        }
        proof = Proof(Said("validity.c09_always", values), "client")
        action = ACTIONS.get(status, "validity.c09_action_request")
        said = Said("validity.c09_title_refused", values)
        yield _finding(share, 0.9, said, [proof], action, title)


def _checks(evidence: Evidence) -> Iterator[Finding]:
    """A check that never held although requests succeeded: it, or the data, is off."""
    if evidence.failed_share is None or evidence.failed_share > 0.5:
        return
    # One that fails as often as requests do may be right.
    failed = evidence.failed or 0
    never = [check for check in evidence.checks if not check.passes and check.fails >= max(FEW, failed + 1)]
    if never:
        check = max(never, key=lambda one: one.fails)
        succeeded = (evidence.requests or 0) - (evidence.failed or 0)
        values = {
            "check": check.name,
            "fails": Quantity(check.fails, "count", "check.fails"),
            "ok": Quantity(succeeded, "count", "requests - failed"),
        }
        proof = Proof(Said("validity.c09_never", values), "client")
        title = Said("validity.c09_title_check", values)
        yield _finding(0.3, 0.7, title, [proof], "validity.c09_action_check", whole=False)


def _all_answered(evidence: Evidence) -> Iterator[Finding]:
    """From a summary alone: everything failed, and each had an answer (receiving is 0 only where no byte
    came: k6, lib/netext/httpext/tracer.go)."""
    receiving, requests = evidence.trend("http_req_receiving").min, evidence.requests or 0
    if evidence.failures or requests < FEW or evidence.failed != requests:
        return
    if receiving is None or receiving.value <= 0:
        return
    values = {
        "count": Quantity(requests, "count", "requests"),
        "least": Quantity(receiving.value, "ms", "http_req_receiving.min"),
    }
    finding = _finding(
        1.0,
        0.55,
        Said("validity.c09_title_answered", values),
        [Proof(Said("validity.c09_answered", values), "arithmetic")],
        "validity.c09_action_request",
    )
    rival = Rival("S29", Said("validity.c09_one_user"))
    yield replace(finding, rivals=(rival,), verdict=Verdict.SUSPECT)
