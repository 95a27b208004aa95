"""What a diagnosis says: causes with their proof, and whether the measurement can be believed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What part a cause has."""

    ROOT = "root"
    CONTRIBUTING = "contributing"
    SYMPTOM = "symptom"
    VALIDITY = "validity"


class Verdict(StrEnum):
    """Whether a run's numbers mean what they seem to mean."""

    VALID = "valid"
    SUSPECT = "suspect"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the catalogue and what stands in it: numbers are `Quantity`, names are str."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence: what was seen, when (seconds after load began), and by whom: client, generator,
    host, process, metrics, log, script, arithmetic."""

    said: Said
    source: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Rival:
    """Another cause that would look alike, and the check that decides between them."""

    cause: str
    check: Said


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause. `confidence` is a probability: 0.9 is right nine times in ten."""

    cause: str
    """Its id: C06, S11, N03."""
    role: Role
    confidence: float
    title: Said
    """One or two sentences that lead with the cause."""
    evidence: tuple[Proof, ...]
    action: Said
    weight: float = 1.0
    """How much of what went wrong it explains: the share of failed or slow requests, 0 to 1. A validity
    finding that makes the run's main numbers mean nothing has 1, a remark 0.1."""
    onset: float | None = None
    """When it began, in seconds after load began."""
    scope: str = ""
    """The kind of request it is about, as `GET /concerts/`; "" for all."""
    against: tuple[Said, ...] = ()
    rivals: tuple[Rival, ...] = ()
    explains: tuple[str, ...] = ()
    """Causes that follow from this one: where both are found, they are symptoms of it."""
    voids: tuple[str, ...] = ()
    """Metrics or claims of the summary that mean nothing because of it."""
    verdict: Verdict = Verdict.VALID
    """What it makes of the measurement."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, the most telling first, and the measurement's verdict with the causes that made it."""

    findings: tuple[Finding, ...] = ()
    verdict: Verdict = Verdict.VALID
    reasons: tuple[str, ...] = ()
    """Ids of the findings that make it suspect or invalid."""
    undecided: tuple[str, ...] = ()
    """Causes that fit about equally well; only their decisive checks can tell which it was."""

    @property
    def root(self) -> Finding | None:
        """The leading root cause, if one was found."""
        return next((finding for finding in self.findings if finding.role is Role.ROOT), None)


def consequences(cause: Finding, among: Iterable[Finding]) -> set[str]:
    """Ids of what follows from a cause, also by way of others that were found."""
    found = list(among)
    reached, waiting = set[str](), list(cause.explains)
    while waiting:
        name = waiting.pop()
        if name not in reached and name != cause.cause:
            reached.add(name)
            waiting += [after for other in found if other.cause == name for after in other.explains]
    return reached
