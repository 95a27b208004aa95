"""Nothing listens where requests are sent: never, or no more since a crash.

A refused connection is an answer of the system at the other end: it is there, and no process has the port.
"""

from sonagi.diagnose.anatomy import counted, nothing_sent, onset, weight
from sonagi.diagnose.not_observed import not_observed
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind

CAUSE = "S28"
BEFORE = 2.0
"""Seconds within which the first refusal means that nothing ever listened."""
LEAST = 0.02
"""Share of requests below which refusals are a restart too short to matter, or a full queue."""


def look(evidence: Evidence) -> Finding | None:
    """All refused from the first request on, or from one moment on."""
    if nothing_sent(evidence) and not evidence.failures:
        return _never(evidence, Quantity(evidence.failed or 0, "count", "failed"), told=False)
    refused = [one for one in evidence.failures if one.kind is FailureKind.REFUSED]
    count = counted(evidence, FailureKind.REFUSED)
    if not count.value or count.value < LEAST * (evidence.requests or 0):
        return None
    began = onset(refused)
    if count.value == evidence.requests:
        return _never(evidence, count, told=True)
    return _gone(evidence, count, began) if began is not None and began > BEFORE else None


def _never(evidence: Evidence, count: Quantity, *, told: bool) -> Finding:
    """`told`: the tool named the refusals. A bare summary only shows that nothing was sent, in no time."""
    values = {"count": count}
    key = "failures.s28_refused" if told else "failures.s28_nothing_sent"
    proofs = [Proof(Said(key, values | _spent(evidence)), "client")]
    died = _died_before(evidence)
    if any(goal.ok and goal.metric.startswith("http_req_duration") for goal in evidence.goals):
        proofs.append(Proof(Said("failures.s28_vacuous", values), "arithmetic"))
    return Finding(
        CAUSE,
        Role.ROOT,
        0.97 if told or died else 0.9,
        Said("failures.s28_never_title", values),
        (*proofs, *died),
        Said("failures.s28_never_action"),
        onset=0.0,
        against=not_observed(evidence, "process"),
        rivals=() if told else (Rival("N04", Said("failures.s28_or_dns")),),
        voids=("http_req_duration",),
        verdict=Verdict.SUSPECT,
    )


def _spent(evidence: Evidence) -> dict[str, Quantity]:
    """What a bare summary shows of requests that were never sent."""
    longest = evidence.trend("http_req_duration").max
    return {
        "longest": Quantity(longest.value if longest else 0, "ms", "http_req_duration.max"),
        "sent": Quantity(evidence.sent.value if evidence.sent else 0, "B", "sent"),
    }


def _died_before(evidence: Evidence) -> tuple[Proof, ...]:
    """That the run before ended with the server out of memory, or with its process gone."""
    if evidence.before is None:
        return ()
    lines = sum(one.count for one in evidence.before.lines("jvm", "oom", "segv"))
    if lines:
        count = Quantity(
            lines, "count", "count(before.log.jvm) + count(before.log.oom) + count(before.log.segv)"
        )
        return (Proof(Said("failures.s28_died_before", {"lines": count}), "log"),)
    gone = [event for event in evidence.before.events if event.kind in ("exited", "oom_kill")]
    return (Proof(Said("failures.s28_exited_before"), "process", gone[0].at),) if gone else ()


def _gone(evidence: Evidence, count: Quantity, began: float) -> Finding | None:
    """A crash in the middle: nothing answered from then on, or until it was back."""
    ok = evidence.signal("load.ok")
    refused = (one for one in evidence.failures if one.kind is FailureKind.REFUSED)
    last = max(at for one in refused for at, count in one.by_second if count)
    during = ok.between(began + 1, last - 1)
    exits = [event for event in evidence.events if event.kind in ("exited", "restart", "oom_kill")]
    dead = evidence.signal("process.alive").first_at(lambda alive: alive < 1)
    seen = bool(exits) or dead is not None
    # Refused for a moment only, or answered meanwhile: that is no server that is gone.
    if not seen and (not during or during.share(lambda count: count > 0) > 0.2):
        return None
    values = {
        "count": count,
        "at": Quantity(began, "s", "first(failures.refused)"),
        "seconds": Quantity(last - began, "s", "last(failures.refused) - first(failures.refused)"),
        "requests": Quantity(evidence.requests or 0, "count", "requests"),
    }
    proofs = [Proof(Said("failures.s28_gone", values), "client", began)]
    proofs += [Proof(Said("failures.s28_event", {"text": one.text}), "process", one.at) for one in exits[:2]]
    if dead is not None and not exits:
        at = Quantity(dead, "s", "first(process.alive < 1)")
        proofs.append(Proof(Said("failures.s28_pid_gone", {"at": at}), "process", dead))
    for line in evidence.lines("segv")[:1]:
        proofs.append(Proof(Said("failures.s28_line", {"line": line.sample}), "log", line.first_at))
    return Finding(
        CAUSE,
        Role.ROOT,
        0.97 if seen else 0.75,
        Said("failures.s28_gone_title", values),
        tuple(proofs),
        Said("failures.s28_gone_action"),
        weight=weight(evidence, evidence.failed or 0) if seen else weight(evidence, count.value),
        onset=began if dead is None else min(began, dead),
        against=not_observed(evidence, "process", "log"),
        rivals=(Rival("S17", Said("failures.s28_or_queue")), Rival("S05", Said("failures.s28_or_memory"))),
    )
