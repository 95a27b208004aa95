"""A disk is full: from one moment on, whatever writes fails, and what only reads goes on."""

import re

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Rival, Role, Said

CAUSE = "S15"
PRIOR = 0.1
LINE = re.compile(
    r"No space left on device|\bENOSPC\b|could not extend file|database or disk is full"
    r"|The table '.*' is full|Disk quota exceeded"
)


def look(evidence: Evidence) -> Finding | None:
    """The system's own error, while requests fail."""
    hurt, lines = harm(evidence), loglines.lines(evidence, LINE)
    if not lines or not hurt.failed:
        return None
    count = loglines.counted(lines, LINE)
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 30.0, 3.0 if hurt.notable else 0.5, cap=cap(evidence)),
        Said("server.s15_title", {"count": count}),
        (loglines.proof(lines, LINE), hurt.proof()),
        Said("server.s15_action"),
        weight=hurt.share,
        onset=loglines.onset(lines),
        scope=hurt.scope,
        against=unseen(evidence, "host"),
        rivals=(Rival("S14", Said("server.s15_or_s14")),),
        explains=("S07", "S20", "S28"),
    )
