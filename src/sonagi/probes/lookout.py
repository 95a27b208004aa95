"""Looks at everything that is watched once a second, in a thread of its own."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sonagi.model.sight import Sight
from sonagi.model.unseen import note
from sonagi.probes.asked import Asked
from sonagi.probes.discovery import Discovery
from sonagi.probes.endpoint import Endpoint
from sonagi.probes.host import Host
from sonagi.probes.kernel import Kernel
from sonagi.probes.log import Log
from sonagi.probes.probe import Probe, Seen
from sonagi.probes.process import Process

SEARCHING = 0.1
"""Seconds between two looks for where the load goes, until that is known: what the server was like before it
had anything to do is worth having."""
STEPPED = 0.5
"""Seconds by which wall and monotonic clock must part to be told: a leap, not a correction."""


class Lookout:
    """All probes of a run. `workers` gives the processes that make its load; `interval` is in seconds."""

    def __init__(
        self, asked: Sequence[Asked], workers: Callable[[], Iterable[int]], *, interval: float = 1.0
    ) -> None:
        self.interval = interval
        self.probes = probes_for(asked, workers)
        self.discovery = Discovery(workers, tuple(self.probes)) if Asked("auto") in asked else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go, name="lookout", daemon=True)
        self._on_sight: Callable[[Sight], None] = lambda _: None
        self._offset: float | None = None
        self._unseen: list[str] = []

    def start(self, on_sight: Callable[[Sight], None]) -> None:
        """Begin to look; `on_sight` is called from this lookout's thread."""
        self._on_sight = on_sight
        self._thread.start()

    def stop(self) -> None:
        """Look once more, and end."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _go(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            if self._discover() or time.monotonic() >= due:
                self.look()
                due = time.monotonic() + self.interval
            searching = self.discovery is not None and not self.discovery.found
            left = max(due - time.monotonic(), 0.0)
            self._stop.wait(min(left, SEARCHING * self.interval) if searching else left)
        self.look(last=True)
        for probe in self.probes:
            probe.close()
        if self.discovery is not None:
            self.discovery.close()

    def look(self, *, last: bool = False) -> None:
        """One look, handed over. A probe that raises is silenced and told; the others go on."""
        seen = Seen(time.monotonic(), time.time())
        self._compare_clocks(seen)
        for probe in list(self.probes):
            try:
                if last and isinstance(probe, Log):
                    probe.finish(seen)
                else:
                    probe.look(seen)
            except Exception as error:  # noqa: BLE001 (whatever it is, the run goes on)
                self.probes.remove(probe)
                probe.close()
                seen.unseen.append(_failed(probe.name, error))
        seen.unseen += self._unseen
        self._unseen.clear()
        if self.discovery is not None:
            seen.unseen += self.discovery.unseen
            self.discovery.unseen.clear()
            if last and not self.discovery.found:
                seen.unseen.append(note("unseen.target_none"))
        self._on_sight(seen.sight())

    def _discover(self) -> bool:
        if self.discovery is None:
            return False
        known = {probe.name for probe in self.probes}
        try:
            found = self.discovery.look()
        except Exception as error:  # noqa: BLE001 (what was found until now is watched on)
            self._unseen.append(_failed("auto", error))
            return False
        new = [probe for probe in found if probe.name not in known]
        for probe in found:
            if probe not in new:
                probe.close()  # it was named, too
        self.probes += new
        return bool(new)

    def _compare_clocks(self, seen: Seen) -> None:
        offset = seen.wall - seen.at
        if self._offset is not None and abs(offset - self._offset) > STEPPED:
            seen.happened("clock_step", f"{offset - self._offset:+.1f}", "host")
        self._offset = offset


def _failed(name: str, error: Exception) -> str:
    """Its kind alone: what an error says may hold what it was asked with."""
    return note("unseen.probe_failed", name=name, reason=type(error).__name__)


def probes_for(asked: Sequence[Asked], workers: Callable[[], Iterable[int]]) -> list[Probe]:
    """A probe for each thing that was named; the host with whatever else lives on it. Signals of the server
    itself bear no suffix: it is the first process that was named, or the one that `auto` will find."""
    probes: list[Probe] = []
    processes = endpoints = 0
    for one in asked:
        if one.kind in ("pid", "port", "name"):
            first = not processes and (one.kind == "port" or Asked("auto") not in asked)
            suffix = "" if first else f"|{one.kind}:{one.value}"
            probes.append(Process(one, suffix, frozenset({os.getpid(), *workers()})))
            processes += 1
        elif one.kind == "file":
            probes.append(Log(Path(one.value)))
        elif one.kind in ("http", "https"):
            probes.append(
                Endpoint(one.value, f"|{urlsplit(one.value).port or one.kind}" if endpoints else "")
            )
            endpoints += 1
    if Asked("host") in asked or processes:
        probes[:0] = [Host(loopback=True), Kernel()]
    return probes
