"""Moments as tools write them beside each sample."""

import re

from sonagi.probes.line_times import claimed

_REST = re.compile(r"(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$")
ANY_YEAR = 1970
"""For stamps that name their own."""


class Clock:
    """Seconds since 1970 of stamps that come about in order: RFC 3339, or a number of seconds, milli-, micro-
    or nanoseconds."""

    def __init__(self) -> None:
        self._key = ""
        self._second = 0.0

    def __call__(self, text: str) -> float | None:
        """The moment that `text` stands for; None for what is no time."""
        if text.isascii() and text.isdigit():
            # 1e11 seconds are in the year 5138, as many ms in 1973.
            scale = 3 * sum(len(text) > digits for digits in (11, 14, 17))
            return float(text[:25]) / 10.0**scale
        rest = _REST.match(text, 19)
        if rest is None:
            return None
        key = text[:19] + (rest[2] or "")
        if key != self._key:
            found = claimed(text, ANY_YEAR)
            if found is None:
                return None
            self._key, self._second = key, found[0] // 1
        return self._second + float(rest[1] or 0.0)
