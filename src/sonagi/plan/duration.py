"""Durations: k6's strings ("1m30s", "500ms", "1d2h"), or bare numbers of seconds."""

import math
import re
from datetime import timedelta

Duration = str | int | float | timedelta

_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_PART = re.compile(rf"({_NUMBER})(ns|us|µs|μs|ms|s|m|h|d)")
_BARE = re.compile(_NUMBER)


def parse_duration(value: Duration) -> float:
    """Seconds. Raises ValueError with a code for the catalogue: "duration", "duration_unit" (a
    string without a unit, which k6 takes for milliseconds) or "duration_negative"."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("duration")
    if isinstance(value, str):
        value = _from_text(value.strip())
    try:
        seconds = float(value)
    except OverflowError:
        raise ValueError("duration") from None
    if not math.isfinite(seconds):
        raise ValueError("duration")
    if seconds < 0:
        raise ValueError("duration_negative")
    return seconds


def _from_text(text: str) -> float:
    sign = -1.0 if text.startswith("-") else 1.0
    body = text[1:] if text.startswith(("+", "-")) else text
    if body == "0":
        return 0.0
    if _BARE.fullmatch(body):
        raise ValueError("duration_unit")
    parts = _PART.findall(body)
    if not parts or "".join(number + unit for number, unit in parts) != body:
        raise ValueError("duration")
    return sign * sum(float(number) * _SECONDS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """As k6 writes it: "10m30s", "1h0m0s", "500ms"."""
    if seconds < 1:
        return f"{seconds * 1000:.10g}ms" if seconds else "0s"
    whole, fraction = divmod(round(seconds, 3), 60)
    rest = f"{fraction:.10g}s"
    hours, minutes = divmod(int(whole), 60)
    if hours:
        return f"{hours}h{minutes}m{rest}"
    return f"{minutes}m{rest}" if minutes else rest
