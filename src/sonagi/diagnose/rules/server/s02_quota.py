"""A quota of CPU is used up in every period: the kernel holds the server back while the machine idles.

`cpu.stat` of the cgroup counts periods (100 ms unless set) and those in which it was throttled.
"""

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.processors import throttled, under_load
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said

CAUSE = "S02"
PRIOR = 0.1
FOLLOWS = ("S01", "S06", "S07", "S17", "S20", "S30")


def look(evidence: Evidence) -> Finding | None:
    """Throttling counts where requests suffer: many services are throttled a little and keep their goals."""
    hurt = harm(evidence)
    since = throttled(evidence)
    if since is None or not hurt.notable:
        return None
    end = under_load(evidence, "cgroup.throttled").at[-1]
    share = evidence.measured("cgroup.throttled", "mean", since, end)
    assert share is not None
    values = {"share": share}
    limit = evidence.measured("cgroup.cpu_limit", "last")
    if limit is not None:
        values["limit"] = limit
    idle = evidence.measured("host.cpu", "mean", since, end)
    proofs = [Proof(Said("server.s02_throttled", values), "host", since)]
    if idle is not None:
        proofs.append(Proof(Said("server.s02_host", {"used": idle}), "host"))
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(
            PRIOR,
            20.0 if share.value >= 0.5 else 8.0,
            3.0 if idle is not None and idle.value < 0.9 else 1.0,
            2.0 if hurt.queue is not None else 1.2,
            cap=cap(evidence),
        ),
        Said("server.s02_title" if limit is None else "server.s02_title_limit", values),
        (*proofs, hurt.proof()),
        Said("server.s02_action"),
        weight=hurt.share,
        onset=since,
        scope=hurt.scope,
        against=unseen(evidence, "metrics", "log"),
        rivals=(Rival("S01", Said("server.s02_or_s01")),),
        explains=FOLLOWS,
    )
