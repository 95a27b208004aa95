"""More connections at once than the server's accept queue holds: the kernel drops what is over, without a
line in any log, and clients try again after 1 s, 2 s, 3 s …

Clients see connects that take just the steps of SYN's retransmission (1, 3, 7, 15 s; since Linux 6.5 also 2,
4 and 5 s), or that never succeed. The server's host counts TcpExtListenOverflows.
"""

from math import isfinite

from sonagi.diagnose.anatomy import (
    all_answered,
    counted,
    never_connected,
    never_written,
    onset,
    scope,
    timed_out,
    weight,
)
from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind

CAUSE = "S17"
STEPS = (1, 2, 3, 4, 5, 7, 11, 15, 19, 31)
"""Seconds after which a SYN is sent again (Linux, net/ipv4/tcp_timer.c), older and newer kernels'."""
NEAR = 150
"""ms by which a connect may come later than its step."""
OFTEN = 3
"""Times on one step, from which on that is no chance."""
USUAL_QUEUE = 100
"""Tomcat's accept-count, near the least of the usual ones (128 and 511 elsewhere)."""
MISSING = (
    "(iterations * iteration_duration.avg - requests * (http_req_duration.avg + http_req_blocked.avg)) / 1000"
    " - iterations * think"
)
"""Seconds in which users neither waited for answers nor slept: see `anatomy.never_connected`."""
RIVALS = (Rival("N02", Said("failures.s17_or_loss")), Rival("S18", Said("failures.s17_or_flood")))


def look(evidence: Evidence) -> Finding | None:
    """Connects that came late or never, and what the server's kernel counted."""
    lost, steps = _lost(evidence), _steps(evidence)
    overflows = _overflows(evidence)
    clusters = _clusters(steps)
    waited = clusters if overflows or len(clusters) > 1 or len(steps) >= OFTEN else ()
    if lost is None and not waited:
        return _burst(evidence)
    if evidence.signal("host.listen_overflows") and not overflows:
        return None
    client = (4.0 if lost is not None else 1.0) * (4.0 if waited else 1.0)
    confidence = weigh(0.3, client, 30.0 if overflows else 1.0, cap=cap(evidence))
    first = min((proof.at for proof in overflows if proof.at is not None), default=None)
    proofs = (*(_never(evidence, lost) if lost else ()), *_late(waited), *overflows)
    explained = (lost.value if lost else 0) + _held_up(evidence, waited)
    return Finding(
        CAUSE,
        Role.ROOT,
        confidence,
        _title(evidence, lost, waited),
        proofs,
        Said("failures.s17_action"),
        weight=weight(evidence, explained),
        onset=_onset(evidence, first),
        scope=scope(one for one in evidence.failures if one.kind is FailureKind.CONNECT_TIMEOUT),
        against=not_observed(evidence, "host"),
        rivals=RIVALS,
    )


def _lost(evidence: Evidence) -> Quantity | None:
    """Requests that never got a connection, where there are enough of them to say so."""
    count = counted(evidence, FailureKind.CONNECT_TIMEOUT)
    if not evidence.failures and (missing := never_connected(evidence)):
        count = Quantity(missing.count.value, "count", f"round(({MISSING}) / connect_timeout)")
    if count.value == evidence.requests and not _overflows(evidence):
        return None  # nobody ever connected: the wrong address, or a firewall
    return count if count.value >= max(3, 0.002 * (evidence.requests or 0)) else None


def _steps(evidence: Evidence) -> list[tuple[int, Quantity]]:
    """Times that connects took which are steps of retransmission, unless they usually take so long."""
    connecting = evidence.trend("http_req_connecting")
    readings = {f"p{percent:g}": reading for percent, reading in connecting.percentiles.items()}
    if connecting.max is not None:
        readings["max"] = connecting.max
    times = [(reading.value, f"http_req_connecting.{name}") for name, reading in readings.items()]
    times += [(value, f"load.connect_p95[{at:g}]") for at, value in evidence.signal("load.connect_p95")]
    if connecting.med is not None and connecting.med.value > NEAR:
        return []
    return [
        (step, Quantity(value, "ms", how))
        for value, how in times
        for step in STEPS
        if -5 <= value - step * 1000 <= NEAR
    ]


def _clusters(steps: list[tuple[int, Quantity]]) -> tuple[tuple[int, Quantity], ...]:
    """Each step once, with the time that shows it."""
    shown: dict[int, Quantity] = {}
    for step, time in steps:
        shown.setdefault(step, time)
    return tuple(sorted(shown.items()))


def _held_up(evidence: Evidence, waited: tuple[tuple[int, Quantity], ...]) -> float:
    """At least so many connects came late: all time spent connecting, over the longest step."""
    mean = evidence.trend("http_req_connecting").avg
    if mean is None or not waited:
        return 0.0
    return mean.value * (evidence.requests or 0) / (waited[-1][0] * 1000)


def _overflows(evidence: Evidence) -> tuple[Proof, ...]:
    """What the server's kernel saw: overflows counted, the queue as long as it may be."""
    proofs = []
    counts = evidence.signal("host.listen_overflows")
    total, first = counts.stat("sum"), counts.first_at(lambda count: count > 0)
    if total and first is not None:
        count = Quantity(total, "count", f"sum(host.listen_overflows)[{counts.at[0]:g}..{counts.at[-1]:g}]")
        proofs.append(Proof(Said("failures.s17_overflows", {"count": count}), "host", first))
    longest = evidence.measured("process.listen_queue", "max")
    room = evidence.measured("process.listen_backlog", "max")
    if longest and room and longest.value >= room.value > 0:
        at = evidence.signal("process.listen_queue").first_at(lambda length: length >= room.value)
        values = {"longest": longest, "room": room}
        proofs.append(Proof(Said("failures.s17_queue", values), "process", at))
    return tuple(proofs)


def _onset(evidence: Evidence, overflowed: float | None) -> float | None:
    """Timed-out connects were begun a timeout earlier."""
    late = onset(one for one in evidence.failures if one.kind is FailureKind.CONNECT_TIMEOUT)
    known = isfinite(evidence.connect_timeout)
    begun = max(late - evidence.connect_timeout, 0.0) if late is not None and known else late
    return min((at for at in (begun, overflowed) if at is not None), default=None)


def _title(evidence: Evidence, lost: Quantity | None, waited: tuple[tuple[int, Quantity], ...]) -> Said:
    requests = Quantity(evidence.requests or 0, "count", "requests")
    if lost is None:
        return Said("failures.s17_late_title", {"longest": waited[-1][1]})
    unsent = None if evidence.failures else never_written(evidence)
    count = lost if unsent is None else Quantity(
        round(unsent.value), "count", "round(requests - sent / script.request_bytes)"
    )  # fmt: skip
    share = Quantity(count.value / max(requests.value, 1), "share", f"({count.how}) / requests")
    return Said("failures.s17_lost_title", {"count": count, "requests": requests, "share": share})


def _never(evidence: Evidence, lost: Quantity) -> tuple[Proof, ...]:
    limit = Quantity(evidence.connect_timeout, "s", "connect_timeout")
    if evidence.failures:
        return (Proof(Said("failures.s17_timeouts", {"count": lost, "limit": limit}), "client"),)
    missing = never_connected(evidence)
    seconds = Quantity(missing.missing if missing else 0, "s", MISSING)
    values = {"count": lost, "limit": limit, "missing": seconds}
    proofs = [Proof(Said("failures.s17_missing", values), "arithmetic")]
    sent = timed_out(evidence)
    if sent is not None:
        most = Quantity(int(sent.high), "count", "floor(http_req_duration.avg / 1000 / timeout * requests)")
        limit = Quantity(evidence.timeout, "s", "timeout")
        proofs.append(Proof(Said("failures.s17_rest", {"most": most, "limit": limit}), "arithmetic"))
    return tuple(proofs)


def _late(waited: tuple[tuple[int, Quantity], ...]) -> tuple[Proof, ...]:
    if not waited:
        return ()
    first, last = waited[0][1], waited[-1][1]
    key = "failures.s17_steps" if len(waited) > 1 else "failures.s17_step"
    return (Proof(Said(key, {"first": first, "last": last}), "client"),)


def _burst(evidence: Evidence) -> Finding | None:
    """A hypothesis for a bare summary: as many failures without a byte as an opening burst of connects could
    have cost. Only the second and the error code of the failures can tell."""
    users, failed = evidence.users, evidence.failed or 0
    together = any(load.together for load in evidence.loads)
    slowest, usual = evidence.trend("http_req_connecting").max, evidence.trend("http_req_connecting").avg
    if evidence.failures or not together or all_answered(evidence) is not False or slowest is None:
        return None
    least, typical = evidence.trend("http_req_duration").min, usual.value if usual else 0.0
    connected = least is not None and least.low > 0
    if not (connected and users > USUAL_QUEUE and 3 <= failed <= users and slowest.value > 20 + 50 * typical):
        return None
    values = {
        "failed": Quantity(failed, "count", "failed"),
        "users": Quantity(users, "count", "users"),
        "usual": Quantity(USUAL_QUEUE, "count", "100"),
        "slowest": Quantity(slowest.value, "ms", "http_req_connecting.max"),
    }
    return Finding(
        CAUSE,
        Role.ROOT,
        0.4,
        Said("failures.s17_burst_title", values),
        (
            Proof(Said("failures.s17_burst_fits", values), "arithmetic"),
            Proof(Said("failures.s17_burst_slow", values), "client"),
        ),
        Said("failures.s17_burst_action", values),
        weight=weight(evidence, failed),
        onset=0.0,
        against=not_observed(evidence, "seconds", "host"),
        rivals=(Rival("N06", Said("failures.s17_or_keep_alive")),),
    )
