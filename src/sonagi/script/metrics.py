"""Metrics of your own: Counter, Gauge, Rate and Trend, as in k6.

Make them at the top of the script, so that thresholds on them can be checked before the run:

    tickets = Counter("tickets_issued")

    async def browse(vu):
        …
        tickets.add(1)
"""

import math
import re
from collections.abc import Mapping
from typing import ClassVar

from sonagi._core import current_scope

# k6's rule (metrics/registry.go): a letter or underscore, then at least one more.
_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]{1,128}$")

# One registry per process: a script is loaded once in it, and its metrics live as long.
declared: dict[str, "Metric"] = {}


class Metric:
    """What the four kinds share. Raises ValueError for a bad name, and for a name that another
    metric of a different kind has."""

    kind: ClassVar[str]
    __slots__ = ("contains", "name")

    def __init__(self, name: str, contains: str = "default") -> None:
        if not _NAME.match(name):
            raise ValueError(
                f"{name!r} is no name for a metric: 2 or more letters, digits or underscores, no digit first"
            )
        other = declared.get(name)
        if other is not None and other.kind != self.kind:
            raise ValueError(f"metric {name!r} exists already as a {other.kind}")
        self.name = name
        self.contains = contains
        declared[name] = self

    def _add(self, value: float, tags: Mapping[str, str] | None) -> None:
        where = current_scope()
        if where is None:
            raise RuntimeError(f"{self.name}.add() belongs into a scenario's function, setup() or teardown()")
        value = float(value)
        if not math.isfinite(value):
            raise ValueError(f"{self.name}.add({value}): a measured value is a finite number")
        pairs = [(key, str(text)) for key, text in tags.items()] if tags else None
        where.record(self.name, self.kind, self.contains, value, pairs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class Counter(Metric):
    """A sum, and its rate per second."""

    kind = "counter"

    def add(self, value: float = 1, tags: Mapping[str, str] | None = None) -> None:
        """Add `value` to the sum."""
        self._add(value, tags)


class Gauge(Metric):
    """The last value, with the smallest and the largest."""

    kind = "gauge"

    def add(self, value: float, tags: Mapping[str, str] | None = None) -> None:
        """`value` is what it is now."""
        self._add(value, tags)


class Rate(Metric):
    """How often something was true."""

    kind = "rate"

    def add(self, value: bool | float, tags: Mapping[str, str] | None = None) -> None:
        """Count one more: true when `value` is not zero."""
        self._add(1.0 if value else 0.0, tags)


class Trend(Metric):
    """A distribution: average, extremes and percentiles. With `is_time`, values are milliseconds
    and shown as times."""

    kind = "trend"

    def __init__(self, name: str, is_time: bool = False) -> None:
        super().__init__(name, "time" if is_time else "default")

    def add(self, value: float, tags: Mapping[str, str] | None = None) -> None:
        """Add one value."""
        self._add(value, tags)
