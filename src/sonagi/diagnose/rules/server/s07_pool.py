"""All of the pool's database connections are in use, and requests wait for one until they give up.

A pool runs empty because connections are held too long far more often than because it is small: what holds
them is the cause, and a pool is one only where nothing else was found. Throughput is pool / time held.
"""

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.harm import SERVER_ERRORS, Harm, harm
from sonagi.diagnose.signs.memory import full_memory
from sonagi.diagnose.signs.pool import LINE, EmptyPool, empty_pool, held
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind, Failures

CAUSE = "S07"
PRIOR = 0.1
FOLLOWS = ("S06", "S17", "S20", "S29", "S30")
TIMEOUTS = (30.0, 60.0, 10.0, 5.0)
"""Seconds a wait for a connection lasts by default: SQLAlchemy, HikariCP, psycopg 30; knex 60; Prisma 10."""
CLOSE = 0.02
WHY = (
    Rival("S09", Said("database.s07_or_s09")),
    Rival("S11", Said("database.s07_or_s11")),
    Rival("S21", Said("database.s07_or_s21")),
)


def look(evidence: Evidence) -> Finding | None:
    """The pool's own level or the log's word; without them, errors that come when a wait gives up."""
    hurt, pool = harm(evidence), empty_pool(evidence)
    if not hurt.notable:
        return None
    if pool is None:
        return _given_up(evidence, hurt)
    hold = held(evidence, pool)
    level = pool.level("database.pool_level")
    proofs = [level] if level else []
    if pool.lines:
        proofs.append(loglines.proof(pool.lines, LINE))
    if hold is not None:
        proofs.append(Proof(Said("database.s07_held", {"held": hold}), "arithmetic", pool.waiting_at))
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, _ratio(pool), hurt.ratio, cap=cap(evidence)),
        _title(pool, hold),
        (*proofs, hurt.proof()),
        Said("database.s07_action_memory" if full_memory(evidence) else "database.s07_action"),
        weight=hurt.share,
        onset=pool.onset,
        scope=hurt.scope,
        against=unseen(evidence, "metrics", "log"),
        rivals=WHY,
        explains=FOLLOWS,
    )


def _ratio(pool: EmptyPool) -> float:
    """Level and log tell of one thing."""
    if pool.waiting_at is not None and pool.lines:
        return 30.0
    return 20.0 if pool.waiting_at is not None or loglines.count(pool.lines) > 1 else 5.0


def _title(pool: EmptyPool, hold: Quantity | None) -> Said:
    if pool.maximum is None:
        return Said("database.s07_title_log")
    values = {"maximum": pool.maximum}
    if hold is None:
        return Said("database.s07_title", values)
    return Said("database.s07_title_held", {**values, "held": hold})


def _given_up(evidence: Evidence, hurt: Harm) -> Finding | None:
    """Server errors that all took as long as pools let requests wait."""
    late = [(one, due) for one in evidence.failures if (due := _due(one)) is not None]
    count = sum(one.count for one, _ in late)
    if not late or evidence.sees("metrics") or count < 0.2 * max(hurt.failed, 1):
        return None
    failures, due = max(late, key=lambda pair: pair[0].count)
    assert failures.duration.med is not None
    values = {
        "count": Quantity(count, "count", f"failures with status 5xx after {due:g} s"),
        "time": Quantity(failures.duration.med.value, "ms", "failures.duration.med"),
        "due": Quantity(due, "s", f"{due:g}"),
    }
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 8.0 if due == TIMEOUTS[0] else 3.0, cap=min(cap(evidence), 0.5)),
        Said("database.s07_title_given_up", values),
        (
            Proof(Said("database.s07_given_up", values), "client", failures.by_second.first_at(bool)),
            hurt.proof(),
        ),
        Said("database.s07_action"),
        weight=count / max(hurt.requests, 1),
        onset=failures.by_second.first_at(bool),
        scope=failures.title,
        against=unseen(evidence, "metrics", "log"),
        rivals=(*WHY, Rival("S20", Said("database.s07_or_s20"))),
        explains=FOLLOWS,
    )


def _due(failures: Failures) -> float | None:
    """The pool's timeout after which these errors came, if it is one."""
    times = failures.duration
    if failures.kind is not FailureKind.STATUS or failures.status not in SERVER_ERRORS or times.med is None:
        return None
    return next((due for due in TIMEOUTS if abs(times.med.value / 1000 - due) <= CLOSE * due), None)
