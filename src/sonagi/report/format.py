"""Numbers as k6 writes them (internal/js/summary.js): truncated, not rounded."""

import math


def truncated(value: float, digits: int = 2) -> str:
    """At most `digits` decimals, cut off, without trailing zeros."""
    scale = 10**digits
    # 1.15 * 100 is 114.99999999999999: a hair is added before cutting.
    cut = math.trunc(value * scale + math.copysign(1e-9, value)) / scale
    return f"{cut:.{digits}f}".rstrip("0").rstrip(".")


def duration(ms: float) -> str:
    """A time given in ms: "386.93µs", "1.14ms", "2.5s", "1m30s"."""
    if math.isnan(ms):
        return "-"
    size = abs(ms)
    if size == 0:
        return "0s"
    if size < 1e-3:
        return f"{truncated(ms * 1e6)}ns"
    if size < 1:
        return f"{truncated(ms * 1e3)}µs"
    if size < 1e3:
        return f"{truncated(ms)}ms"
    if size < 60e3:
        return f"{truncated(ms / 1e3)}s"
    minutes, rest = divmod(int(ms / 1e3), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s"


def size(count: float) -> str:
    """Bytes, by thousands: "6.4 kB"."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(count) < 1000 or unit == "TB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{truncated(count, 1)} {unit}"
        count /= 1000
    raise AssertionError("unreachable")


def percent(share: float) -> str:
    """A share as "37.83%"."""
    return f"{math.trunc(share * 10000 + 1e-9) / 100:.2f}%"


def number(value: float) -> str:
    """A plain value, up to six decimals."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def value(amount: float, contains: str) -> str:
    """A value of a metric that contains "time", "data" or "default"."""
    if contains == "time":
        return duration(amount)
    return size(amount) if contains == "data" else number(amount)


def rate(per_second: float, contains: str) -> str:
    """How much a second."""
    return f"{size(per_second)}/s" if contains == "data" else f"{per_second:.6f}/s"


def clock(seconds: float) -> str:
    """Elapsed time: "00m12s", "1h02m03s"."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}h{minutes:02}m{left:02}s" if hours else f"{minutes:02}m{left:02}s"
