"""What k6 itself complained about while it ran: warnings, failed requests, exceptions of the script."""

import re
from collections import Counter
from dataclasses import dataclass, field

from sonagi.model.secrecy import without_secrets
from sonagi.model.series import Series
from sonagi.model.traffic import FailureKind, Failures
from sonagi.readers import failing

_TERMINAL = re.compile(r"^[\s>|]*(WARN|ERRO|INFO|DEBU|FATA)\[(\d{1,9})\]\s+(.*)$")
_LOGFMT = re.compile(r'^[\s>|]*time="?[^"\s]*"? level=(\w{4,7}) msg="((?:[^"\\]|\\.)*)"(.*)$')
_ERROR = re.compile(r'error="((?:[^"\\]|\\.)*)"')
_METHOD = re.compile(r"^\s*\"?(Get|Post|Put|Patch|Delete|Head|Options) ")
_THROWN = re.compile(r"^(?:Uncaught |GoError|\w*Error\b|\w*Exception\b)")
_FIELDS = re.compile(r"\s+(?:executor|scenario|source|component)=\S+")
MOST_WARNINGS = 100
MOST_KINDS = 200
"""Different failures and exceptions that are told apart."""


@dataclass(slots=True)
class Console:
    """Lines that k6 logged."""

    warnings: list[tuple[float, str]] = field(default_factory=list)
    exceptions: Counter[str] = field(default_factory=Counter)
    failed: dict[tuple[FailureKind, str, str], Counter[float]] = field(default_factory=dict)
    """By kind, method and text, how many in which second."""

    def take(self, text: str, second: float) -> bool:
        """One line; False for one that k6 didn't log. `second` is that of the run, where it has none."""
        terminal = _TERMINAL.match(text)
        if terminal is not None:
            self._note(terminal[1], float(terminal[2]), terminal[3])
            return True
        logfmt = _LOGFMT.match(text)
        if logfmt is None:
            return False
        self._note(logfmt[1][:4].upper(), second, logfmt[2].replace('\\"', '"') + logfmt[3])
        return True

    def _note(self, level: str, second: float, message: str) -> None:
        if message.startswith("Request Failed"):
            self._failure(second, message)
        elif level == "ERRO" and (_THROWN.match(message) or "source=stacktrace" in message):
            what = _FIELDS.sub("", message).replace("\\n", " ").replace("\\t", " ")
            what = without_secrets(what)[: failing.LONGEST]
            if what in self.exceptions or len(self.exceptions) < MOST_KINDS:
                self.exceptions[what] += 1
        elif level == "WARN" and len(self.warnings) < MOST_WARNINGS:
            self.warnings.append((second, message))

    def _failure(self, second: float, message: str) -> None:
        error = _ERROR.search(message)
        text = error[1].replace('\\"', '"') if error else message
        method = _METHOD.match(text)
        kind = failing.of_text(text)
        key = (kind, method[1].upper() if method else "", failing.plainly(text))
        if key in self.failed or len(self.failed) < MOST_KINDS:
            self.failed.setdefault(key, Counter())[second] += 1

    def failures(self, failed: int | None) -> tuple[Failures, ...]:
        """The failed requests by kind, if the lines tell of all `failed`: a part of them, as in a write-up
        that shows a few, would pass for all."""
        told = sum(seconds.total() for seconds in self.failed.values())
        if not told or failed is None or abs(told - failed) > 0.05 * failed:
            return ()
        return tuple(
            Failures(kind, method, "", seconds.total(), text=text, by_second=_series(seconds))
            for (kind, method, text), seconds in self.failed.items()
        )


def _series(seconds: Counter[float]) -> Series:
    at = tuple(sorted(seconds))
    return Series(at, tuple(float(seconds[second]) for second in at))
