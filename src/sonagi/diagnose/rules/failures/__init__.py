"""What failures and the shape of a run over time tell: refused, reset, limited, by status, at first, ever
more."""

from collections.abc import Callable

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding

RULES: tuple[Callable[[Evidence], Finding | None], ...] = ()
