"""One signal while it grows: two numbers a second, whatever the load."""

from array import array
from math import inf

from sonagi.model.series import Series


class Track:
    """Values and when they were seen, on whichever clock they come by."""

    __slots__ = ("at", "values")

    def __init__(self) -> None:
        self.at = array("d")
        self.values = array("d")

    def add(self, at: float, value: float) -> None:
        """`value` was seen at `at`, no earlier than the one before."""
        self.at.append(at)
        self.values.append(value)

    def count(self, at: float, more: float) -> None:
        """Add `more` to the value of the moment `at`, the latest there is or a new one."""
        if self.at and self.at[-1] == at:
            self.values[-1] += more
        else:
            self.add(at, more)

    def series(self, began: float = 0.0, most: float = inf) -> Series:
        """As seconds after `began`, to the millisecond; none is later than `most`."""
        return Series(tuple(round(min(at - began, most), 3) for at in self.at), tuple(self.values))
