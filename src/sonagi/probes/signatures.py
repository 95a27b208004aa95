"""What servers write when something is wrong: lines that mean one thing, and what is common to others.

match("HikariPool-1 - Connection is not available, request timed out after 30001ms")
# ("hikari", ("HikariPool-1", "30001", "", "", "", ""))
template("user 4711 not found in '/srv/app/users.csv'")
# user <*> not found in <*>
"""

import re
from dataclasses import dataclass

from sonagi.probes.known_lines import KNOWN

LONGEST = 300
"""Characters of a template."""
HOLE = "<*>"


@dataclass(frozen=True, slots=True)
class Signature:
    """`anchors`: text of which every line that matches holds one; to look for it first is a hundred times
    faster than the pattern."""

    name: str
    pattern: str
    anchors: tuple[str, ...]

    def find(self, text: str) -> re.Match[str] | None:
        """Where `text` says it."""
        if not any(anchor in text for anchor in self.anchors):
            return None
        return re.search(self.pattern, text, re.MULTILINE)  # compiled once it is needed: all take 7 ms


SIGNATURES = tuple(Signature(*known) for known in KNOWN)
"""The more specific first: a line belongs to the first that it matches."""

_VALUES = re.compile(
    r"\x1b\[[0-9;]*m"
    r"|\"[^\"]*\""
    r"|(?<![\w])'[^']*'(?!\w)"
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\b[a-z][a-z0-9+.-]*://[^\s,;)\]}]+"
    r"|(?<![\w<>)])(?:/[\w.@%+~-]+){2,}/?"
    r"|\b0x[0-9a-fA-F]+\b|@[0-9a-f]{5,8}\b"
    r"|\b(?=[a-fA-F]*\d)[0-9a-fA-F]{8,}\b"
    r"|\d+(?:[.,:]\d+)*"
)
_RUN = re.compile(r"<\*>(?:[-+:.,/TZ ]*<\*>)+Z?")


def match(line: str) -> tuple[str, tuple[str, ...]] | None:
    """The signature that a line bears, and what its groups caught ("" for one that caught nothing)."""
    for signature in SIGNATURES:
        found = signature.find(line)
        if found:
            return signature.name, tuple(group or "" for group in found.groups())
    return None


def template(line: str) -> str:
    """The line with `<*>` for its numbers, identifiers, paths and quoted text."""
    text = _VALUES.sub(lambda found: "" if found[0].startswith("\x1b") else HOLE, line.strip())
    text = _RUN.sub(HOLE, text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
