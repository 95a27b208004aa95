"""What `--watch` asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sonagi.plan.problems import PlanError, Problem, nearest

WORDS = ("auto", "none", "host")
WITH_VALUE = ("pid", "port", "name", "file", "http", "https")
EXAMPLES = "auto, none, host, pid:4711, port:8080, name:TEXT, file:PATH, http://HOST/metrics"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to watch: a kind of WORDS or WITH_VALUE, and which one; of http and https the whole URL."""

    kind: str
    value: str = ""


def asked(written: Sequence[str]) -> tuple[Asked, ...]:
    """What was asked for, each thing once. Raises PlanError with all mistakes."""
    found: dict[Asked, None] = {}
    problems = []
    for text in written:
        one = _understood(text.strip())
        if isinstance(one, Problem):
            problems.append(one)
        else:
            found[one] = None
    if Asked("none") in found and len(found) > 1:
        others = ", ".join(text for text in written if text.strip() != "none")
        problems.append(Problem("watch_none", "--watch", {"others": others}))
    if problems:
        raise PlanError(problems)
    return tuple(found)


def _understood(text: str) -> Asked | Problem:
    kind, colon, value = text.partition(":")
    if kind in ("http", "https"):
        return _url(text, kind)
    if text in WORDS:
        return Asked(text)
    if kind in WITH_VALUE and colon:
        return _with_value(kind, value.strip(), text)
    near = nearest(kind, (*WORDS, *WITH_VALUE)) if kind else None
    if near is None:
        return Problem("watch", "--watch", {"value": text, "valid": EXAMPLES})
    example = next(one for one in EXAMPLES.split(", ") if one.startswith(near.removesuffix("s")))
    return Problem("watch_near", "--watch", {"value": text, "near": example})


def _with_value(kind: str, value: str, text: str) -> Asked | Problem:
    if not value:
        return Problem("watch_empty", "--watch", {"value": text})
    if kind in ("pid", "port"):
        most = 65535 if kind == "port" else 2**31 - 1
        if not value.isascii() or not value.isdigit() or not 0 < int(value) <= most:
            return Problem("watch_number", "--watch", {"value": text, "kind": kind})
        value = str(int(value))
    return Asked(kind, value)


def _url(text: str, kind: str) -> Asked | Problem:
    try:
        parts = urlsplit(text)
        fine = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number
        fine = False
    return Asked(kind, text) if fine else Problem("watch_url", "--watch", {"value": text})
