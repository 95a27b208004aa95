"""What workers tell besides numbers: the notes of all frames of the runs that go on meanwhile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sonagi._core import Totals
from sonagi.store.recording import Recording


class Notes:
    """Notes by their kind, in the order in which they came."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Any]] = []

    def of(self, kind: str) -> list[Any]:
        """What was told under `kind`; lists are put together."""
        told = [payload for name, payload in self.all if name == kind]
        return [entry for note in told for entry in (note if isinstance(note, list) else [note])]

    def total(self, kind: str, key: str) -> int:
        """The sum of `key` over all that was told under `kind`."""
        return sum(entry[key] for entry in self.of(kind))


@contextmanager
def heard() -> Iterator[Notes]:
    """All notes that reach a coordinator of this process."""
    notes, hear = Notes(), Recording.frame

    def listen(recording: Recording, frame: bytes) -> None:
        notes.all += [(kind, json.loads(payload)) for kind, payload in Totals().merge(frame).notes]
        hear(recording, frame)

    with patch.object(Recording, "frame", listen):
        yield notes
