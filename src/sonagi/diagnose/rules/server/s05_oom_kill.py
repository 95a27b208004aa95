"""The kernel ended the server for want of memory: connections break off, then are refused until it is back.

A kernel's line or the cgroup's counter says so outright; a process that ends with its memory at the limit
says nearly as much. Whoever else the host's counter is about, a server that lives on was not killed.
"""

import re

from sonagi.diagnose.confidence import cap, weigh
from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.memory import FULL, ended_at, lives_on
from sonagi.diagnose.signs.processors import under_load
from sonagi.diagnose.signs.unseen import unseen
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Rival, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import KERNEL

CAUSE = "S05"
PRIOR = 0.1
FOLLOWS = ("N06", "S07", "S17", "S20", "S22", "S28")
BEFORE = 5.0
"""Seconds before a process ended in which its memory must have been near its limit."""
LINE = re.compile(
    r"(?:Memory cgroup out of memory|Out of memory): Killed process|oom-kill:constraint="
    r"|SIGKILL! Perhaps out of memory"
)


def look(evidence: Evidence) -> Finding | None:
    """Each sign with its weight: the kernel's own word, its counters, an end at the limit."""
    signs = _signs(evidence)
    if not signs:
        return None
    hurt, ended = harm(evidence), ended_at(evidence)
    ratio = max(sign[0] for sign in signs)
    both = 3.0 if len(signs) > 1 else 1.0
    firsts = [proof.at for _, proof in signs if proof.at is not None]
    restarts = evidence.measured("process.restarts", "max")
    proofs = [proof for _, proof in sorted(signs, key=lambda sign: -sign[0])]
    if ended is not None:
        proofs.append(
            Proof(
                Said(
                    "memory.s05_ended",
                    {"at": Quantity(ended, "s", "first(exited, restart, process.alive < 1)")},
                ),
                "process",
                ended,
            )
        )
    if restarts is not None and restarts.value > 0:
        proofs.append(Proof(Said("memory.s05_restarts", {"count": restarts}), "process"))
    return Finding(
        CAUSE,
        Role.ROOT,
        weigh(PRIOR, ratio, both, 3.0 if hurt.notable else 1.0, cap=cap(evidence)),
        Said("memory.s05_title"),
        (*proofs, *([hurt.proof()] if hurt.notable else [])),
        Said("memory.s05_action"),
        weight=max(hurt.share, 0.3),
        onset=min(firsts, default=ended),
        scope="",
        against=unseen(evidence, "process", "host"),
        rivals=(Rival("S28", Said("memory.s05_or_s28")), Rival("S25", Said("memory.s03_or_s25"))),
        explains=FOLLOWS,
    )


def _signs(evidence: Evidence) -> list[tuple[float, Proof]]:
    signs = []
    lines = loglines.lines(evidence, LINE)
    if lives_on(evidence):
        # The kernel's lines tell of every process of the host.
        lines = tuple(line for line in lines if line.source != KERNEL)
    if lines:
        signs.append((30.0, loglines.proof(lines, LINE)))
    for event in evidence.events:
        if event.kind == "oom_kill" and event.at >= 0:
            values = {
                "count": Quantity(1, "count", "count(events.oom_kill, 1)"),
                "line": event.text or event.kind,
            }
            signs.append((30.0, Proof(Said("server.log_lines", values), "host", event.at)))
            break
    ended = ended_at(evidence)
    for signal, ratio in (("cgroup.oom_kills", 30.0), ("host.oom_kills", 20.0 if ended is not None else 3.0)):
        counted = _counted(evidence, signal)
        if counted is not None and not (signal == "host.oom_kills" and lives_on(evidence)):
            signs.append((ratio, counted))
            break
    at_limit = _ended_at_the_limit(evidence, ended)
    return [*signs, (10.0, at_limit)] if at_limit is not None else signs


def _counted(evidence: Evidence, signal: str) -> Proof | None:
    series = under_load(evidence, signal)
    if not series or series.values[-1] <= series.values[0]:
        return None
    span = f"({signal})[{series.at[0]:g}..{series.at[-1]:g}]"
    how = f"last{span} - first{span}"
    kills = Quantity(series.values[-1] - series.values[0], "count", how)
    at = series.first_at(lambda value: value > series.values[0])
    return Proof(Said("memory.s05_counted", {"count": kills}), "host", at)


def _ended_at_the_limit(evidence: Evidence, ended: float | None) -> Proof | None:
    limit = evidence.measured("process.memory_limit", "max") or evidence.measured(
        "cgroup.memory_limit", "max"
    )
    if ended is None or limit is None:
        return None
    peak = evidence.measured("process.rss", "max", ended - BEFORE, ended)
    if peak is None or peak.value < FULL * limit.value:
        return None
    return Proof(Said("memory.s05_at_limit", {"peak": peak, "limit": limit}), "process", ended)
