"""The server's processors are all in use: more users get the same answers later.

Told from a busy generator by whose process it is, from a lock or one thread (S30) by all cores being in use,
from a quota (S02) by nothing being throttled. Without a look at the processors a queue is all that is seen,
and that has many causes.
"""

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs.harm import Harm, harm
from sonagi.diagnose.signs.processors import Processors, processors, throttled, under_load
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "S01"
PRIOR = 0.1
FOLLOWS = ("S06", "S07", "S17", "S20", "S30")
ALONE = 1.6
"""Requests served at a time (throughput × shortest time) up to which one core may be all there is."""
GENERATORS = 0.2
"""Share of the host's cores that the generator may use before it is the one who keeps them busy."""
UNSEEN = 0.45
"""Most to claim from a queue alone."""


def look(evidence: Evidence) -> Finding | None:
    """Processors that are watched decide; where nobody did, a queue is told with little confidence."""
    hurt = harm(evidence)
    if not hurt.notable or throttled(evidence) is not None:
        return None
    use = processors(evidence)
    if use is None:
        return _queue_alone(evidence, hurt)
    if use.busy_at is None or (use.whose == "host" and not _servers(evidence, use)):
        return None
    if hurt.queue is None and hurt.onset is not None and hurt.onset < use.busy_at - 2:
        return None
    sure = 20.0 if use.whose == "process" else 5.0
    bent = 2.0 if hurt.queue is not None and hurt.queue.bent else 1.0
    values = {"used": use.used, "cores": use.cores, "share": Quantity(use.share, "share", _share_of(use))}
    against = unseen(evidence, *(() if use.whose == "process" else ("process",)), "metrics", "log")
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, sure, 4.0 if hurt.queue is not None else 1.5, bent, cap=cap(evidence)),
        Said("server.s01_title", values),
        (Proof(Said("server.s01_busy", values), use.whose, use.busy_at), hurt.proof(), *_pressure(evidence)),
        Said("server.s01_action"),
        weight=hurt.share,
        onset=use.busy_at,
        scope=hurt.scope,
        against=against,
        rivals=(Rival("S30", Said("server.s01_or_s30")), Rival("S03", Said("server.s01_or_s03"))),
        explains=FOLLOWS,
    )


def _share_of(use: Processors) -> str:
    return f"({use.used.how}) / {use.cores.how}"


def _servers(evidence: Evidence, use: Processors) -> bool:
    """Whether what keeps the host busy can be the server, and is not the generator on the same machine."""
    generator = under_load(evidence, "generator.cpu").stat("mean")
    return generator is not None and generator < GENERATORS * use.cores.value


def _pressure(evidence: Evidence) -> list[Proof]:
    series = under_load(evidence, "host.psi_cpu")
    waited = evidence.measured("host.psi_cpu", "mean", series.at[0], series.at[-1]) if series else None
    if waited is None or waited.value < 0.2:
        return []
    return [Proof(Said("server.s01_pressure", {"share": waited}), "host")]


def _queue_alone(evidence: Evidence, hurt: Harm) -> Finding | None:
    """A limit is reached, and which one cannot be seen."""
    if hurt.queue is None:
        return None
    alone = 1.5 if hurt.queue.at_once.value <= ALONE else 1.0
    few_errors = 1.2 if hurt.failed < 0.01 * hurt.requests else 0.5
    bent = 1.5 if hurt.queue.bent else 1.0
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 4.0, alone, few_errors, bent, cap=min(cap(evidence), UNSEEN)),
        Said("server.s01_unseen_title", {"in_flight": hurt.queue.in_flight}),
        (hurt.queue.proof(),),
        Said("server.s01_unseen_action"),
        weight=hurt.share,
        onset=hurt.queue.onset,
        scope=hurt.scope,
        against=unseen(evidence, "process", "host", "metrics", "log"),
        rivals=tuple(Rival(cause, Said("server.s01_unseen_rival")) for cause in ("S30", "S06", "S07", "S09")),
    )
