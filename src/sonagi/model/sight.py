"""What the probes saw of the server's side in one second."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sonagi.model.traffic import Event, LogTemplate


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at everything that is watched.

    Whoever keeps it knows when load began, and places it: an event's `at` is read on the same clock as the
    sight's own, and a template's `first_at` and `by_second` are filled in by the keeper."""

    at: float
    """`time.monotonic()` when the look began."""
    signals: Mapping[str, float] = field(default_factory=dict)
    """By the names of `model.signals`, and others under their own. What is missing was not seen this time."""
    log: tuple[LogTemplate, ...] = ()
    """Lines written since the look before, `count` of that time alone. `stamps` are seconds since 1970."""
    events: tuple[Event, ...] = ()
    unseen: tuple[str, ...] = ()
    """What could not be watched, each told once: keys of the catalogue `unseen`, with values behind a bar."""
