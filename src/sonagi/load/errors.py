"""Exceptions in a script: each kind is told once, with a count, however many there are."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from sonagi._core import mask
from sonagi.load.script import place_of, script_traceback

Note = Callable[[str, str], None]


@dataclass
class _Kind:
    message: str
    traceback: str
    untold: int = 0


class ScriptErrors:
    """Collects exceptions by type and place. `note(kind, json)` gets the first of each at once and
    the rest as a count whenever `tell` is called."""

    def __init__(self, path: str, note: Note) -> None:
        self._path = path
        self._note = note
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._lines: dict[tuple[type, object, int], tuple[str, str]] = {}

    def add(self, error: BaseException) -> None:
        """Count `error`."""
        key = self._key(error)
        known = self._kinds.get(key)
        if known is not None:
            known.untold += 1
            return
        self._kinds[key] = _Kind(mask(str(error)), mask(script_traceback(error, self._path)), untold=1)
        self.tell()

    def _key(self, error: BaseException) -> tuple[str, str]:
        # Formatting a traceback costs 100 µs: an error that was seen before is known by the line
        # of its outermost frames in the script alone.
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != self._path:
            trace = trace.tb_next
        if trace is None:
            return type(error).__name__, self._path
        last = trace
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._path:
                last = trace
            trace = trace.tb_next
        quick = (type(error), last.tb_frame.f_code, last.tb_lineno)
        if quick not in self._lines:
            self._lines[quick] = (type(error).__name__, place_of(error, self._path))
        return self._lines[quick]

    def tell(self) -> None:
        """Note what has been counted since the last time."""
        for (kind, place), known in self._kinds.items():
            if known.untold:
                entry = {"kind": kind, "message": known.message, "place": place, "count": known.untold}
                self._note("exception", json.dumps({**entry, "traceback": known.traceback}))
                known.untold = 0
