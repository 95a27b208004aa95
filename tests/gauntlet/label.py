"""What a scenario is about: the answer that a diagnosis is scored against. The diagnosis never sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """`primary` is "" for a healthy run. Causes in `accepted` are parents of it, at half credit."""

    primary: str
    equal: frozenset[str] = frozenset()
    """Causes that are as much what was made: of a fault of two parts, the other one."""
    accepted: frozenset[str] = frozenset()
    contributing: frozenset[str] = frozenset()
    symptoms: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    """What the distractors suggest."""
    telling: frozenset[str] = frozenset()
    """Sources of evidence of which the finding has to cite at least one (Proof.source), where it was watched."""
    harmful: frozenset[str] = frozenset()
    """Words of an action that would make it worse."""
    onset: float | None = None
    """Seconds after load began at which the fault acts; None where it is there from the start."""
