"""The server has no file descriptor left: new connections hang or break off, kept ones go on.

Told from a full accept queue (S17) by the descriptors being at their limit, and from the generator's own
limit (C03) by whose log says so.
"""

import re

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.processors import under_load
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said

CAUSE = "S16"
PRIOR = 0.1
NEAR = 0.97
"""Share of the limit that counts as reached: some descriptors open and close within a second."""
LINE = re.compile(r"Too many open files|\bEMFILE\b|file-max limit \d+ reached|out of system resource")


def look(evidence: Evidence) -> Finding | None:
    """Descriptors at their limit, or the log's word for it, while requests fail."""
    hurt, lines, level = harm(evidence), loglines.lines(evidence, LINE), _at_limit(evidence)
    if not (lines or level) or not hurt.notable:
        return None
    proofs = [level] if level else []
    if lines:
        proofs.append(loglines.proof(lines, LINE))
    firsts = [at for at in (level.at if level else None, loglines.onset(lines)) if at is not None]
    ratio = 30.0 if lines else 12.0
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, ratio, 3.0 if lines and level else 1.0, 2.0, cap=cap(evidence)),
        Said("server.s16_title_limit", level.said.values) if level else Said("server.s16_title"),
        (*proofs, hurt.proof()),
        Said("server.s16_action"),
        weight=hurt.share,
        onset=min(firsts, default=None),
        scope=hurt.scope,
        against=unseen(evidence, "process", "log"),
        rivals=(Rival("S17", Said("server.s16_or_s17")),),
        explains=("S17", "S20", "N06"),
    )


def _at_limit(evidence: Evidence) -> Proof | None:
    limit, series = evidence.measured("process.fd_limit", "last"), under_load(evidence, "process.fds")
    if limit is None or not series or not limit.value:
        return None
    at = series.first_at(lambda value: value >= NEAR * limit.value, lasting=min(2, len(series)))
    fds = evidence.measured("process.fds", "max")
    if at is None or fds is None:
        return None
    return Proof(Said("server.s16_open", {"fds": fds, "limit": limit}), "process", at)
