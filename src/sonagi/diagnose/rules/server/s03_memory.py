"""Memory is full: allocations fail, or the time goes into clearing up, and everything else waits for it.

What fills it is another question: an answer that is too large (S11), or a leak (S25). A pool of connections
that is empty meanwhile, threads that starve and clients that give up are its results.
"""

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.memory import FullMemory, full_memory, killed
from sonagi.diagnose.signs.pool import empty_pool
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "S03"
PRIOR = 0.1
FOLLOWS = ("S01", "S06", "S07", "S17", "S20", "S28", "S29", "S30")
NEVER_ASLEEP = 0.02
"""How far the measured duration may be beyond the planned one on a clock that never stopped."""


def look(evidence: Evidence) -> Finding | None:
    """Full memory that hurt somebody; where the kernel killed for it, that is S05."""
    memory, hurt = full_memory(evidence), harm(evidence)
    if memory is None or not hurt.notable or killed(evidence):
        return None
    pool = empty_pool(evidence)
    result = pool.level("database.pool_is_a_result") if pool else None
    awake = _awake(evidence) if memory.still else None
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, *_ratios(memory), hurt.ratio, cap=cap(evidence)),
        _title(memory),
        (*memory.proofs(), *(proof for proof in (awake, hurt.proof(), result) if proof)),
        Said("memory.s03_action_pool" if pool else "memory.s03_action"),
        weight=hurt.share,
        onset=memory.onset,
        scope=hurt.scope,
        against=unseen(evidence, "process", "metrics"),
        rivals=(Rival("S11", Said("memory.s03_or_s11")), Rival("S25", Said("memory.s03_or_s25"))),
        explains=FOLLOWS,
    )


def _ratios(memory: FullMemory) -> tuple[float, ...]:
    """Lines and levels tell of the same thing, and count once: the surest of them."""
    level = max(
        30.0 if memory.lines else 1.0,
        6.0 if memory.reached else 1.0,
        10.0 if memory.collecting else 1.0,
    )
    both = 2.0 if sum(map(bool, (memory.lines, memory.reached, memory.collecting))) > 1 else 1.0
    return level, both, 3.0 if memory.still else 1.0


def _title(memory: FullMemory) -> Said:
    if memory.still is not None:
        return Said("memory.s03_title_stood", {"least": memory.still.least})
    if memory.reached and memory.limit is not None:
        return Said("memory.s03_title_limit", {"limit": memory.limit})
    if memory.collecting is not None:
        return Said("memory.s03_title_collecting", {"share": memory.collecting})
    return Said("memory.s03_title")


def _awake(evidence: Evidence) -> Proof | None:
    """That the load ended when it was to end: a machine that slept, or a clock that leapt, would have made
    it longer."""
    if not evidence.loads or evidence.seconds is None:
        return None
    longest = max(evidence.loads, key=lambda load: load.seconds + load.grace)
    planned = longest.seconds + longest.grace
    if not longest.seconds <= evidence.seconds <= planned * (1 + NEVER_ASLEEP):
        return None
    values = {
        "planned": Quantity(planned, "s", "plan + grace"),
        "seconds": Quantity(evidence.seconds, "s", "seconds"),
    }
    return Proof(Said("memory.not_asleep", values), "arithmetic")
