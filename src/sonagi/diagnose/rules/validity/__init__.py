"""Whether the run measured what it was meant to: the test, the script and the generator (causes C01 to
C18)."""

from sonagi.diagnose.rules.validity import c07_truncated

RULES = (c07_truncated.look,)
