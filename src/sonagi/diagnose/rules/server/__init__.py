"""What limits a server: processors, memory, pools, queries, answers that are too large."""

from collections.abc import Callable

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding

RULES: tuple[Callable[[Evidence], Finding | None], ...] = ()
