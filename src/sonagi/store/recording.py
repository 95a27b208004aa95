"""One run as it is heard: in memory, and in its file if it has one.

All that is ever known of a run comes through `hear`, while it goes on and when its file is read again: the
evidence and the summary of a kept run are those of the run itself. Memory goes with the seconds and the
kinds of requests, not with their number.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from sonagi.model.evidence import Evidence
from sonagi.model.result import Notice
from sonagi.model.sight import Sight
from sonagi.model.traffic import Event
from sonagi.plan.plan import Plan
from sonagi.store.clean import clean, clean_frame
from sonagi.store.evidence import gathered
from sonagi.store.facts import About, Ending, kept_plan
from sonagi.store.ledger import Ledger
from sonagi.store.rounds import Rounds
from sonagi.store.seconds import Seconds, Told
from sonagi.store.traffic import Traffic
from sonagi.store.watched import Watched, sight_json, sight_of

LATE_NS = 2_000_000_000
"""From one frame of a worker to the next; there should be one a second, whatever its script does."""


class Keeper(Protocol):
    """Where what is heard is kept. Raises OSError when it cannot be."""

    path: str

    def keep(self, kind: str, content: bytes) -> None:
        """Keep one thing, for good when this returns."""

    def keep_totals(self, frames: list[bytes]) -> None:
        """Keep what everything so far adds up to, in place of what was kept before."""

    def close(self) -> None:
        """No more comes."""

    def discard(self) -> None:
        """There was no run: leave nothing."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame that was heard, and which second of the load is whole now: told by all workers."""

    told: Told
    ends_before: bool
    """That before the frame's."""
    ends_with: bool
    """The frame's own."""


class Recording:
    """What is heard of one run. Times are those of `time.monotonic()` on this machine, which the frames'
    own stamps and the probes' sights are on too."""

    def __init__(
        self, plan: Plan, about: About, keeper: Keeper | None = None, run_id: str | None = None
    ) -> None:
        self.plan = kept_plan(plan)
        self.about = about
        self.run_id = run_id
        self.ledger = Ledger(is_open=any(scenario.is_open for scenario in plan.scenarios))
        self.seconds = Seconds()
        self.rounds = Rounds()
        self.traffic = Traffic()
        self.watched = Watched()
        self.warnings: list[tuple[float, str]] = []
        """(second of the load, key) of what workers warned of."""
        self.began: float | None = None
        self.began_wall: float | None = None
        self.ended: float | None = None
        self.last = 0.0
        """Seconds after load began that the latest frame reaches to."""
        self.ending: Ending | None = None
        self.findings: dict[str, Any] | None = None
        self.whole = False
        """Whether the loss of a worker made a second whole."""
        self.lost = False
        """Whether the file has not everything, because it could not be written."""
        self._keeper = keeper
        self._totals_due = 0.0

    # --- while the run goes on ---

    def load_begins(self, at: float, wall: float, workers: int = 1) -> None:
        """Load of `workers` workers begins at `at`; `wall` is the same in seconds since 1970."""
        self._tell("load_begins", {"at": at, "wall": wall, "workers": workers})

    def load_ends(self, at: float) -> None:
        """Load has ended; what comes is of teardown()."""
        self._tell("load_ends", {"at": at})

    def lose(self, worker: int) -> bool:
        """A worker is gone; whether the others have told of their second."""
        self._tell("lost", {"worker": worker})
        return self.whole

    def frame(self, data: bytes) -> Heard | None:
        """A worker's second. One that cannot be read is counted, and said at the end: None."""
        try:
            kept = clean_frame(data)
            self.ledger.totals.merge(data)
        except ValueError:
            self._tell("broken", {})
            return None
        self._keep("frame", kept)
        heard = self._hear_frame(kept, count=True)
        self._keep_totals()
        return heard

    def sight(self, sight: Sight) -> None:
        """What the probes saw in a second."""
        self._tell("sight", sight_json(sight))

    def event(self, event: Event) -> None:
        """Something that happened to the run itself."""
        self.sight(Sight(event.at, events=(event,)))

    def notice(self, key: str, **values: Any) -> None:
        """Something the user is told: the same is told once."""
        if Notice(key, values) not in self.ledger.notices:
            self._tell("notice", {"key": key, "values": values})

    def end(self, ending: Ending) -> None:
        """The run is over."""
        self._keep_totals(due=True)
        self._tell("end", ending.to_json())

    def found(self, diagnosis: Mapping[str, Any]) -> None:
        """Keep what was found in the evidence, for whoever reads the file."""
        self._tell("findings", dict(diagnosis))

    def close(self) -> None:
        """No more is heard."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            with suppress(OSError):  # what was kept can be read
                keeper.close()

    def discard(self) -> None:
        """There was no run."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            with suppress(OSError):
                keeper.discard()

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        content = _json(data)
        self._keep(kind, content)
        self.hear(kind, content)

    def _keep(self, kind: str, content: bytes) -> None:
        if self._keeper is None:
            return
        try:
            self._keeper.keep(kind, content)
        except OSError as error:
            self._lost(error)

    def _keep_totals(self, *, due: bool = False) -> None:
        if self._keeper is None or (not due and self.last < self._totals_due):
            return
        frames = self.ledger.totals.frames()
        size = sum(map(len, frames))
        # Every ten seconds, and less often when there is much of it.
        self._totals_due = self.last + max(10.0, size / 200_000)
        try:
            self._keeper.keep_totals(frames)
        except OSError as error:
            self._lost(error)

    def _lost(self, error: OSError) -> None:
        """What is heard from here on is in memory only."""
        path = self._keeper.path if self._keeper else ""
        self.lost = True
        self.close()
        self.ledger.notice("store.lost", path=path, reason=error.strerror or str(error))

    # --- live and read again ---

    def hear(self, kind: str, content: bytes, *, count: bool = True) -> None:
        """One thing, as it is kept; `count` is false for a frame that the totals have already. Raises
        ValueError
        for what nobody keeps."""
        if kind == "frame":
            if count:
                self.ledger.totals.merge(content)
            self._hear_frame(content, count)
            return
        data = json.loads(content)
        if kind == "load_begins":
            self.began, self.began_wall = data["at"], data["wall"]
            self.rounds = Rounds(data.get("workers", 1))
        elif kind == "load_ends":
            self.ended = data["at"]
        elif kind == "sight":
            self.watched.hear(sight_of(data))
        elif kind == "notice":
            self.ledger.notice(data["key"], **data["values"])
        elif kind == "lost":
            self._lose(data["worker"], count)
        elif kind == "broken":
            self.ledger.broken_frames += 1
        elif kind == "findings":
            self.findings = data
        elif kind == "end":
            self.ending = Ending.from_json(data)

    def _hear_frame(self, frame: bytes, count: bool) -> Heard:
        told = self.seconds.hear(frame, self.began, self.ended is None)
        head, notes, second = told.head, told.notes, told.second
        ends_before = second > 0 and self.rounds.ends_before(second)
        if ends_before and count:
            self.ledger.count_users()
        self.ledger.hear(head.worker, notes)
        if second and told.span_ns > LATE_NS:
            self.ledger.late(head.worker, told.span_ns / 1e9 - 1)
        ends_with = second > 0 and told.whole and self.rounds.ends_with(head.worker, second)
        if ends_with and count:
            self.ledger.count_users()
        self.traffic.hear(head.worker, second, notes)
        self.warnings += [(second, note["key"]) for kind, note in notes if kind == "warning"]
        if self.began is not None:
            self.last = max(self.last, head.monotonic_ns / 1e9 - self.began)
        return Heard(told, ends_before, ends_with)

    def _lose(self, worker: int, count: bool) -> None:
        self.ledger.lose(worker)
        self.seconds.lose(worker)
        self.whole = self.rounds.lose(worker)
        if self.whole and count:
            self.ledger.count_users()

    @property
    def source(self) -> str:
        """The script, or the URL that is hit."""
        hit = (str(one.request["url"]) for one in self.plan.scenarios if one.request)
        return self.plan.script or next(hit, "")

    def evidence(self) -> Evidence:
        """What is known by now."""
        return gathered(self)


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(clean(data), ensure_ascii=False).encode(errors="replace")
