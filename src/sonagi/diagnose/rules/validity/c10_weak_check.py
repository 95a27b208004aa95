"""Answers that say "failed" with HTTP 200: checks of the status let them pass, and their times are those of
errors.

Where bodies were seen they say so themselves. From a summary only sizes are known: a small answer to each of
very many different URLs is a suspicion, no proof.
"""

import re
from dataclasses import dataclass

from sonagi.diagnose import bodies
from sonagi.diagnose.rules.validity.series_warning import series_each
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import Answers, Body

CAUSE = "C10"
TOLD, HURTS, DOMINATES = 0.01, 0.05, 0.5
"""Share of all requests from which on it is told, voids figures, voids the run."""
SURE = 0.75
"""How likely a body must mean an error."""
SAME = 0.9
"""Share of one body from which on answers to different questions are all the same."""
FAR_LARGER = 5
"""By so many times a real answer is larger than the one that nearly all got."""
SMALL = 400
"""Bytes with headers, which alone are about 150: hardly a list of anything."""
ONLY_STATUS = re.compile(r"status|\b2\d\d\b|\bok\b|상태", re.IGNORECASE)
"""Names of checks that look at the status alone."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Of one kind of request: the answers that say "failed", and what says so in the most frequent one."""

    answers: Answers
    count: int
    body: Body
    sign: bodies.Sign


def look(evidence: Evidence) -> Finding | None:
    """Bodies where they were kept, sizes where there are only sums."""
    if not any(answers.bodies for answers in evidence.answers):
        return _by_size(evidence)
    found = [wrong for answers in evidence.answers if (wrong := _wrong(evidence, answers)) is not None]
    total = sum(wrong.count for wrong in found)
    share = total / evidence.requests if evidence.requests else 0.0
    if not found or share < TOLD or _is_caught(evidence, total):
        return None
    worst = max(found, key=lambda wrong: wrong.count)
    what = f"answers[{worst.answers.title} {worst.answers.status}]"
    values = {
        "request": worst.answers.title,
        "count": Quantity(worst.count, "count", f"{what}.failing"),
        "answers": Quantity(worst.answers.count, "count", f"{what}.count"),
        "status": str(worst.answers.status),
        "bytes": Quantity(worst.body.bytes, "B", f"{what}.bodies[{worst.body.fingerprint}].bytes"),
        "quote": worst.sign.quote,
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        worst.sign.likely,
        Said("validity.c10_title", values),
        (Proof(Said("validity.c10_body", values), "client"), *_contrast(worst), *_of_checks(evidence)),
        Said("validity.c10_action", values),
        weight=max(share, 0.1),
        scope=worst.answers.title,
        voids=("http_req_failed", "http_req_duration", "checks"),
        verdict=_verdict(share, worst.sign),
    )


def _verdict(share: float, sign: bodies.Sign) -> Verdict:
    """Answers that only may be errors don't void a run."""
    if share >= DOMINATES and sign.likely >= SURE:
        return Verdict.INVALID
    return Verdict.SUSPECT if share >= HURTS else Verdict.VALID


def _wrong(evidence: Evidence, answers: Answers) -> Wrong | None:
    if not 200 <= answers.status < 300 or not answers.count:
        return None
    signs = [(body, sign) for body in answers.bodies if (sign := bodies.failure(body.sample)) is not None]
    if signs:
        body, sign = max(signs, key=lambda one: one[0].count)
        return Wrong(answers, min(sum(one.count for one, _ in signs), answers.count), body, sign)
    return _all_alike(evidence, answers)


def _all_alike(evidence: Evidence, answers: Answers) -> Wrong | None:
    """One body without data for nearly everything that was asked for: no error by itself, but no test."""
    first = max(answers.bodies, key=lambda body: body.count, default=None)
    varied = "{" in answers.name or bool(evidence.script.keys)
    if first is None or not varied or first.count < SAME * answers.count:
        return None
    sign, real = bodies.nothing(first.sample), _largest(answers, first)
    if sign is None or real < FAR_LARGER * max(first.bytes, 1):
        return None
    return Wrong(answers, first.count, first, sign)


def _largest(answers: Answers, but: Body) -> float:
    """Bytes of the largest other answer."""
    others = [float(body.bytes) for body in answers.bodies if body.fingerprint != but.fingerprint]
    return max([*others, answers.sizes.max.value if answers.sizes.max else 0.0], default=0.0)


def _contrast(wrong: Wrong) -> list[Proof]:
    """How large a real answer is, where there was one."""
    real = _largest(wrong.answers, wrong.body)
    if real < FAR_LARGER * max(wrong.body.bytes, 1):
        return []
    what = f"answers[{wrong.answers.title} {wrong.answers.status}].largest"
    return [Proof(Said("validity.c10_real", {"bytes": Quantity(real, "B", what)}), "client")]


def _of_checks(evidence: Evidence) -> list[Proof]:
    """What the checks made of it."""
    total = sum(check.passes + check.fails for check in evidence.checks)
    if not total:
        return []
    passes = Quantity(
        sum(check.passes for check in evidence.checks) / total,
        "share",
        "checks.passes / (checks.passes + checks.fails)",
    )
    return [Proof(Said("validity.c10_checks", {"passes": passes}), "client")]


def _is_caught(evidence: Evidence, wrong: int) -> bool:
    """Whether a check failed about as often: then nobody takes them for successes."""
    return any(check.fails >= SAME * wrong for check in evidence.checks)


def _by_size(evidence: Evidence) -> Finding | None:
    requests, received = evidence.requests or 0, evidence.received
    grown = series_each(evidence)
    if received is None or requests < 1000 or grown is None or (evidence.failed_share or 0.0) > HURTS:
        return None
    if received.high / requests > SMALL or not all(ONLY_STATUS.search(one.name) for one in evidence.checks):
        return None
    values = {
        "count": Quantity(requests - (evidence.failed or 0), "count", "requests - failed"),
        "bytes": Quantity(received.value / requests, "B", "received / requests"),
    }
    proofs = [
        Proof(Said("validity.c10_size", values), "arithmetic"),
        Proof(Said("validity.c10_urls", {"series": grown}), "arithmetic"),
        *_of_checks(evidence),
    ]
    before = _before(evidence)
    if before is not None:
        proofs.append(Proof(Said("validity.c10_before", {"bytes": before}), "arithmetic"))
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.6 if before is not None else 0.5,
        Said("validity.c10_title_size", values),
        tuple(proofs),
        Said("validity.c10_action_size"),
        weight=0.9,
        against=(Said("validity.c10_unseen"),),
        voids=("http_req_failed", "http_req_duration", "checks"),
        verdict=Verdict.SUSPECT,
    )


def _before(evidence: Evidence) -> Quantity | None:
    """How large answers of the run before were, where they were far larger."""
    before = evidence.before
    if before is None or not before.requests or not evidence.requests or not before.received:
        return None
    assert evidence.received is not None
    size = before.received.value / before.requests
    if size < FAR_LARGER * evidence.received.value / evidence.requests:
        return None
    return Quantity(size, "B", "before.received / before.requests")
