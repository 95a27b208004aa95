"""What nobody looked at in a run, and what would show it next time."""

from sonagi.locale import text
from sonagi.model.evidence import Evidence
from sonagi.model.unseen import parts


def told(evidence: Evidence) -> list[str]:
    """A sentence each, the same one once."""
    said = []
    for note in evidence.unseen:
        key, values = parts(note)
        said.append(text(key, **values))
    return list(dict.fromkeys(said))
