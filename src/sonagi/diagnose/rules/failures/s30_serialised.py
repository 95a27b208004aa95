"""One request at a time: a global lock, a blocked event loop, an interpreter's lock. More users wait longer
and get no more done, while all processors but one have nothing to do."""

from collections.abc import Iterator

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.not_observed import not_observed
from sonagi.diagnose.shape import elasticity
from sonagi.diagnose.signs.harm import harm
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "S30"
BUSY = 0.85
"""Of one core: a thread that never rests, as samples see it."""
ALONE = 1.25
"""Cores: what one busy thread and what runs beside it take."""
LAGGING = 100.0
"""ms by which a loop comes late when something blocks it."""
QUEUE = 3.0
"""Requests in flight at least: below, nobody waits for another."""


def look(evidence: Evidence) -> Finding | None:
    """One busy core of several, or a loop that lags; and users who wait for each other."""
    core, loop = _one_core(evidence), _blocked_loop(evidence)
    held, flat, linear = _in_flight(evidence), _flat(evidence), _linear(evidence)
    if not (core or loop) or held is None or held.value < QUEUE:
        return None
    if flat is not None and flat.value > 0.4:
        return None
    grows = flat is not None and linear is not None and linear.value > 0.6
    if not grows and not harm(evidence).notable:
        return None  # its rate may be the users' own
    confidence = weigh(
        0.25,
        6.0 if core else 1.0,
        8.0 if loop else 1.0,
        4.0 if grows else 1.0,
        cap=cap(evidence),
    )
    rate = evidence.measured("load.ok", "median")
    done = Quantity(rate.value if rate else 0, "per_s", rate.how if rate else "")
    title = Said("shape.s30_core_title" if core else "shape.s30_loop_title", {"done": done, "held": held})
    return Finding(
        CAUSE,
        Role.ROOT,
        confidence,
        title,
        (*core, *loop, *_shape(evidence, held, flat if grows else None, linear)),
        Said("shape.s30_action"),
        onset=next((proof.at for proof in (*core, *loop) if proof.at is not None), None),
        against=not_observed(evidence, "metrics", "log"),
        rivals=(Rival("S01", Said("shape.s30_or_cpu")), Rival("S06", Said("shape.s30_or_workers"))),
        explains=("S06", "S17", "S20"),
    )


def _one_core(evidence: Evidence) -> tuple[Proof, ...]:
    """That the server's process uses about one core of several, for most of the run."""
    cpu, cores = evidence.signal("process.cpu"), evidence.measured("process.cores", "max")
    used = evidence.measured("process.cpu", "median")
    if used is None or cores is None or cores.value < 2 or not BUSY <= used.value <= ALONE:
        return ()
    thread = evidence.measured("process.busiest_thread", "median")
    if thread is not None and thread.value < BUSY * min(used.value, 1.0):
        return ()
    began = cpu.first_at(lambda busy: busy >= BUSY, lasting=3)
    return (Proof(Said("shape.s30_one_core", {"used": used, "cores": cores}), "process", began),)


def _blocked_loop(evidence: Evidence) -> tuple[Proof, ...]:
    """What the server's own loop says: how late it comes, or which call held it."""
    proofs = []
    lag = evidence.measured("loop.lag", "median")
    if lag is not None and lag.value >= LAGGING:
        began = evidence.signal("loop.lag").first_at(lambda late: late >= LAGGING)
        proofs.append(Proof(Said("shape.s30_lag", {"lag": lag}), "metrics", began))
    for line in evidence.lines("asyncio")[:1]:
        count = Quantity(line.count, "count", f"count(log, {line.text!r})")
        said = Said("shape.s30_line", {"count": count, "line": line.sample})
        proofs.append(Proof(said, "log", line.first_at))
    return tuple(proofs)


def _in_flight(evidence: Evidence) -> Quantity | None:
    """Requests that the server held at a time, in the run's middle."""
    rate, time = evidence.measured("load.ok", "median"), evidence.measured("load.p50", "median")
    if rate is None or time is None:
        return None
    return Quantity(rate.value * time.value / 1000, "plain", f"{rate.how} * {time.how} / 1000")


def _flat(evidence: Evidence) -> Quantity | None:
    follows = elasticity(evidence.signal("load.vus"), evidence.signal("load.ok"))
    return None if follows is None else Quantity(follows, "plain", "elasticity(load.ok, load.vus)")


def _linear(evidence: Evidence) -> Quantity | None:
    follows = elasticity(evidence.signal("load.vus"), evidence.signal("load.p50"))
    return None if follows is None else Quantity(follows, "plain", "elasticity(load.p50, load.vus)")


def _shape(
    evidence: Evidence, held: Quantity, flat: Quantity | None, linear: Quantity | None
) -> Iterator[Proof]:
    yield Proof(Said("shape.s30_queue", {"held": held}), "client")
    if flat is not None and linear is not None:
        users = evidence.signal("load.vus")
        span = f"[{users.at[0]:g}..{users.at[-1]:g}]"
        values = {
            "few": Quantity(users.stat("min") or 0, "count", f"min(load.vus){span}"),
            "many": Quantity(users.stat("max") or 0, "count", f"max(load.vus){span}"),
            "flat": flat,
            "linear": linear,
        }
        yield Proof(Said("shape.s30_no_more", values), "client")
