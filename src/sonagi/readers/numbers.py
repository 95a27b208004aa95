"""Numbers as other tools write them, with the bounds that their cutting leaves for the true one."""

import re

from sonagi.model.quantity import Reading

_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|µs|μs|us|ns|s)")
_TIME = re.compile(rf"(?:{_PART.pattern})+")
_MS = {"h": 3.6e6, "m": 6e4, "s": 1e3, "ms": 1.0}
_PARTS = {"µs": 1e3, "μs": 1e3, "us": 1e3, "ns": 1e6}
_SIZE = re.compile(r"(-?\d+(?:\.\d+)?)\s*([kMGTPE]?)(i?)B")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
LONGEST = 40
"""Characters of the longest number worth reading: what is longer is none, and not worth the time."""


def time(text: str) -> Reading | None:
    """A duration in ms: "574.87ms", "1m0s", "298µs". k6 cuts at two decimals and shows whole seconds from a
    minute on (its summary.js, humanizeGenericDuration), so the true one may be that much more. None for
    what is none."""
    text = text.strip()
    if len(text) > LONGEST or not _TIME.fullmatch(text):
        return None
    parts = _PART.findall(text)
    value = sum(_ms(float(number), unit) for number, unit in parts)
    if value == 0:
        return Reading.exact(0.0)
    last = parts[-1][1]
    cut = _ms(1.0, "s") if len(parts) > 1 else _ms(1.0 if last == "ns" else 0.01, last)
    return Reading(value, value, value + cut)


def _ms(number: float, unit: str) -> float:
    """Divided, not multiplied by a thousandth: 612.16 µs are 0.61216 ms to the last bit."""
    return number * _MS[unit] if unit in _MS else number / _PARTS[unit]


def size(text: str) -> Reading | None:
    """Bytes: "64 kB", "6.0 MB"; rounded, so half a unit of the last digit either way."""
    match = _SIZE.match(text.strip()[:LONGEST])
    if match is None:
        return None
    unit = (1024.0 if match[3] else 1000.0) ** " kMGTPE".index(match[2] or " ")
    value = float(match[1]) * unit
    half = 0.0 if unit == 1 else unit * (0.05 if "." in match[1] else 0.5)
    return Reading(value, max(value - half, 0.0), value + half)


def plain(text: str) -> Reading | None:
    """A number without a unit at the beginning of `text`."""
    match = _PLAIN.match(text.strip()[:LONGEST].replace(",", ""))
    return Reading.exact(float(match[0])) if match else None


def seconds(text: str) -> float | None:
    """Seconds of "10m30.0s" or "1m0s"."""
    reading = time(text)
    return reading.value / 1000 if reading else None


def rounded(value: float) -> Reading:
    """A response time that Locust rounded before it counted it: whole ms below 100, tens below 1,000,
    hundreds below 10,000, else thousands (locust/stats.py, StatsEntry._log_response_time)."""
    half = next((step / 2 for limit, step in ((100, 1), (1000, 10), (10_000, 100)) if value < limit), 500.0)
    return Reading(value, max(value - half, 0.0), value + half)


def finite(text: str | None, most: float = 1e15) -> float | None:
    """A number from 0 to `most`, as programs write it; None for all else, such as "N/A"."""
    try:
        value = float(text) if text else -1.0
    except ValueError:
        return None
    return value if 0 <= value <= most else None  # nan is not
