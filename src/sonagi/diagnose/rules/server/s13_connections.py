"""The database takes no more connections: instances × pool is more than its `max_connections`.

Told from an empty pool (S07) by when it fails: at once, where a pool makes requests wait first.
"""

import re

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Rival, Role, Said

CAUSE = "S13"
PRIOR = 0.1
LINE = re.compile(
    r"sorry, too many clients already|remaining connection slots are reserved"
    r"|too many connections for (?:role|database)|Too many connections"
)
"""PostgreSQL and MySQL."""


def look(evidence: Evidence) -> Finding | None:
    """The database's own refusal, while requests fail."""
    hurt, lines = harm(evidence), loglines.lines(evidence, LINE)
    count = loglines.count(lines)
    if not lines or not hurt.failed or count < 3:
        return None
    refused = loglines.counted(lines, LINE)
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, 30.0, 3.0 if hurt.notable else 1.0, cap=cap(evidence)),
        Said("database.s13_title", {"count": refused}),
        (loglines.proof(lines, LINE), hurt.proof()),
        Said("database.s13_action"),
        weight=hurt.share,
        onset=loglines.onset(lines),
        scope=hurt.scope,
        against=unseen(evidence, "metrics"),
        rivals=(Rival("S07", Said("database.s13_or_s07")),),
        explains=("S07", "S20"),
    )
