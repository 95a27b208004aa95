"""An answer holds all rows there are: it fills memory while it is made, and takes its time to send.

What follows is loud: memory errors, a pool without connections, timeouts, a server that stands still. The
answer itself is quiet, and the same at one user. A larger pool lets more such answers in at a time.
"""

from sonagi.diagnose.anatomy import none_reached_it
from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs.answers import Heavy, LargeAnswer, fitting, heavy, large_answer
from sonagi.diagnose.signs.harm import Harm, harm
from sonagi.diagnose.signs.memory import FullMemory, full_memory, rising_at, steep
from sonagi.diagnose.signs.pool import EmptyPool, empty_pool
from sonagi.diagnose.signs.processors import under_load
from sonagi.diagnose.signs.unanswered import unanswered
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "S11"
PRIOR = 0.1
FOLLOWS = ("S01", "S03", "S05", "S06", "S07", "S09", "S17", "S20", "S28", "S29", "S30", "N03")
SLOW = 1000.0
"""ms that a typical answer takes, from which on its size is a burden also where none fails."""
GUESS = 0.35
"""Most to claim where neither sizes, nor rows, nor the server's log are known."""
RIVALS = (Rival("S09", Said("memory.s11_or_s09")), Rival("S25", Said("memory.s11_or_s25")))


def look(evidence: Evidence) -> Finding | None:
    """Answers that are known to be large, else requests that take megabytes of memory each, else a guess."""
    if none_reached_it(evidence):
        return None
    hurt, large = harm(evidence), large_answer(evidence)
    if large is not None:
        return _large(evidence, large, hurt)
    taken = heavy(evidence)
    return _unanswered(evidence, hurt) if taken is None else _heavy(evidence, taken, hurt)


def _large(evidence: Evidence, large: LargeAnswer, hurt: Harm) -> Finding | None:
    typical = evidence.trend("http_req_duration").med
    slow = typical is not None and typical.value >= SLOW
    if not hurt.notable and not slow:
        return None
    memory, pool = full_memory(evidence), empty_pool(evidence)
    signs = memory.proofs() if memory else steep(evidence)
    first = Said("memory.s11_action" if not signs else "memory.s11_action_pool")
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, *_ratios(large, memory, signs, hurt), cap=cap(evidence)),
        _title(large, memory, hurt),
        (*_size(large), *signs, *_results(pool), *_receiving(evidence), hurt.proof()),
        _action(evidence, memory, pool) or (first if large.rows or signs else Said("memory.s11_action_file")),
        weight=max(hurt.share, 0.5 if slow else 0.0),
        onset=_onset(evidence, memory, hurt),
        scope=large.name or hurt.scope,
        against=unseen(evidence, "log", "process"),
        rivals=RIVALS,
        explains=FOLLOWS,
    )


def _ratios(
    large: LargeAnswer, memory: FullMemory | None, signs: tuple[Proof, ...], hurt: Harm
) -> tuple[float, ...]:
    """What memory shows counts once: full, or at least on its way."""
    elsewhere = bool(large.name and hurt.scope and hurt.scope != large.name)
    return (
        8.0 if large.huge else 4.0,
        1.0 if large.rows or memory else 0.3,
        15.0 if memory else 4.0 if signs else 1.0,
        0.3 if elsewhere and memory is None else 1.0,
        2.0 if hurt.notable else 1.5,
    )


def _title(large: LargeAnswer, memory: FullMemory | None, hurt: Harm) -> Said:
    """What the answer holds, and what that does."""
    name: str | Said = large.name or hurt.scope or Said("memory.s11_the_request")
    if large.rows is not None and large.bytes is not None:
        what = Said("memory.s11_rows_bytes", {"name": name, "rows": large.rows, "bytes": large.bytes})
    elif large.rows is not None:
        what = Said("memory.s11_rows", {"name": name, "rows": large.rows})
    else:
        what = Said("memory.s11_bytes", {"name": name, "bytes": large.bytes})
    return what if memory is None else Said("memory.s11_title", {"what": what, "effect": _effect(memory)})


def _effect(memory: FullMemory) -> Said:
    if memory.still is not None:
        return Said("memory.s11_stood", {"least": memory.still.least})
    if memory.reached and memory.limit is not None:
        return Said("memory.s11_filled_limit", {"limit": memory.limit})
    return Said("memory.s11_filled")


def _size(large: LargeAnswer) -> list[Proof]:
    proofs = []
    if large.rows is not None:
        source = "client" if large.rows.how.endswith(".items") else "log"
        key = "memory.s11_listed" if source == "client" else "memory.s11_count"
        proofs.append(Proof(Said(key, {"rows": large.rows}), source))
    if large.bytes is not None:
        key = "memory.s11_came" if large.whole else "memory.s11_announced"
        proofs.append(Proof(Said(key, {"bytes": large.bytes}), "client"))
    return proofs


def _results(pool: EmptyPool | None) -> list[Proof]:
    result = pool.level("database.pool_is_a_result") if pool else None
    return [result] if result else []


def _receiving(evidence: Evidence) -> list[Proof]:
    """How much of the time went into taking the answer in, where that is most of it."""
    whole, part = evidence.trend("http_req_duration").avg, evidence.trend("http_req_receiving").avg
    if whole is None or part is None or not whole.value or part.value < 0.5 * whole.value:
        return []
    how = "http_req_receiving.avg / http_req_duration.avg"
    share = Quantity(part.value / whole.value, "share", how)
    return [Proof(Said("memory.s11_receiving", {"share": share}), "client")]


def _action(evidence: Evidence, memory: FullMemory | None, pool: EmptyPool | None) -> Said | None:
    """Why a larger pool is the wrong move, in numbers; None where they are not known."""
    fit = fitting(evidence, memory, pool)
    if fit is None:
        return None
    many, each = fit
    values = {"many": many, "each": each}
    if many.how.startswith("floor"):
        return Said("memory.s11_action_alone", values)
    return Said("memory.s11_action_at_once", values)


def _onset(evidence: Evidence, memory: FullMemory | None, hurt: Harm) -> float | None:
    """When memory began to rise under load, else when it was full or requests began to suffer."""
    rising = rising_at(under_load(evidence, "process.rss")) if steep(evidence) else None
    firsts = [at for at in (rising, memory.onset if memory else None, hurt.onset) if at is not None]
    return min(firsts, default=None)


def _heavy(evidence: Evidence, taken: Heavy, hurt: Harm) -> Finding | None:
    """No answer was seen, but what each request takes of memory is what a page never takes."""
    if not hurt.notable:
        return None
    memory, pool = full_memory(evidence), empty_pool(evidence)
    values = {"each": taken.each, "grown": taken.grown, "requests": taken.requests}
    signs = memory.proofs() if memory else steep(evidence)
    how = "memory.s11_taken_pooled" if taken.pooled else "memory.s11_taken"
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 15.0 if taken.huge else 7.0, 2.0, 2.0 if memory else 1.0, cap=cap(evidence)),
        Said("memory.s11_heavy", {"name": hurt.scope or Said("memory.s11_the_request"), "each": taken.each}),
        (Proof(Said(how, values), "arithmetic"), *signs, *_results(pool), hurt.proof()),
        Said("memory.s11_action_heavy"),
        weight=hurt.share,
        onset=_onset(evidence, memory, hurt),
        scope=hurt.scope,
        against=(Said("memory.s11_no_size"), *unseen(evidence, "log")),
        rivals=RIVALS,
        explains=FOLLOWS,
    )


def _unanswered(evidence: Evidence, hurt: Harm) -> Finding | None:
    """Requests that were taken and never answered, seen by the client alone: why is inside the server."""
    share = unanswered(evidence)
    if share is None or share.value < 0.5 or evidence.seen & {"log", "metrics", "process", "host"}:
        return None
    values = {"share": share, "timeout": Quantity(evidence.timeout, "s", "timeout")}
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 5.0, cap=GUESS),
        Said("memory.s11_unanswered", values),
        (Proof(Said("memory.s11_timeouts", values), "client", hurt.onset), hurt.proof()),
        Said("memory.s11_action_look"),
        weight=hurt.share,
        onset=hurt.onset,
        scope=hurt.scope,
        against=unseen(evidence, "log", "process", "metrics"),
        rivals=(
            Rival("S03", Said("memory.s11_guess_s03")),
            Rival("S07", Said("memory.s11_guess_s07")),
            Rival("S09", Said("memory.s11_guess_s09")),
        ),
        explains=FOLLOWS,
    )
