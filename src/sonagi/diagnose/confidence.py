"""How sure a rule may be: prior odds times what each independent piece of evidence makes of them, capped
by how much was looked at. The caps come from scored runs, docs/gauntlet.md."""

from math import prod

from sonagi.model.evidence import Evidence

STRONGEST = 30.0
"""No single observation moves odds by more: thresholds of rules are coarser than that."""
CLIENT, HOST, INSIDE = 0.6, 0.8, 0.97
"""Caps for a cause on the server's side: seen from the client alone, with its host, with its log or
metrics."""


def weigh(prior: float, *ratios: float, cap: float = 0.99) -> float:
    """The probability after evidence with these likelihood ratios (P(seen | cause) / P(seen | not)). Evidence
    that comes from one thing, such as three symptoms of one pool, is one ratio."""
    odds = prior / (1 - prior) * prod(min(max(ratio, 1 / STRONGEST), STRONGEST) for ratio in ratios)
    return min(odds / (1 + odds), cap)


def cap(evidence: Evidence) -> float:
    """The most that a finding about the server may claim."""
    if evidence.seen & {"log", "metrics"}:
        return INSIDE
    return HOST if evidence.seen & {"host", "process"} else CLIENT
