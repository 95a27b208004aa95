"""Every rule, in the order in which they are asked. A rule is a module with the id of its cause and a
function

    CAUSE = "C06"
    def look(evidence: Evidence) -> Finding | None

and a test module of the same name with a CASE in which it finds its cause and a COUNTER that only looks
alike. The causes are those of docs/causes.md.
"""

from collections.abc import Callable

from sonagi.diagnose.rules import failures, server, validity
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding

Rule = Callable[[Evidence], Finding | None]

RULES: tuple[Rule, ...] = (*validity.RULES, *failures.RULES, *server.RULES)
