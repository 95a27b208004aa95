"""Requests wait for each other's locks in the database: processors idle, writes to the same rows line up."""

import re

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.processors import IDLE, processors
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "S10"
PRIOR = 0.1
FOLLOWS = ("S06", "S07", "S09", "S17", "S20")
SHARE = 0.01
"""Lines for each failed or slow request: a deadlock now and then is a different, smaller matter."""
LINE = re.compile(
    r"still waiting for \w+ on|deadlock detected|canceling statement due to lock timeout"
    r"|could not obtain lock on|could not serialize access"
    r"|Lock wait timeout exceeded|Deadlock found when trying to get lock|database (?:table )?is locked"
    r"|CannotAcquireLockException|PessimisticLock\w*Exception|DeadlockLoser\w+|LockAcquisitionException"
)
"""PostgreSQL, MySQL, SQLite, Spring and Hibernate. Not OptimisticLock…: nobody waits for that."""


def look(evidence: Evidence) -> Finding | None:
    """Lines that tell of waits for locks, as many as the harm asks for."""
    hurt, lines = harm(evidence), loglines.lines(evidence, LINE)
    count = loglines.count(lines)
    if not lines or not hurt.notable or count < max(SHARE * hurt.share * hurt.requests, 3):
        return None
    use = processors(evidence)
    idle = use is not None and use.share < IDLE
    proofs = [loglines.proof(lines, LINE)]
    if use is not None and idle:
        share = Quantity(use.share, "share", f"({use.used.how}) / {use.cores.how}")
        proofs.append(Proof(Said("server.s06_idle", {"share": share}), use.whose))
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 20.0, 2.0 if idle else 1.0, hurt.ratio, cap=cap(evidence)),
        Said("database.s10_title", {"count": loglines.counted(lines, LINE)}),
        (*proofs, hurt.proof()),
        Said("database.s10_action"),
        weight=hurt.share,
        onset=loglines.onset(lines),
        scope=hurt.scope,
        against=unseen(evidence, "metrics", "host"),
        rivals=(Rival("S09", Said("database.s10_or_s09")), Rival("S21", Said("database.s07_or_s21"))),
        explains=FOLLOWS,
    )
