"""What nobody looked at speaks against a finding that it could have confirmed: not seen is never normal."""

from sonagi.model.evidence import Evidence, Sense
from sonagi.model.finding import Said

_SAID: dict[Sense, str] = {
    "seconds": "failures.unseen_seconds",
    "host": "failures.unseen_host",
    "process": "failures.unseen_process",
    "metrics": "failures.unseen_metrics",
    "log": "failures.unseen_log",
}


def not_observed(evidence: Evidence, *senses: Sense) -> tuple[Said, ...]:
    """A sentence for each of `senses` that did not look at this run."""
    return tuple(Said(_SAID[sense]) for sense in senses if not evidence.sees(sense))
