"""Queries take long, and everything that needs a connection waits for them.

The log of a database tells how long; where it was not seen, a machine whose processors are busy with neither
the server's work nor the generator's, while the server waits for connections, says as much less surely.
"""

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.answers import MANY
from sonagi.diagnose.signs.harm import Harm, harm
from sonagi.diagnose.signs.pool import empty_pool
from sonagi.diagnose.signs.processors import IDLE, of_others, processors
from sonagi.diagnose.signs.queries import LINE, SlowQueries, slow_queries
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "S09"
PRIOR = 0.1
FOLLOWS = ("S06", "S07", "S17", "S20", "S29", "S30")
BUSY = 0.5
"""Connections that slow queries kept in use, on average: fewer are a slow query now and then."""
OTHERS = 0.4
"""Share of the host's cores that somebody else must use to be taken for the database."""
RIVALS = (
    Rival("S10", Said("database.s09_or_s10")),
    Rival("S12", Said("database.s09_or_s12")),
    Rival("S11", Said("database.s09_or_s11")),
)


def look(evidence: Evidence) -> Finding | None:
    """Slow queries that keep connections in use while requests suffer."""
    hurt = harm(evidence)
    if not hurt.notable:
        return None
    queries = slow_queries(evidence)
    if queries is None:
        return _database_busy(evidence, hurt)
    if queries.busy.value < BUSY or (queries.sent is not None and queries.sent.value >= MANY):
        return None
    values = {
        "count": queries.count,
        "typical": queries.typical,
        "longest": queries.longest,
        "busy": queries.busy,
    }
    scans = _scans(queries)
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 20.0, 3.0 if scans else 1.0, hurt.ratio, cap=cap(evidence)),
        Said("database.s09_title", values),
        (
            Proof(Said("database.s09_queries", values), "log", loglines.onset(queries.lines)),
            loglines.proof(queries.lines, LINE),
            *scans,
            hurt.proof(),
        ),
        Said("database.s09_action"),
        weight=hurt.share,
        onset=loglines.onset(queries.lines),
        scope=hurt.scope,
        against=unseen(evidence, "metrics", "host"),
        rivals=RIVALS,
        explains=FOLLOWS,
    )


def _scans(queries: SlowQueries) -> list[Proof]:
    if not queries.scans:
        return []
    return [Proof(Said("database.s09_scans", {"examined": queries.examined, "sent": queries.sent}), "log")]


def _database_busy(evidence: Evidence, hurt: Harm) -> Finding | None:
    """Somebody computes on the server's host while the server itself waits."""
    use, others, cores = processors(evidence), of_others(evidence), evidence.signal("host.cores").stat("last")
    if use is None or others is None or not cores or use.share >= IDLE or others.value < OTHERS * cores:
        return None
    pool = empty_pool(evidence)
    values = {"others": others, "used": use.used, "cores": Quantity(cores, "cores", "last(host.cores)")}
    level = pool.level("database.pool_level") if pool else None
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(
            PRIOR,
            12.0 if pool else 3.0,
            2.0 if hurt.queue is not None or hurt.ratio > 2 else 1.0,
            1.5 if hurt.scope and len(evidence.endpoints) > 1 else 1.0,
            cap=min(cap(evidence), 0.75),
        ),
        Said("database.s09_title_busy", values),
        (Proof(Said("database.s09_others", values), "host"), *([level] if level else []), hurt.proof()),
        Said("database.s09_action_look"),
        weight=hurt.share,
        onset=hurt.onset,
        scope=hurt.scope,
        against=(Said("database.s09_no_query_log"), *unseen(evidence, "log", "metrics")),
        rivals=(Rival("S27", Said("database.s09_or_s27")), *RIVALS),
        explains=FOLLOWS,
    )
