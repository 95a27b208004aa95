"""What nobody watched: said beside a finding, and never taken for normal."""

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Said

_SAID = {
    "log": Said("server.unseen_log"),
    "metrics": Said("server.unseen_metrics"),
    "process": Said("server.unseen_process"),
    "host": Said("server.unseen_host"),
}


def unseen(evidence: Evidence, *senses: str) -> tuple[Said, ...]:
    """Of `senses`, those that did not look at this run."""
    return tuple(_SAID[sense] for sense in senses if sense not in evidence.seen)
