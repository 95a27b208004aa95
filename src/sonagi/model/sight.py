"""What the probes saw of the server's side in one second."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sonagi.model.traffic import Event, LogTemplate


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at everything that is watched.

    All times in it are on one clock, `time.monotonic()`: `at`, each event's `at`, each template's `first_at`.
    Whoever keeps sights knows when load began and takes that off."""

    at: float
    """When the look began."""
    signals: Mapping[str, float] = field(default_factory=dict)
    """By the names of `model.signals`, and others under their own. What is missing was not seen this time;
    of `prom.…` only what has changed is given."""
    log: tuple[LogTemplate, ...] = ()
    """Lines that were read since the look before: `count` is of these alone, `by_second` is empty. The same
    template may be there twice, for lines written in different seconds. `stamps` are seconds since 1970."""
    events: tuple[Event, ...] = ()
    unseen: tuple[str, ...] = ()
    """What could not be watched, each told once: see `model.unseen`."""
