"""What a script's text gives away, and which of it a run was made with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sonagi.model.evidence import Evidence, PlannedLoad, ScriptFacts

OLD_AGENT = len("User-Agent: k6/0.53.0 (https://k6.io/)\r\n")
NEW_AGENT = len("User-Agent: Grafana k6/1.0.0\r\n")
"""Bytes by which k6 names itself, before and since 1.0."""
TOLERANCE = 0.02
"""How far a request may be from what its text says: ids have one digit more or less."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What one function of a script does in an iteration."""

    think: float | None = None
    """Seconds that it sleeps, when that is always the same."""
    keys: tuple[tuple[str, int], ...] = ()
    """Names of values drawn at random, and how many different ones there are."""
    requests: int = 0
    """Requests that stand in it."""
    bytes: float | None = None
    """How long its one request is on the wire, without the line by which k6 names itself."""
    agent: int | None = None
    """The length of that line, where the script sets it."""
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A script, function by function."""

    visits: Mapping[str, Visit] = field(default_factory=dict)
    loads: tuple[PlannedLoad, ...] = ()
    runs: tuple[str, ...] = ()
    """Functions that its scenarios run."""
    settings: Mapping[str, str] = field(default_factory=dict)

    def added_to(self, evidence: Evidence, functions: Iterable[str] = (), newer: bool = False) -> Evidence:
        """`evidence` with what this script says of it. `functions` are those that the run's output names;
        `newer` is whether k6 was 1.0 or later."""
        agent = NEW_AGENT if newer else OLD_AGENT
        visit = self._visit_of(evidence, functions, agent)
        if visit is None:
            return replace(evidence, seen=evidence.seen | {"script"})
        size = None if visit.bytes is None else visit.bytes + (visit.agent or agent)
        strange = size is not None and not _could_be(evidence, size)
        facts = ScriptFacts(
            visit.think,
            {} if strange else dict(visit.keys),
            None if strange or size is None or visit.requests != 1 else round(size),
        )
        return replace(
            evidence,
            seen=evidence.seen | {"script"},
            script=facts,
            loads=tuple(_thinking(load, visit) for load in evidence.loads or self.loads),
            settings={**self.settings, **evidence.settings},
            timeout=evidence.timeout if visit.timeout is None else visit.timeout,
        )

    def _visit_of(self, evidence: Evidence, functions: Iterable[str], agent: int) -> Visit | None:
        """The function that made a run: the one that its output names, the only one whose request is as long
        as what was sent, or the one that the script itself says to run."""
        named = [self.visits[name] for name in functions if name in self.visits]
        if named:
            return named[0] if len(named) == 1 else None
        fitting = [visit for visit in set(self.visits.values()) if _fits(evidence, visit, agent)]
        if len(fitting) == 1:
            return fitting[0]
        own = [self.visits[name] for name in self.runs if name in self.visits]
        if len(own) != 1:
            own = list(self.visits.values())
        return own[0] if len(own) == 1 else None


def _fits(evidence: Evidence, visit: Visit, agent: int) -> bool:
    """Whether all requests of a run may have been such."""
    sent, requests = evidence.sent, evidence.requests
    if visit.bytes is None or visit.requests != 1 or sent is None or not requests or not sent.value:
        return False
    size = visit.bytes + (visit.agent or agent)
    return sent.low / requests <= size * (1 + TOLERANCE) and sent.high / requests >= size * (1 - TOLERANCE)


def _could_be(evidence: Evidence, size: float) -> bool:
    """Whether so long a request may have been sent by this run: together no less than what was sent."""
    sent, requests = evidence.sent, evidence.requests
    return sent is None or not requests or sent.low <= requests * size * (1 + TOLERANCE)


def _thinking(load: PlannedLoad, visit: Visit) -> PlannedLoad:
    return load if visit.think is None else replace(load, constant_think=visit.think)
