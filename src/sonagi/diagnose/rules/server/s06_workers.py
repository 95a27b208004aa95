"""All workers or threads of the server are busy waiting: requests line up before them while processors idle.

Some servers say so (their gauges, "Exceeded concurrency limit"). Else it shows in what is left over: a queue,
idle processors, no wait for a connection of the database, and answers that come k at a time: throughput ×
shortest time is a whole number k, or connections that nobody accepts.
"""

import re

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.harm import Harm, harm
from sonagi.diagnose.signs.pool import empty_pool
from sonagi.diagnose.signs.processors import IDLE, processors, throttled, under_load
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "S06"
PRIOR = 0.1
FOLLOWS = ("S17", "S20")
LASTING = 3
"""Seconds in a row."""
LINE = re.compile(
    r"Exceeded concurrency limit|RejectedExecutionException|WORKER TIMEOUT \(pid:"
    r"|worker_connections are not enough|server reached (?:pm\.)?max_children|AsyncRequestTimeoutException"
)
"""uvicorn, Tomcat and other Java servers, gunicorn, nginx, php-fpm."""
WHOLE, FEW = 0.12, 20
"""How near to a whole number the requests served at a time must be, which is at most `FEW`: by chance a
quarter of all numbers are so near."""
ONE_CORE = (0.85, 1.2)
"""Cores in use that speak for one thread, or one interpreter's lock, that does all the work (S30)."""
RIVALS = (
    Rival("S07", Said("server.s06_or_s07")),
    Rival("S21", Said("server.s06_or_s21")),
    Rival("S30", Said("server.s06_or_s30")),
)


def look(evidence: Evidence) -> Finding | None:
    """What the server says of its workers, else what idle processors and a queue leave over."""
    hurt = harm(evidence)
    if not hurt.notable:
        return None
    busy, lines = _busy(evidence), loglines.lines(evidence, LINE)
    if busy is None and not lines:
        return _left_over(evidence, hurt)
    proofs = [busy] if busy else []
    if lines:
        proofs.append(loglines.proof(lines, LINE))
    firsts = [at for at in (busy.at if busy else None, loglines.onset(lines)) if at is not None]
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(
            PRIOR,
            20.0 if busy or loglines.count(lines) > 2 else 5.0,
            hurt.ratio,
            1.0 if _idle(evidence) is not None else 0.7,
            cap=cap(evidence),
        ),
        Said("server.s06_title_workers", busy.said.values) if busy else Said("server.s06_title"),
        (*proofs, *_idleness(evidence), hurt.proof()),
        Said("server.s06_action"),
        weight=hurt.share,
        onset=min(firsts, default=None),
        scope=hurt.scope,
        against=unseen(evidence, "process", "metrics", "log"),
        rivals=RIVALS,
        explains=FOLLOWS,
    )


def _busy(evidence: Evidence) -> Proof | None:
    """That all workers were busy, seconds on end."""
    most, series = evidence.measured("workers.max", "last"), under_load(evidence, "workers.busy")
    if most is None or not most.value:
        return None
    start = series.first_at(lambda value: value >= most.value, lasting=LASTING)
    busy = None if start is None else evidence.measured("workers.busy", "max", start, series.at[-1])
    if busy is None:
        return None
    return Proof(Said("server.s06_busy", {"busy": busy, "workers": most}), "metrics", start)


def _idle(evidence: Evidence) -> Quantity | None:
    """How much of the processors is in use, where that is little."""
    use = processors(evidence)
    if use is None or use.share >= IDLE or throttled(evidence) is not None:
        return None
    if use.whose == "process" and ONE_CORE[0] <= use.used.value <= ONE_CORE[1]:
        return None
    return Quantity(use.share, "share", f"({use.used.how}) / {use.cores.how}")


def _idleness(evidence: Evidence) -> list[Proof]:
    idle, use = _idle(evidence), processors(evidence)
    return [Proof(Said("server.s06_idle", {"share": idle}), use.whose)] if idle and use else []


def _left_over(evidence: Evidence, hurt: Harm) -> Finding | None:
    """A queue that neither processors nor a pool explain."""
    seen, idle = processors(evidence), _idle(evidence)
    if hurt.queue is None or (seen is not None and idle is None) or empty_pool(evidence) is not None:
        return None
    at_once, waiting = hurt.queue.at_once, _not_accepted(evidence)
    small = 1.5 <= at_once.value <= FEW and abs(at_once.value - round(at_once.value)) <= WHOLE
    small = small and (waiting is not None or _is_a_queue(evidence, hurt))
    if not (small or waiting or idle):
        return None
    workers = Quantity(round(at_once.value), "count", f"round({at_once.how})")
    proofs = [hurt.queue.proof(), *_idleness(evidence), *([waiting] if waiting else [])]
    if small:
        proofs.append(
            Proof(Said("server.s06_at_once", {"at_once": at_once, "workers": workers}), "arithmetic")
        )
    confidence = weigh(
        PRIOR,
        2.0,
        4.0 if small else 1.0,
        6.0 if waiting else 1.0,
        3.0 if idle else 1.0,
        1.3 if evidence.signal("pool.pending") else 1.0,
        cap=min(cap(evidence), 0.85),
    )
    return Finding(
        CAUSE,
        Role.ROOT,
        confidence,
        Said("server.s06_title_at_once", {"workers": workers}) if small else Said("server.s06_title_queue"),
        tuple(proofs),
        Said("server.s06_action"),
        weight=hurt.share,
        onset=hurt.onset,
        scope=hurt.scope,
        against=unseen(evidence, "process", "metrics", "log"),
        rivals=RIVALS,
        explains=FOLLOWS,
    )


def _is_a_queue(evidence: Evidence, hurt: Harm) -> bool:
    """Whether more than slow answers shows it: users who never pause wait for an answer all the time, also
    for one whose time varies by nature."""
    assert hurt.queue is not None
    some_pause = hurt.queue.in_flight.value < 0.9 * evidence.users
    return some_pause or hurt.queue.tight or hurt.queue.bent or hurt.failed > 0


def _not_accepted(evidence: Evidence) -> Proof | None:
    """Connections that the kernel opened and no worker took, seconds on end."""
    series = under_load(evidence, "process.listen_queue")
    start = series.first_at(lambda value: value >= 1, lasting=LASTING)
    if start is None or series.share(lambda value: value >= 1) < 0.3:
        return None
    most = evidence.measured("process.listen_queue", "max", start, series.at[-1])
    return None if most is None else Proof(Said("server.s06_not_accepted", {"count": most}), "process", start)
