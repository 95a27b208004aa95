"""Sentences of a diagnosis, with their numbers in the reader's language and units."""

from collections.abc import Callable
from math import isinf

from sonagi.locale import text
from sonagi.model.finding import Said
from sonagi.model.quantity import Quantity


def say(said: Said) -> str:
    """The sentence, its quantities written out; a value may be a sentence itself."""
    return text(said.key, **{name: _shown(value) for name, value in said.values.items()})


def _shown(value: object) -> object:
    if isinstance(value, Quantity):
        return quantity(value)
    return say(value) if isinstance(value, Said) else value


def quantity(amount: Quantity) -> str:
    """A number with its unit: "40,600", "16m 51s", "5.2 ms", "93.8 MB", "21 %", "98.6/s"."""
    return _SHOWN[amount.unit](amount.value)


def number(value: float) -> str:
    """Three digits that count, all of a whole number: "40,600", "98.6", "0.43"."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    rounded = f"{value:.{digits}f}"
    if digits:
        rounded = rounded.rstrip("0").rstrip(".")
    return rounded if float(rounded) else f"{value:.1g}"


def time(seconds: float) -> str:
    """Seconds, from microseconds up to hours."""
    if seconds == 0:
        return f"0{text('quantity.second')}"
    if isinf(seconds):
        return text("quantity.unknown")
    if abs(seconds) < 1e-3:
        return f"{number(seconds * 1e6)} µs"
    if abs(seconds) < 1:
        return f"{number(seconds * 1e3)} ms"
    if abs(seconds) < 60:
        return f"{number(seconds)}{text('quantity.second')}"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (rest, "second")]
    return " ".join(f"{count}{text(f'quantity.{unit}')}" for count, unit in parts if count)


def size(count: float) -> str:
    """Bytes, by thousands."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{number(count)} {unit}"


def share(part: float) -> str:
    """0 to 1 as per cent, with as many digits as it takes to tell it from none and from all."""
    percent = part * 100
    if 0 < percent < 1 or 99 < percent < 100:
        return f"{percent:.2g} %" if percent < 1 else f"{percent:.2f} %"
    return f"{percent:.1f} %" if percent % 1 and percent < 10 else f"{percent:.0f} %"


def cores(count: float) -> str:
    """CPU: "1.5 cores"."""
    return text("quantity.core" if count == 1 else "quantity.cores", count=number(count))


_SHOWN: dict[str, Callable[[float], str]] = {
    "count": number,
    "plain": number,
    "ms": lambda value: time(value / 1000),
    "s": time,
    "B": size,
    "B_per_s": lambda value: f"{size(value)}/s",
    "share": share,
    "per_s": lambda value: f"{number(value)}/s",
    "cores": cores,
}
