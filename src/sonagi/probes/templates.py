"""Lines that say the same, counted together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sonagi.model.traffic import LogTemplate
from sonagi.probes.masking import mask
from sonagi.probes.records import Record
from sonagi.probes.signatures import SIGNATURES, template

MOST = 200
"""Templates of one source that are mined, and again of signatures; lines of others are counted together."""
REST = "…"
VALUES = 100
"""Lines of a template whose values are kept, in one look."""
SAMPLE = 2048

_LEVEL = re.compile(
    r"(?<![\w.$/-])(?:(?P<word>TRACE|DEBUG|INFO|NOTICE|LOG|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE|PANIC)\b"
    r"|\[(?P<bracket>debug|info|notice|warn(?:ing)?|error|crit|alert|emerg|Warning|Error|Note|System)\]"
    r"|\"?(?:level|lvl|severity)\"?\s?[=:]\s?\"?(?P<pair>[A-Za-z]+|\d\d)\b"
    r"|(?P<korean>치명적오류|오류|경고): )"
    r"|^(?P<prose>[Ee]rror|[Ww]arning)\b"
)
_SAME = {
    **dict.fromkeys(("WARNING", "40", "경고"), "WARN"),
    **dict.fromkeys(("ERR", "50", "오류"), "ERROR"),
    **dict.fromkeys(("CRIT", "CRITICAL", "SEVERE", "PANIC", "ALERT", "EMERG", "60", "치명적오류"), "FATAL"),
    **dict.fromkeys(("LOG", "NOTE", "NOTICE", "SYSTEM", "30"), "INFO"),
}
WORSE = frozenset({"WARN", "ERROR", "FATAL"})
_RAISED = re.compile(
    r"(?:Caused by: |Exception in thread \".*?\" )?[A-Za-z_][\w.$]*(?:Error|Exception|Exit|Timeout|Found)\b"
)
_TRACEBACK = re.compile(
    r"^Traceback \(most recent call last\)|^\s+at [\w.$<>]+\(|^Exception in thread", re.MULTILINE
)


def level(line: str) -> str:
    """`ERROR`, `WARN`, `FATAL`, `INFO`, …: what the line's beginning names first; "" when it names none."""
    found = _LEVEL.search(line[:160])
    if found is None:
        return ""
    name = next(group for group in found.groups() if group).upper()
    return _SAME.get(name, name)


@dataclass(slots=True)
class Counted:
    """Lines of one template that were written in the same second."""

    signature: str
    text: str
    first_at: float
    sample: str
    level: str
    count: int = 0
    values: list[tuple[str, ...]] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)


class Templates:
    """Of one source, such as a file. Records go in, what was counted since comes out."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.texts: tuple[set[str], set[str]] = (set(), set())  # mined, of signatures
        self._counted: dict[tuple[str, str, int], Counted] = {}

    def add(self, record: Record, wall: float, at: float) -> None:
        """`wall` and `at`: when it was written, in seconds since 1970 and of the monotonic clock."""
        for signature, text, line, values in _said(record.text):
            first = record.text.split("\n", 1)[0]
            text = self._known(signature, text)
            key = (signature, text, int(at))
            counted = self._counted.get(key)
            if counted is None:
                sample = mask(first if line == first else f"{first}\n{line}")[:SAMPLE]
                counted = self._counted[key] = Counted(signature, text, at, sample, level(first))
            counted.count += record.weight
            counted.first_at = min(counted.first_at, at)
            if values is not None and len(counted.values) < VALUES:
                counted.values.append(values)
                counted.stamps.append(wall)

    def _known(self, signature: str, text: str) -> str:
        texts = self.texts[bool(signature)]
        if text not in texts and len(texts) >= MOST:
            return REST
        texts.add(text)
        return text

    def take(self) -> list[LogTemplate]:
        """What was counted since this was last asked."""
        counted, self._counted = self._counted, {}
        return [
            LogTemplate(
                signature=one.signature,
                text=one.text,
                count=one.count,
                first_at=one.first_at,
                sample=one.sample,
                level=one.level,
                values=tuple(one.values),
                source=self.source,
                stamps=tuple(one.stamps) if one.values else (),
            )
            for one in counted.values()
        ]


def _said(text: str) -> Iterator[tuple[str, str, str, tuple[str, ...] | None]]:
    """(signature, template, line, values) of everything that a record says: each signature once, else the
    first line with what was raised below it, if it is a warning or worse."""
    lines = text.split("\n")
    told = False
    for signature in SIGNATURES:
        found = signature.find(text)
        if found:
            told = True
            start = text.rfind("\n", 0, found.start()) + 1
            line = text[start:].split("\n", 1)[0]
            yield signature.name, template(mask(line)), line, tuple(group or "" for group in found.groups())
    if told:
        return
    raised = next((line for line in reversed(lines[1:]) if _RAISED.match(line)), "")
    if level(lines[0]) in WORSE or _TRACEBACK.search(text):
        common = template(mask(lines[0]))
        yield "", f"{common} … {template(mask(raised))}" if raised else common, raised or lines[0], None
