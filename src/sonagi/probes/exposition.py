"""What Prometheus endpoints answer: text format 0.0.4 and OpenMetrics 1.0, as samples. Pure.

https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SAMPLE = re.compile(
    r"([a-zA-Z_:][a-zA-Z0-9_:]*)"
    r'(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?'
    r"[ \t]+([-+]?(?:\d[\d.eE+-]*|\.\d[\d.eE+-]*|Inf|NaN|inf|nan))"
    r"(?:[ \t]+\S+)?(?:[ \t]+#.*)?[ \t]*"
)
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One line."""

    name: str
    labels: dict[str, str]
    value: float


def samples(text: str) -> Iterator[Sample]:
    """All samples. Raises ValueError, with the line, for what is no exposition."""
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _SAMPLE.fullmatch(stripped)
        if match is None:
            raise ValueError(stripped[:80])
        yield Sample(match[1], _labels(match[2] or ""), float(match[3]))


def _labels(text: str) -> dict[str, str]:
    found, at = {}, 0
    while at < len(text):
        match = _LABEL.match(text, at)
        if match is None:
            raise ValueError(text[at : at + 80])
        found[match[1]] = _ESCAPE.sub(lambda one: _ESCAPED.get(one[1], one[0]), match[2])
        at = match.end()
    return found
